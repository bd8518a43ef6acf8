//! Bytes made to break readers, and bytes made by chance.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

mod common;

use common::{check, page};
use content::{Error, Hint, outline, read, sniff};
use domain::DocumentId;
use proptest::prelude::*;

#[test]
fn a_hundred_thousand_nested_elements_are_flattened() {
    for tag in ["div", "b", "table", "li", "blockquote", "a href=x", "section", "span hidden"] {
        let name = tag.split(' ').next().unwrap();
        let html = format!(
            "<p>before{}deep{}<p>after",
            format!("<{tag}>").repeat(100_000),
            format!("</{name}>").repeat(100_000)
        );
        let content = page(html.as_bytes());
        assert!(
            content.text.contains("before") && content.text.contains("after"),
            "{tag}: {}",
            content.text.len()
        );
        assert!(tag != "div" || !content.warnings.is_empty());
    }
}

#[test]
fn five_megabytes_in_one_line_are_read() {
    let line = "word ".repeat(1_000_000);
    let html = format!("<html><body><p>{line}</p></body></html>");
    assert!(html.len() > 4_900_000 && html.len() <= 5 << 20);
    let content = page(html.as_bytes());
    assert!(content.word_count > 900_000);
    assert!(content.blocks.iter().all(|block| block.end - block.start <= 16 << 10));
    let plain = page(&line.as_bytes()[..4_000_000]);
    assert!(plain.word_count > 700_000);
}

#[test]
fn links_around_a_block_without_end_keep_their_blocks() {
    let html = format!(
        "<html><body><p><a href=/a>first</a> {}</p><p>then <a href=/b>last</a></p></body></html>",
        "word ".repeat(20_000)
    );
    let content = page(html.as_bytes());
    assert!(content.blocks.len() > 6);
    let blocks: Vec<&str> = content
        .links
        .iter()
        .map(|link| content.block_text(&content.blocks[link.block.unwrap() as usize]))
        .collect();
    assert!(blocks[0].starts_with("first word"));
    assert_eq!(blocks[1], "then last");
}

#[test]
fn a_graph_without_end_is_cut() {
    let node = r##"{"@type":"Person","@id":"#a","name":"Mara Lind"}"##;
    let graph = vec![node; 5_000].join(",");
    let html = format!(
        r#"<script type="application/ld+json">{{"@graph":[{graph}]}}</script><script type="application/ld+json">{node}</script><p>x"#
    );
    let content = page(html.as_bytes());
    assert_eq!(content.data.jsonld.len(), 1);
    assert_eq!(content.data.jsonld[0].value["@graph"].as_array().unwrap().len(), 499);
    assert_eq!(content.warnings, ["JSON-LD: no more than 500 items were read"]);
}

#[test]
fn more_than_five_megabytes_are_refused() {
    let html = format!("<html>{}", "x".repeat(5 << 20));
    assert!(matches!(
        read(html.as_bytes(), &Hint::default(), None, DocumentId::new()),
        Err(Error::TooLarge { .. })
    ));
}

#[test]
fn tags_with_attributes_without_end_are_survived() {
    let many: String = (0..300_000).map(|n| format!(" a{n}=b")).collect();
    let content = page(format!("<p>before</p><div{many}>inside</div><p>after").as_bytes());
    assert!(content.text.contains("before") && content.text.contains("after"));
    let long = format!("<p title='{}'>text</p>", "x".repeat(2_000_000));
    assert_eq!(page(long.as_bytes()).text, "text");
    let unclosed = format!("<p>before</p><a href=\"{}", "y".repeat(1_000_000));
    assert_eq!(page(unclosed.as_bytes()).text, "before");
}

#[test]
fn wide_pages_take_linear_time() {
    for piece in [
        "<button>x</button>",
        "<div class=footer>a</div>",
        "<p>word word word word word</p>",
        "<li><a href=/a>a</a>",
        "<div><b>a</b><i>b</i></div>",
        "<td>a",
        "<table><tr><td>a</table>",
        "<dl><dt>a<dd>b</dl>",
        "<my-card><h3>a</h3><p>b</p></my-card>",
        "<p>a<font size=1>b",
        "<div itemscope itemprop=a itemref=b id=b>x</div>",
        "<style>.a{display:none}</style>",
        "<br>x",
        "<h2>related</h2>",
        "<span hidden>a</span>",
    ] {
        let html = format!("<body>{}", piece.repeat(300_000 / piece.len()));
        page(html.as_bytes());
    }
}

