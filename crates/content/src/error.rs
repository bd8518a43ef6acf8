use crate::Type;

/// Why nothing was read. Variants by what the caller can do; each names the verdict it stands for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A password is needed (`blocked{encrypted}`).
    #[error("the document is encrypted")]
    Encrypted,
    /// Pictures of text: fewer than 20 letters a page (`needs_ocr`).
    #[error("the document's {pages} pages are pictures of text")]
    NeedsOcr {
        /// Pages looked at.
        pages: u32,
    },
    /// Bytes of a type that is not read (`empty{unsupported_type}`).
    #[error("{} is not a type that is read", .0.mime())]
    Unsupported(Type),
    /// Beyond a limit (`empty{too_large}`).
    #[error("{what} is beyond the limit of {limit}")]
    TooLarge {
        /// What was measured, with its unit.
        what: &'static str,
        /// The most that is read.
        limit: u64,
    },
    /// The bytes are not what their type promises.
    #[error("the document cannot be read: {0}")]
    Broken(String),
}
