//! How a fetch ended, decided before anything is spent on it. Only `content` goes on.
//!
//! The rules are here; they are asked through [`judge`], which keeps the long work off the threads that wait.

mod judge;
#[cfg(test)]
mod labelled;

use domain::Verdict;
use net::HeaderMap;
use url::Url;

pub(crate) use judge::{Question, judge};

use crate::tables::{Addresses, Walls};

/// Similarity hashes this close are of one text (Manku et al. 2007).
pub(crate) const NEAR: u32 = 3;
/// Below this a similarity hash says little; texts must be equal.
pub(crate) const HASHABLE_WORDS: u32 = 100;
/// What a page must say to be one.
const SOME_WORDS: u32 = 20;
/// Under this many words of main text a page may need a script engine to show more.
const THIN_WORDS: u32 = 80;
const THIN_CHARS: usize = 200;
const SCRIPT_SHARE: f64 = 0.6;
const FEW_LINKS: usize = 3;

/// A verdict with what is finer than it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Ruling {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<String>,
}

impl Ruling {
    pub(crate) fn new(verdict: Verdict, reason: impl Into<String>) -> Self {
        Self { verdict, reason: Some(reason.into()) }
    }

    pub(crate) const fn plain(verdict: Verdict) -> Self {
        Self { verdict, reason: None }
    }
}

/// An answer, as far as its verdict needs it.
#[derive(Debug, Clone, Copy)]
struct Answer<'a> {
    status: u16,
    headers: &'a HeaderMap,
    requested: &'a Url,
    landed: &'a Url,
    /// The start page of the site.
    is_home: bool,
    body: Body<'a>,
    /// What the host says when asked for nothing.
    fingerprint: Option<&'a Fingerprint>,
}

/// What came with it.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Body<'a> {
    /// A web page.
    Page(Page<'a>),
    /// Plain text or Markdown.
    Text {
        words: u32,
    },
    /// A PDF or DOCX that can be read.
    File,
    NeedsOcr,
    Encrypted,
    Unsupported,
    TooLarge,
    /// Bytes that are not what their type promises.
    Broken,
}

/// A web page, as far as its verdict needs it.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Page<'a> {
    pub(crate) title: &'a str,
    /// First headings.
    pub(crate) headings: &'a [String],
    /// What a visitor sees, all regions.
    pub(crate) text: &'a str,
    pub(crate) source: &'a [u8],
    /// Words of the main part, and of all parts.
    pub(crate) main_words: u32,
    pub(crate) words: u32,
    pub(crate) simhash: u64,
    pub(crate) text_hash: &'a str,
    pub(crate) has_password: bool,
    /// It says something in structured form, or names a telephone number or e-mail address.
    pub(crate) has_facts: bool,
    /// Words inside the element where a script would put the page.
    pub(crate) app_root_words: Option<u32>,
    pub(crate) script_bytes: usize,
    pub(crate) links_in_scope: usize,
    pub(crate) marks: Marks,
}

/// What `content` recognised in title, text and source; counts only on a page with few words.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Marks {
    pub(crate) wall: bool,
    pub(crate) parked: bool,
    pub(crate) not_found: bool,
    pub(crate) asks_for_script: bool,
}

/// A host's answer to an address that cannot exist.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub(crate) struct Fingerprint {
    pub(crate) simhash: u64,
    pub(crate) text_hash: String,
    pub(crate) words: u32,
}

impl Fingerprint {
    /// Whether a text is the one that stands for "not here".
    fn is_of(&self, page: &Page<'_>) -> bool {
        if self.text_hash == page.text_hash {
            return true;
        }
        self.words >= SOME_WORDS && same_text(self.simhash, page.simhash, self.words.min(page.words), 20)
    }
}

/// Whether two similarity hashes are of one text that is long enough to say so.
pub(crate) fn same_text(a: u64, b: u64, words: u32, least: u32) -> bool {
    words >= least && content::hash::hamming(a, b) <= NEAR
}