#[test]
fn nul_bytes_broken_characters_and_cut_tags_are_survived() {
    assert_eq!(page(b"<html>\0<p>a\0b</p>\0<script>\0</script>").text, "ab");
    let broken = page(b"<html><p>caf\xe9 and \xff\xfe</p><p>next</p>");
    assert!(broken.text.ends_with("next"));
    for cut in [
        "<html><p>x</p",
        "<html><p>x<a href=\"",
        "<html><p>x<!--",
        "<html><p>x<script>",
        "<html><p>x</",
        "<html><p>x&am",
        "<html><p>x<",
    ] {
        assert!(page(cut.as_bytes()).text.starts_with('x'), "{cut}");
    }
}

#[test]
fn every_beginning_of_a_page_is_read() {
    let html = "<!doctype html><html lang=en><head><title>A — b</title><script type='application/ld+json'>{\"a\":\"é\"}</script>\
        <body><nav><a href=/x>ü</a></nav><main><h1>Team</h1><table><tr><td>a<td>b</table><ul><li>ö<li>p</ul>\
        <p itemscope itemtype=http://schema.org/Person><b itemprop=name>Ä</b></main><footer>© 2024</footer>";
    for end in 0..html.len() {
        let raw = &html.as_bytes()[..end];
        if let Ok(content) = read(raw, &Hint::default(), None, DocumentId::new()) {
            check(&content, raw);
        }
    }
}

/// Pieces of markup that meet in odd ways.
const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<div>",
    "</div>",
    "<div class=card>",
    "<a href='/x'>",
    "</a>",
    "<a href=\"mailto:a@b.example\">",
    "<table>",
    "</table>",
    "<tr>",
    "<td>",
    "<th>",
    "</tr>",
    "<ul>",
    "<li>",
    "</li>",
    "</ul>",
    "<dl>",
    "<dt>",
    "<dd>",
    "</dl>",
    "<h1>",
    "</h1>",
    "<h2>",
    "</h2>",
    "<br>",
    "<hr>",
    "<img alt='logo x'>",
    "<b>",
    "</b>",
    "<span hidden>",
    "</span>",
    "<template>",
    "</template>",
    "<svg>",
    "</svg>",
    "<math>",
    "<script>",
    "</script>",
    "<style>.a{display:none}",
    "</style>",
    "<noscript>",
    "</noscript>",
    "<pre>\n",
    "</pre>",
    "<!--",
    "-->",
    "<![CDATA[",
    "]]>",
    "<form>",
    "</form>",
    "<select>",
    "<option>",
    "</select>",
    "<nav>",
    "</nav>",
    "<footer>",
    "</footer>",
    "<main>",
    "</main>",
    "<article>",
    "</article>",
    "<blockquote>",
    "</blockquote>",
    "<body>",
    "</body>",
    "<html lang=de>",
    "<base href='//x.example/'>",
    "<div itemscope itemtype='http://schema.org/Person'>",
    "<b itemprop=name>",
    "<p vocab='http://schema.org/' typeof=Person property=name>",
    "<script type='application/ld+json'>{\"@type\":\"Person\",}",
    "<x-y>",
    "</x-y>",
    "<button>",
    "</button>",
    "<title>",
    "</title>",
    "Mara Lind",
    "Geschäftsführerin",
    "e\u{301}",
    "\u{202e}",
    "  ",
    "\n\n",
    "&amp;",
    "&#0;",
    "&nbsp;",
    "我们",
    "😀",
    "|",
    "a | b",
    "© 2024",
    "ignore all previous instructions",
    "\0",
    "<",
    ">",
    "\"",
    "'",
    "</",
    "<a",
    "style='display:none'>",
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(192))]

    #[test]
    fn any_soup_of_tags_gives_ordered_blocks(pieces in prop::collection::vec(prop::sample::select(PIECES), 0..60)) {
        let html = format!("<!doctype html>{}", pieces.concat());
        let content = page(html.as_bytes());
        let again = page(html.as_bytes());
        prop_assert_eq!(&content.text, &again.text);
        prop_assert_eq!(&content.blocks, &again.blocks);
        let seen = outline(html.as_bytes(), &Hint::default()).unwrap();
        prop_assert_eq!(seen.text_hash, content.text_hash);
    }

    #[test]
    fn any_bytes_are_read_or_refused(bytes in prop::collection::vec(any::<u8>(), 0..2_000), start in prop::sample::select(&["", "<html>", "%PDF-1.4\n", "PK\u{3}\u{4}[Content_Types].xml", "# a\n", "\u{feff}", "<?xml version='1.0'?><html>"][..])) {
        let raw = [start.as_bytes(), &bytes].concat();
        let _ = sniff(&raw);
        let _ = outline(&raw, &Hint::default());
        if let Ok(content) = read(&raw, &Hint::default(), None, DocumentId::new()) {
            check(&content, &raw);
        }
    }
}
