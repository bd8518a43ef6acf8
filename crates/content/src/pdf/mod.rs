//! PDF: text by page, with `pdf-extract`, behind guards.

mod guard;
mod layout;
mod pages;
mod streams;

use std::time::Duration;

use domain::{Content, DocumentId};

use crate::Error;
use crate::assemble::{self, Facts, Fingerprint};
use crate::guarded::{self, Stopped};
use crate::html::drafts::Draft;

const MOST_BYTES: usize = 50 << 20;
/// Pages that are read; the rest is a warning.
const MOST_PAGES: u32 = 200;
/// With fewer letters a page, a document with pictures is a scan.
const LETTERS_A_PAGE: u32 = 20;
const STACK_BYTES: usize = 64 << 20;
/// A document that takes longer is made to: 200 pages take seconds.
const MOST_TIME: Duration = Duration::from_secs(60);

/// What was read of a document.
#[derive(Debug, Default)]
struct Text {
    drafts: Vec<Draft>,
    title: Option<String>,
    author: Option<String>,
    created: Option<String>,
    modified: Option<String>,
    language: Option<String>,
    pages: u32,
    images: bool,
    warnings: Vec<String>,
}

/// Reads a PDF.
pub(crate) fn read(raw: &[u8], document: DocumentId) -> Result<Content, Error> {
    if raw.len() > MOST_BYTES {
        return Err(Error::TooLarge { what: "PDF in bytes", limit: MOST_BYTES as u64 });
    }
    let bytes = raw.to_vec();
    let work = move || streams::check(&bytes).and_then(|()| pages::read(&bytes));
    let text = guarded::run_within(STACK_BYTES, MOST_TIME, work).map_err(|stopped| match stopped {
        Stopped::Panicked => Error::Broken("the PDF's structure cannot be followed".to_owned()),
        Stopped::TooLong => Error::TooLarge { what: "PDF in seconds of reading", limit: MOST_TIME.as_secs() },
    })??;
    let letters =
        text.drafts.iter().flat_map(|draft| draft.text.chars()).filter(|c| c.is_alphanumeric()).count();
    if text.images && letters < (LETTERS_A_PAGE * text.pages) as usize {
        return Err(Error::NeedsOcr { pages: text.pages });
    }
    let heading = text.drafts.iter().find(|draft| draft.level.is_some()).map(|draft| draft.text.clone());
    let facts = Facts {
        title: text.title.or(heading),
        author: text.author,
        published: text.created,
        modified: text.modified,
        language: text.language,
        fingerprint: Fingerprint::of(&text.drafts),
        warnings: text.warnings,
        ..Facts::default()
    };
    Ok(assemble::content(document, text.drafts, facts))
}
