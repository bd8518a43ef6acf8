//! Page by page: what fails is skipped and listed.

use std::panic::{AssertUnwindSafe, catch_unwind};

use domain::BlockKind;
use pdf_extract::{Dictionary, Document, Object, ObjectId, output_doc_page};

use super::guard::{self, Sizes};
use super::layout::{self, Collector, Line};
use super::{MOST_PAGES, Text};
use crate::html::region::Place;
use crate::{Error, dates, words};

/// Reads all pages. Runs on a guarded thread: may panic while loading.
pub(super) fn read(bytes: &[u8]) -> Result<Text, Error> {
    let mut document = Document::load_mem(bytes).map_err(|error| match error {
        pdf_extract::Error::Decryption(_) | pdf_extract::Error::InvalidPassword => Error::Encrypted,
        _ if bytes.windows(8).any(|window| window == b"/Encrypt") => Error::Encrypted,
        other => Error::Broken(other.to_string()),
    })?;
    if document.is_encrypted() && document.decrypt("").is_err() {
        return Err(Error::Encrypted);
    }
    let (sizes, has_pictures) = guard::disarm(&mut document);
    let mut text = facts(&document);
    text.images = has_pictures;
    let pages = document.get_pages();
    text.pages = u32::try_from(pages.len()).unwrap_or(u32::MAX).min(MOST_PAGES);
    if pages.len() > MOST_PAGES as usize {
        text.warnings.push(format!("pages after {MOST_PAGES} of {} were not read", pages.len()));
    }
    let mut lines: Vec<Vec<Line>> = Vec::new();
    for (number, id) in pages.into_iter().take(MOST_PAGES as usize) {
        text.images = text.images || guard::has_inline_picture(&document, id, &sizes);
        let is_bounded = guard::is_bounded(&document, id, &sizes)
            || without_forms(&mut document, (number, id), &sizes, &mut text.warnings);
        let page = if is_bounded { page(&document, number) } else { None };
        if page.is_none() {
            text.warnings.push(format!("page {number} could not be read"));
        }
        lines.push(page.unwrap_or_default());
    }
    text.drafts = layout::blocks(&lines);
    for draft in &mut text.drafts {
        draft.place = Place { firm: true, ..draft.place };
    }
    Ok(text)
}

/// Whether a page that cannot be drawn with its forms can be drawn without them.
fn without_forms(
    document: &mut Document,
    (number, page): (u32, ObjectId),
    sizes: &Sizes,
    warnings: &mut Vec<String>,
) -> bool {
    if guard::empty_forms(document, page) == 0 || !guard::is_bounded(document, page, sizes) {
        return false;
    }
    warnings
        .push(format!("page {number}: drawings that draw themselves or each other too often were left out"));
    true
}

fn page(document: &Document, number: u32) -> Option<Vec<Line>> {
    let mut collector = Collector::default();
    let done = catch_unwind(AssertUnwindSafe(|| output_doc_page(document, &mut collector, number)));
    matches!(done, Ok(Ok(()))).then(|| collector.lines())
}

/// What the document says of itself.
fn facts(document: &Document) -> Text {
    let info = document.trailer.get(b"Info").ok().and_then(|info| dictionary(document, info));
    let field =
        |name: &[u8]| info.and_then(|info| info.get(name).ok()).and_then(|value| string(document, value));
    let catalog = document.catalog().ok();
    let language =
        catalog.and_then(|catalog| catalog.get(b"Lang").ok()).and_then(|value| string(document, value));
    Text {
        title: field(b"Title").filter(|title| !is_file_title(title)),
        author: field(b"Author"),
        created: field(b"CreationDate").and_then(|date| dates::of_pdf(&date)),
        modified: field(b"ModDate").and_then(|date| dates::of_pdf(&date)),
        language: language.and_then(|language| crate::html::head::primary_language(&language)),
        ..Text::default()
    }
}

/// What writers put there by themselves: `Microsoft Word - report.doc`, `untitled`.
fn is_file_title(title: &str) -> bool {
    let lower = title.to_lowercase();
    lower.starts_with("microsoft ")
        || lower.starts_with("untitled")
        || [".doc", ".docx", ".indd", ".pdf", ".ppt", ".pptx", ".xls", ".xlsx"]
            .iter()
            .any(|end| lower.ends_with(end))
}

fn dictionary<'d>(document: &'d Document, object: &'d Object) -> Option<&'d Dictionary> {
    document.dereference(object).ok().and_then(|(_, object)| object.as_dict().ok())
}

fn string(document: &Document, object: &Object) -> Option<String> {
    let (_, object) = document.dereference(object).ok()?;
    let bytes = object.as_str().ok()?;
    let text = match bytes.strip_prefix(b"\xfe\xff") {
        Some(wide) => encoding_rs::UTF_16BE.decode_without_bom_handling(wide).0.into_owned(),
        None => match std::str::from_utf8(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes)) {
            Ok(text) => text.to_owned(),
            Err(_) => encoding_rs::WINDOWS_1252.decode_without_bom_handling(bytes).0.into_owned(),
        },
    };
    Some(words::fold(&text)).filter(|text| !text.is_empty())
}

/// A block's kind by its first character: lists of PDFs are lines that begin with a mark.
pub(super) fn kind_of(text: &str) -> BlockKind {
    let mut chars = text.chars();
    let bullet =
        matches!(chars.next(), Some('•' | '●' | '▪' | '■' | '◦' | '‣' | '–' | '\u{f0b7}' | '\u{b7}'));
    if bullet && chars.next().is_some_and(char::is_whitespace) {
        BlockKind::ListItem
    } else {
        BlockKind::Paragraph
    }
}
