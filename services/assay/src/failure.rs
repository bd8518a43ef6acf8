//! How a command ends that does not end well: what to say, and the exit code.

use std::fmt;

/// Which kind of trouble; its number is the exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Nothing can work here: database, disk, settings.
    Place = 1,
    /// What was asked makes no sense.
    Usage = 2,
    /// The run failed, or waits for the user.
    Run = 3,
    /// The user stopped it.
    Interrupted = 130,
}

/// A message for the user, in full sentences, and the exit code.
#[derive(Debug)]
pub struct Failure {
    pub kind: Kind,
    pub message: String,
}

impl Failure {
    pub fn new(kind: Kind, message: impl Into<String>) -> Self {
        Self { kind, message: message.into() }
    }

    pub fn usage(message: impl Into<String>) -> Self {
        Self::new(Kind::Usage, message)
    }

    pub fn place(message: impl Into<String>) -> Self {
        Self::new(Kind::Place, message)
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

/// The error and what caused it, in one line.
pub fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let more = inner.to_string();
        if !text.contains(&more) {
            text = format!("{text}: {more}");
        }
        cause = inner.source();
    }
    text
}

impl From<store::Error> for Failure {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::NotFound { .. } | store::Error::Conflict(_) => Self::usage(error.to_string()),
            _ => Self::place(chain(&error)),
        }
    }
}

impl From<domain::Problem> for Failure {
    /// A refused request: every refused field on a line of its own.
    fn from(problem: domain::Problem) -> Self {
        let mut message = problem.detail;
        for field in problem.errors {
            let pointer =
                if field.pointer.is_empty() { "input" } else { field.pointer.trim_start_matches('/') };
            message.push_str(&format!("\n  {pointer}: {}", field.detail));
        }
        Self::usage(message)
    }
}

impl From<std::io::Error> for Failure {
    fn from(error: std::io::Error) -> Self {
        Self::place(error.to_string())
    }
}