/// The rules, in order.
fn rule(answer: &Answer<'_>, addresses: &Addresses, walls: &Walls) -> Ruling {
    if answer
        .headers
        .get("cf-mitigated")
        .is_some_and(|value| value.as_bytes().eq_ignore_ascii_case(b"challenge"))
    {
        return Ruling::plain(Verdict::Challenge);
    }
    let page = match &answer.body {
        Body::Page(page) => Some(page),
        _ => None,
    };
    let walled = page.is_some_and(|page| is_wall(page, walls));
    if let Some(ruling) = by_status(answer.status, walled) {
        return ruling;
    }
    let landed_elsewhere = answer.requested.path() != answer.landed.path();
    if landed_elsewhere && addresses.is_sign_in(answer.landed) && !addresses.is_sign_in(answer.requested) {
        return Ruling::new(Verdict::Login, "redirected_to_sign_in");
    }
    match &answer.body {
        Body::Page(_) if walled => Ruling::plain(Verdict::Challenge),
        Body::Page(page) => of_page(answer, page, walls),
        Body::Text { words: 0 } => Ruling::new(Verdict::Empty, "no_text"),
        Body::Text { .. } | Body::File => Ruling::plain(Verdict::Content),
        Body::NeedsOcr => Ruling::plain(Verdict::NeedsOcr),
        Body::Encrypted => Ruling::new(Verdict::Blocked, "encrypted"),
        Body::Unsupported => Ruling::new(Verdict::Empty, "unsupported_type"),
        Body::TooLarge => Ruling::new(Verdict::Empty, "too_large"),
        Body::Broken => Ruling::new(Verdict::Empty, "unreadable"),
    }
}

/// What an answer's status alone settles.
fn by_status(status: u16, walled: bool) -> Option<Ruling> {
    Some(match status {
        200..=203 | 206 => return None,
        204 | 205 => Ruling::new(Verdict::Empty, "no_text"),
        404 | 410 => Ruling::plain(Verdict::Missing),
        401 | 407 => Ruling::new(Verdict::Login, format!("http_{status}")),
        _ if walled => Ruling::plain(Verdict::Challenge),
        403 | 451 => Ruling::new(Verdict::Blocked, format!("http_{status}")),
        429 => Ruling::new(Verdict::Blocked, "rate_limited"),
        500..=599 => Ruling::new(Verdict::Error, "http_5xx"),
        400..=499 => Ruling::new(Verdict::Error, "http_4xx"),
        _ => Ruling::new(Verdict::Error, "http_3xx"),
    })
}

/// A successful answer with a web page.
fn of_page(answer: &Answer<'_>, page: &Page<'_>, walls: &Walls) -> Ruling {
    let lower = Lower::of(page);
    if is_parked(page, &lower, walls) {
        return Ruling::new(Verdict::Empty, "parked");
    }
    if page.has_password && page.words < walls.login_words {
        return Ruling::new(Verdict::Login, "password_field");
    }
    if says_not_found(page, &lower, walls) {
        return Ruling::new(Verdict::Soft404, "says_so");
    }
    if needs_script(answer, page, &lower, walls) {
        return Ruling::new(Verdict::Empty, "needs_js");
    }
    if !answer.is_home && answer.fingerprint.is_some_and(|fingerprint| fingerprint.is_of(page)) {
        return Ruling::new(Verdict::Soft404, "like_not_found");
    }
    if page.main_words.max(page.words / 2) < SOME_WORDS && !page.has_facts {
        return Ruling::new(Verdict::Empty, "no_text");
    }
    Ruling::plain(Verdict::Content)
}

/// A page's words as the tables are written.
struct Lower {
    title: String,
    headings: Vec<String>,
    text: String,
}

impl Lower {
    fn of(page: &Page<'_>) -> Self {
        Self {
            title: page.title.trim().to_lowercase(),
            headings: page.headings.iter().map(|heading| heading.trim().to_lowercase()).collect(),
            text: page.text.to_lowercase(),
        }
    }

    fn says(&self, sentence: &str) -> bool {
        self.text.contains(sentence) || self.title.contains(sentence)
    }
}

