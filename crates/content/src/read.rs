//! The one way in: bytes of any readable type to [`Content`].

use domain::{Content, DocumentId};
use url::Url;

use crate::html::page::Page;
use crate::kinds::Kinds;
use crate::{Error, Type, docx, pdf, plain, sniff};

/// What is known of a document besides its bytes.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hint<'a> {
    /// The final address; links are resolved against it.
    pub url: Option<&'a Url>,
    /// The `Content-Type` header: only its charset is used, the type is told by the bytes.
    pub content_type: Option<&'a str>,
    /// The `Content-Language` header.
    pub content_language: Option<&'a str>,
    /// The `Last-Modified` header.
    pub last_modified: Option<&'a str>,
    /// Texts of links that lead to the document, and the name of the company it belongs to: for its kind.
    pub anchors: &'a [&'a str],
    pub own_name: Option<&'a str>,
}

/// Reads a document. With `kinds`, its kind is judged; else it is `other`.
///
/// # Errors
/// [`Error::Unsupported`] by the bytes, [`Error::TooLarge`] beyond a limit, [`Error::Encrypted`], [`Error::NeedsOcr`],
/// [`Error::Broken`] when nothing of it can be read. What can be read in part is read, with warnings.
pub fn read(
    raw: &[u8],
    hint: &Hint<'_>,
    kinds: Option<&Kinds>,
    document: DocumentId,
) -> Result<Content, Error> {
    let mut content = match sniff(raw) {
        Type::Html | Type::Xhtml => Page::open(raw, hint)?.content(hint, document),
        Type::Text => plain::text(raw, hint, document)?,
        Type::Markdown => plain::markdown(raw, hint, document)?,
        Type::Pdf => pdf::read(raw, document)?,
        Type::Docx => docx::read(raw, document)?,
        other @ Type::Other(_) => return Err(Error::Unsupported(other)),
    };
    if let Some(kinds) = kinds {
        let judged = kinds.judge_content(hint.url, hint.anchors, hint.own_name, &content);
        content.kind = judged.kind;
        content.kind_confidence = judged.confidence;
        content.kind_reason = judged.reason;
        content.kinds_also = judged.also;
    }
    Ok(content)
}
