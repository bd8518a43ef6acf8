//! What went wrong, in the one shape that failed jobs, events, the API and the command line share (RFC 9457).

use serde::{Deserialize, Serialize};

/// One refused field of an input.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FieldError {
    /// A JSON pointer into what was given, empty for the whole.
    pub pointer: String,
    pub detail: String,
}

/// An error that a person or a program outside can act on. Holds no inside addresses and no stack traces.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[error("{detail}")]
pub struct Problem {
    /// A stable word: `invalid_input`, `robots_unreachable`, `provider_rejected`.
    pub code: String,
    pub detail: String,
    /// Whether the same request can succeed later without being changed.
    pub retryable: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldError>,
}

impl Problem {
    #[must_use]
    pub fn new(code: impl Into<String>, detail: impl Into<String>) -> Self {
        Self { code: code.into(), detail: detail.into(), retryable: false, errors: Vec::new() }
    }

    #[must_use]
    pub fn retryable(mut self) -> Self {
        self.retryable = true;
        self
    }

    #[must_use]
    pub fn with_errors(mut self, errors: Vec<FieldError>) -> Self {
        self.errors = errors;
        self
    }
}