fn is_wall(page: &Page<'_>, walls: &Walls) -> bool {
    if page.words >= walls.wall_words {
        return false;
    }
    let lower = Lower::of(page);
    (page.marks.wall && !page.has_facts)
        || walls.walls.iter().any(|sentence| lower.says(sentence))
        || (page.words < walls.wall_source_words
            && !page.has_facts
            && walls.wall_source.iter().any(|mark| holds(page.source, mark)))
}

fn is_parked(page: &Page<'_>, lower: &Lower, walls: &Walls) -> bool {
    let untouched = |text: &String| walls.untouched.contains(text);
    if page.words >= walls.parked_words {
        // The default page of a distribution's server explains itself at length.
        return walls.untouched_text.iter().any(|sentence| lower.text.contains(sentence));
    }
    page.marks.parked
        || walls.parked.iter().any(|sentence| lower.says(sentence))
        || untouched(&lower.title)
        || (page.words < 2 * SOME_WORDS && lower.headings.iter().any(untouched))
        || (page.words < walls.wall_words && walls.parked_source.iter().any(|mark| holds(page.source, mark)))
}

/// A title part or heading that is "not found" in one of the languages, or begins so.
fn says_not_found(page: &Page<'_>, lower: &Lower, walls: &Walls) -> bool {
    if page.words >= walls.not_found_words {
        return false;
    }
    if page.marks.not_found {
        return true;
    }
    let mut parts = vec![lower.title.as_str()];
    for separator in [" | ", " – ", " — ", " - ", " · ", " :: ", " « ", " » "] {
        parts = parts.iter().flat_map(|part| part.split(separator)).collect();
    }
    parts
        .into_iter()
        .chain(lower.headings.iter().map(String::as_str))
        .any(|text| is_not_found(text.trim(), walls))
}

fn is_not_found(text: &str, walls: &Walls) -> bool {
    walls.not_found.iter().any(|phrase| {
        text.strip_prefix(phrase.as_str()).is_some_and(|rest| match rest.chars().next() {
            None => true,
            Some(next) if next.is_alphanumeric() => false,
            Some(' ') => {
                phrase.split(' ').count() >= 3
                    || rest.trim_start().starts_with(['-', '–', '—', ':', '|', '('])
            }
            Some(_) => true,
        })
    })
}

/// Whether the page would say more to a browser (there is none here).
fn needs_script(answer: &Answer<'_>, page: &Page<'_>, lower: &Lower, walls: &Walls) -> bool {
    if page.main_words >= THIN_WORDS {
        return false;
    }
    let empty_root = page.app_root_words.is_some_and(|words| words < SOME_WORDS);
    if page.has_facts && !empty_root {
        return false;
    }
    let share = page.script_bytes as f64 / page.source.len().max(1) as f64;
    let all_script = share >= SCRIPT_SHARE && page.text.chars().count() < THIN_CHARS;
    let notice = |sentence: &String| lower.says(sentence) || holds(page.source, sentence);
    let asks =
        page.words < SOME_WORDS * 2 && (page.marks.asks_for_script || walls.needs_js.iter().any(notice));
    let leads_nowhere = answer.is_home && page.links_in_scope < FEW_LINKS && page.main_words < SOME_WORDS;
    (empty_root && page.main_words < SOME_WORDS * 2) || all_script || asks || leads_nowhere
}

/// Whether the source holds a mark, whatever its case. Marks are ASCII where it matters.
fn holds(source: &[u8], mark: &str) -> bool {
    let mark = mark.as_bytes();
    source.windows(mark.len()).any(|window| window.eq_ignore_ascii_case(mark))
}

/// The verdict on a fetch that brought no answer.
pub(crate) fn failed(error: &net::Error) -> Ruling {
    let reason = match error.code() {
        "reset" => "connect",
        "too_large" => return Ruling::new(Verdict::Empty, "too_large"),
        "bad_encoding" => return Ruling::new(Verdict::Empty, "unreadable"),
        code => code,
    };
    Ruling::new(Verdict::Error, reason)
}
