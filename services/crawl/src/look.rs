//! What came back, seen once: its type by its bytes, and as much of it as a verdict and the frontier need.

use bytes::Bytes;
use content::{Hint, Outline, Type};
use domain::{Link, LinkKind, Region};
use net::{Fetched, HeaderMap, Take, header};
use url::Url;

use crate::aside::aside;
use crate::verdict::{Body, Marks, Page};

/// How much of each type is read, unpacked.
const MAX_PAGE: u64 = 5 << 20;
const MAX_PDF: u64 = 50 << 20;
const MAX_DOCX: u64 = 20 << 20;

/// A body, looked at.
#[derive(Debug)]
pub(crate) enum Look {
    Page(Box<SeenPage>),
    Text(Summary),
    File(Summary),
    NeedsOcr,
    Encrypted,
    Unsupported,
    TooLarge,
    Broken,
}

/// What a document says, in numbers.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Summary {
    /// Of the main part.
    pub(crate) words: u32,
    pub(crate) simhash: u64,
    pub(crate) text_hash: String,
    pub(crate) language: Option<String>,
    pub(crate) charset: Option<String>,
}

/// A web page.
#[derive(Debug)]
pub(crate) struct SeenPage {
    pub(crate) outline: Outline,
    pub(crate) summary: Summary,
    source: Bytes,
}

impl SeenPage {
    /// Links to pages and files, in order.
    pub(crate) fn links(&self) -> impl Iterator<Item = &Link> {
        self.outline.links.iter().filter(|link| matches!(link.kind, LinkKind::Page | LinkKind::File))
    }

    pub(crate) fn is_next(&self, link: &Link) -> bool {
        rel(link, "next") || self.outline.next.as_ref().is_some_and(|next| next.as_str() == link.href)
    }

    fn for_verdict(&self, links_in_scope: usize) -> Page<'_> {
        let seen = &self.outline;
        Page {
            title: seen.title.as_deref().unwrap_or_default(),
            headings: &seen.headings,
            text: &seen.text,
            source: &self.source,
            main_words: self.summary.words,
            words: seen.visible_words.max(seen.words),
            simhash: seen.simhash,
            text_hash: &seen.text_hash,
            has_password: seen.password_field,
            has_facts: seen.contact || seen.structured,
            app_root_words: seen.app_root_words.filter(|_| !seen.from_state),
            script_bytes: seen.script_bytes,
            links_in_scope,
            marks: Marks {
                wall: seen.wall.is_some(),
                parked: seen.parked,
                not_found: seen.not_found,
                asks_for_script: seen.needs_js == Some("notice"),
            },
        }
    }
}

pub(crate) fn is_nofollow(link: &Link) -> bool {
    rel(link, "nofollow")
}

pub(crate) fn is_navigation(link: &Link) -> bool {
    link.region == Region::Nav
}

fn rel(link: &Link, word: &str) -> bool {
    let rel = link.rel.as_deref().unwrap_or_default();
    rel.split_ascii_whitespace().any(|other| other.eq_ignore_ascii_case(word))
}

impl Look {
    /// For the verdict.
    pub(crate) fn body(&self, links_in_scope: usize) -> Body<'_> {
        match self {
            Self::Page(seen) => Body::Page(seen.for_verdict(links_in_scope)),
            Self::Text(summary) => Body::Text { words: summary.words },
            Self::File(_) => Body::File,
            Self::NeedsOcr => Body::NeedsOcr,
            Self::Encrypted => Body::Encrypted,
            Self::Unsupported => Body::Unsupported,
            Self::TooLarge => Body::TooLarge,
            Self::Broken => Body::Broken,
        }
    }

    pub(crate) fn page(&self) -> Option<&SeenPage> {
        match self {
            Self::Page(seen) => Some(seen),
            _ => None,
        }
    }

    pub(crate) const fn is_file(&self) -> bool {
        matches!(self, Self::File(_))
    }

    /// What it says, if it could be read.
    pub(crate) fn summary(&self) -> Option<&Summary> {
        match self {
            Self::Page(seen) => Some(&seen.summary),
            Self::Text(summary) | Self::File(summary) => Some(summary),
            _ => None,
        }
    }

    /// What its robots metas say: not to index it, not to follow its links.
    pub(crate) fn robots(&self) -> (bool, bool) {
        self.page().map_or((false, false), |page| (page.outline.noindex, page.outline.nofollow))
    }
}

/// Decides by the first bytes whether a body is read, and how much of it.
pub(crate) fn sniffer(files_left: bool) -> impl Fn(&[u8], &HeaderMap) -> Take + Send + Sync + 'static {
    move |head, _| match content::sniff(head) {
        Type::Html | Type::Xhtml | Type::Text | Type::Markdown => Take::UpTo(MAX_PAGE),
        Type::Pdf if files_left => Take::UpTo(MAX_PDF),
        Type::Docx if files_left => Take::UpTo(MAX_DOCX),
        Type::Pdf | Type::Docx | Type::Other(_) => Take::Drop,
    }
}

/// Looks at an answer's body on a thread for such work: it takes milliseconds to seconds.
///
/// # Errors
/// [`worker::Error::Cancelled`] when the process is going down. What makes the readers panic cannot be read.
pub(crate) async fn look_aside(fetched: &Fetched) -> Result<Look, worker::Error> {
    let answer = fetched.clone();
    let looked = aside(move || look_at(&answer)).await;
    Ok(unless_panicked(&fetched.url, looked)?.unwrap_or(Look::Broken))
}

/// None for what made the work on it panic.
pub(crate) fn unless_panicked<T>(
    url: &Url,
    worked: Result<T, worker::Error>,
) -> Result<Option<T>, worker::Error> {
    match worked {
        Ok(done) => Ok(Some(done)),
        Err(worker::Error::Retry { problem, .. }) => {
            tracing::error!(%url, problem.detail, "a page could not be looked at");
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

/// Looks at an answer's body.
pub(crate) fn look_at(fetched: &Fetched) -> Look {
    let header = |name: header::HeaderName| fetched.header(name.as_str());
    let hint = Hint {
        url: Some(&fetched.url),
        content_type: header(header::CONTENT_TYPE),
        content_language: header(header::CONTENT_LANGUAGE),
        ..Hint::default()
    };
    look(&fetched.body, &hint)
}

/// Looks at a body.
pub(crate) fn look(body: &Bytes, hint: &Hint<'_>) -> Look {
    let outline = match content::outline(body, hint) {
        Ok(outline) => outline,
        Err(content::Error::Encrypted) => return Look::Encrypted,
        Err(content::Error::NeedsOcr { .. }) => return Look::NeedsOcr,
        Err(content::Error::Unsupported(_)) => return Look::Unsupported,
        Err(content::Error::TooLarge { .. }) => return Look::TooLarge,
        Err(_) => return Look::Broken,
    };
    let summary = Summary {
        words: outline.words,
        simhash: outline.simhash,
        text_hash: outline.text_hash.clone(),
        language: outline.language.clone(),
        charset: outline.charset.clone(),
    };
    match outline.kind {
        Type::Html | Type::Xhtml => Look::Page(Box::new(SeenPage { outline, summary, source: body.clone() })),
        Type::Pdf | Type::Docx => Look::File(summary),
        Type::Text | Type::Markdown => Look::Text(summary),
        Type::Other(_) => Look::Unsupported,
    }
}

/// The canonical address that a page names.
pub(crate) fn canonical(look: &Look) -> Option<&Url> {
    look.page()?.outline.canonical.as_ref()
}
