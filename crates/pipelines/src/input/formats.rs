//! The formats of ours: what they accept, and the form in which a run keeps it.

use super::web_site;

/// Formats that tidy a string; the others are those of JSON Schema.
pub(super) const OURS: [&str; 3] = ["glob", "not-blank", "web-site"];

/// Formats of JSON Schema that are checked.
pub(super) const STANDARD: [&str; 9] =
    ["date", "date-time", "duration", "email", "hostname", "regex", "time", "uri", "uuid"];

/// Why a string is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    /// If the problem has a name of its own.
    pub(super) code: Option<&'static str>,
    pub(super) detail: String,
}

impl Refusal {
    pub(super) fn new(detail: impl Into<String>) -> Self {
        Self { code: None, detail: detail.into() }
    }
}

/// The tidy form of a string; itself, if the format is none of ours.
pub(super) fn apply(format: &str, text: &str) -> Result<String, Refusal> {
    match format {
        "web-site" => web_site::tidy(text),
        "glob" => globset::Glob::new(text.trim())
            .map(|glob| glob.glob().to_owned())
            .map_err(|error| Refusal::new(format!("is no glob: {}", error.kind()))),
        "not-blank" if text.trim().is_empty() => Err(Refusal::new("must not be blank")),
        "not-blank" => Ok(text.trim().to_owned()),
        _ => Ok(text.to_owned()),
    }
}
