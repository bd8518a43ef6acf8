//! Whatever a page holds, nothing panics and every quote stands in its layer (`Site::extract` checks them all).

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]
#![allow(unreachable_pub, dead_code)]

mod support;

use proptest::prelude::*;
use support::{Site, one, values};

/// Pieces of pages, whole and broken.
const PIECES: [&str; 39] = [
    "<h1>Our team</h1>",
    "<div class=card><h3>Mara Lind</h3><p>CEO</p></div>",
    "<li>Tomas Weil, CTO at Acme</li>",
    "<ul>",
    "</ul>",
    "<p>",
    "</p>",
    "<br>",
    "<a href='mailto:info@acme.example'>Mail</a>",
    "<a href=\"tel:+441134960000\">",
    "</a>",
    "<a href=https://x.com/acme><svg></svg></a>",
    "<img alt='Northwind logo'>",
    "<h2>Trusted by</h2>",
    "<footer>",
    "</footer>",
    "© 2012–2024 Acme Ltd, 12 Mill Lane, Leeds LS1 4AP",
    "VAT no. GB 980 7806 84",
    "<script type='application/ld+json'>",
    "{\"@type\":\"Organization\",\"name\":\"Acme\",\"url\":\"https://acme.example\",\"foundingDate\":\"2014\"}",
    "{\"@type\":\"Person\",\"name\":\"M\\u00e4ra Lind\",\"jobTitle\":\"CEO\"",
    "</script>",
    "<!--",
    "-->",
    "<table><tr><td>Starter</td><td>£49 per month</td></tr></table>",
    "<meta name=generator content='WordPress 6.4'>",
    "<div itemscope itemtype='https://schema.org/Product'><span itemprop=name>FlowOne</span></div>",
    "<template>",
    "<div hidden>Eva Stone, CFO</div>",
    "“It works.” — Jane Doe, CEO of Northwind",
    "founded in 2014",
    "We are 34 people.",
    "&amp;",
    "&ouml;",
    "ß\u{301}İ",
    "<p><b>",
    "“",
    "\"",
    "<",
];

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(96) })]

    #[test]
    fn any_page_is_read_without_a_panic(
        pieces in prop::collection::vec(prop::sample::select(PIECES.to_vec()), 0..40),
        url in prop::sample::select(vec!["https://acme.example/", "https://acme.example/team", "https://acme.de/impressum", "https://acme.example/pricing"]),
    ) {
        Site::new().page(url, &format!("<!doctype html><html><body>{}", pieces.concat())).extract();
    }
}

#[test]
fn bytes_that_are_no_utf8_are_quoted_from_the_text() {
    let html = "<html lang=de><head><meta charset=iso-8859-1><script type='application/ld+json'>{\"@context\":\"https://schema.org\",\
        \"@type\":\"Organization\",\"name\":\"M\u{fc}ller Pumpen\",\"url\":\"https://mueller.example\"}</script></head><body><main>\
        <h1>M\u{fc}ller Pumpen</h1><p>Wir sind 34 Mitarbeiter in K\u{f6}ln. Schreiben Sie an <a href='mailto:info@mueller.example'>uns</a>.</p>\
        </main></body></html>";
    let bytes: Vec<u8> = html.chars().map(|c| c as u8).collect();
    let found = Site::new().page_bytes("https://mueller.example/", &bytes).extract();
    let own = one(&found, "organisation", "Müller Pumpen");
    assert!(own.evidence.iter().any(|e| e.layer == domain::Layer::Text && e.quote == "Müller Pumpen"));
    assert_eq!(values(&found, "email"), ["info@mueller.example"]);
}
