//! What can be wrong with a rule file.

/// A mistake in `entities.toml` or `technologies.toml`: whoever wrote the file can mend it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {reason}")]
pub struct Error {
    /// From 1.
    pub line: usize,
    pub reason: String,
}

impl Error {
    pub(crate) fn at(text: &str, offset: usize, reason: impl Into<String>) -> Self {
        let before = text.as_bytes().get(..offset).unwrap_or(text.as_bytes());
        Self { line: before.iter().filter(|b| **b == b'\n').count() + 1, reason: reason.into() }
    }

    pub(crate) fn toml(text: &str, error: &toml::de::Error) -> Self {
        let offset = error.span().map_or(0, |s| s.start);
        Self::at(text, offset, error.message())
    }
}
