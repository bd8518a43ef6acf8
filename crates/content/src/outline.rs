//! What the crawler needs to know of a page, without the cost of choosing its main text.

use domain::{DocumentId, Link};
use url::Url;

use crate::html::page::{Page, Shell};
use crate::read::{Hint, read};
use crate::{Error, Type, language, markers, sniff};

/// How much of the visible text is searched for walls and the like.
const SEARCHED_BYTES: usize = 20_000;

/// A page in outline. All addresses are absolute.
#[derive(Debug, Clone, PartialEq)]
pub struct Outline {
    pub kind: Type,
    pub charset: Option<String>,
    pub title: Option<String>,
    /// Headings of the first level.
    pub headings: Vec<String>,
    /// What a reader sees, up to some 20 kB.
    pub text: String,
    pub language: Option<String>,
    pub links: Vec<Link>,
    /// `<base>`, or the page's own address.
    pub base: Option<Url>,
    pub canonical: Option<Url>,
    /// `hreflang` (lower case) and address.
    pub alternates: Vec<(String, Url)>,
    pub next: Option<Url>,
    pub prev: Option<Url>,
    /// RSS and Atom.
    pub feeds: Vec<Url>,
    /// By `<meta name=robots>`.
    pub noindex: bool,
    pub nofollow: bool,
    /// Visible words outside of navigation, header, footer, asides and notices; of a page read from its state, the
    /// state's words.
    pub words: u32,
    /// All words that a reader sees.
    pub visible_words: u32,
    /// Words shown in the element that an application is mounted in, if there is one.
    pub app_root_words: Option<u32>,
    /// Bytes of script in the page itself.
    pub script_bytes: usize,
    /// As in [`domain::Content`]; compare similarity with [`crate::hash::hamming`].
    pub text_hash: String,
    pub simhash: u64,
    pub password_field: bool,
    /// The title or first heading is that of a sign-in page, or a form leads to a sign-in path.
    pub sign_in: bool,
    /// Forms in which readers tell something of themselves.
    pub personal_forms: usize,
    /// `tel:` or `mailto:` links.
    pub contact: bool,
    /// JSON-LD, microdata or RDFa.
    pub structured: bool,
    /// Words in the strings of embedded application state; read only where the page looks like a shell.
    pub state_words: u32,
    /// The text is that of the state.
    pub from_state: bool,
    /// Why the page needs a script to show its text (`root`, `scripts`, `notice`), where its state does not say it.
    pub needs_js: Option<&'static str>,
    /// The wall that its markup or text is known from (`cloudflare`, `captcha`). Counts only with few words.
    pub wall: Option<&'static str>,
    /// Looks like a domain without a site. Counts only with few words.
    pub parked: bool,
    /// The title or first heading says that the page is not there. Counts only with few words.
    pub not_found: bool,
    pub warnings: Vec<String>,
}

/// Reads a page in outline; other documents are read in full, since only then their verdict is known.
///
/// # Errors
/// As [`crate::read`].
pub fn outline(raw: &[u8], hint: &Hint<'_>) -> Result<Outline, Error> {
    let kind = sniff(raw);
    if kind.is_html() { of_page(raw, kind, hint) } else { of_other(raw, kind, hint) }
}

fn of_page(raw: &[u8], kind: Type, hint: &Hint<'_>) -> Result<Outline, Error> {
    let page = Page::open(raw, hint)?;
    let links = page.links(&page.drafts.blocks);
    let title = page.title(hint);
    let text = page.visible_text(SEARCHED_BYTES);
    let full_title = page.head.title.clone().unwrap_or_default();
    let headings: Vec<String> = first_headings(&page);
    let named =
        |says: fn(&str) -> bool| says(&full_title) || headings.iter().take(3).any(|heading| says(heading));
    let (password_field, sign_in_form) = page.sign_in();
    let found = markers::find(&page.source.text, &full_title, &text);
    let from_state = page.is_from_state();
    let needs_js = page.shell.filter(|_| !from_state).map(|shell| match shell {
        Shell::Root => "root",
        Shell::Scripts => "scripts",
        Shell::Notice => "notice",
    });
    Ok(Outline {
        kind,
        charset: Some(page.source.charset.to_owned()),
        language: language::of(&text, page.declared_language(hint).as_deref()),
        base: page.base.clone(),
        noindex: page.head.noindex,
        nofollow: page.head.nofollow,
        words: page.fingerprint.words,
        visible_words: page.visible_words(),
        app_root_words: page.app_root_words(),
        script_bytes: page.script_bytes(),
        text_hash: page.fingerprint.text_hash.clone(),
        simhash: page.fingerprint.simhash,
        password_field,
        sign_in: sign_in_form || named(markers::says_sign_in),
        personal_forms: page.personal_forms(),
        contact: Page::has_contact(&links),
        structured: !(page.data.jsonld.is_empty()
            && page.data.microdata.is_empty()
            && page.data.rdfa.is_empty()),
        state_words: page.state_words(),
        from_state,
        needs_js,
        wall: found.wall,
        parked: found.parked,
        not_found: named(markers::says_not_found),
        title,
        headings,
        text,
        links,
        canonical: page.head.canonical,
        alternates: page.head.alternates,
        next: page.head.next,
        prev: page.head.prev,
        feeds: page.head.feeds,
        warnings: page.warnings,
    })
}

fn first_headings(page: &Page<'_>) -> Vec<String> {
    use domain::Region::{Banner, Hidden};
    let seen = page.drafts.blocks.iter().filter(|block| !matches!(block.place.region, Hidden | Banner));
    seen.filter(|block| block.level == Some(1)).map(|block| block.text.clone()).take(10).collect()
}

fn of_other(raw: &[u8], kind: Type, hint: &Hint<'_>) -> Result<Outline, Error> {
    let content = read(raw, hint, None, DocumentId::new())?;
    let first = content.blocks.iter().filter(|block| block.level == Some(1));
    Ok(Outline {
        kind,
        headings: first.map(|block| content.block_text(block).to_owned()).take(10).collect(),
        contact: Page::has_contact(&content.links),
        words: content.word_count,
        visible_words: content.word_count,
        app_root_words: None,
        script_bytes: 0,
        text: content.text,
        charset: content.charset,
        title: content.title,
        language: content.language,
        links: content.links,
        base: hint.url.cloned(),
        text_hash: content.text_hash,
        simhash: content.simhash,
        warnings: content.warnings,
        canonical: None,
        alternates: Vec::new(),
        next: None,
        prev: None,
        feeds: Vec::new(),
        noindex: false,
        nofollow: false,
        password_field: false,
        personal_forms: 0,
        sign_in: false,
        structured: false,
        state_words: 0,
        from_state: false,
        needs_js: None,
        wall: None,
        parked: false,
        not_found: false,
    })
}
