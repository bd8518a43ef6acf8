//! How a job does not end, or ends badly. The worker says which; the runner does it.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{BlockedOn, Problem};

/// What should happen to a job that did not finish.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Try again, after the given time or the runner's own backoff. Spends one of the job's failures.
    #[error("{problem}")]
    Retry { problem: Problem, after: Option<Duration> },
    /// Nothing is wrong with the job; something it needs is not to be had now. Spends no attempt.
    #[error("waiting for {}: {problem}", .on.as_str())]
    Blocked { on: BlockedOn, until: Option<DateTime<Utc>>, problem: Problem },
    /// Trying again would end the same way.
    #[error("{0}")]
    Fatal(Problem),
    /// Nothing can be kept here any more (the disk is full, the database read-only): the process has to stop. The job
    /// is given back and loses nothing.
    #[error("{0}")]
    Halt(String),
    /// The job was told to stop (pause, cancel, lost lease, shutdown) and did.
    #[error("told to stop")]
    Cancelled,
}

impl Error {
    /// A failure that the same job repeats whenever it runs.
    #[must_use]
    pub fn fatal(code: &str, detail: impl Into<String>) -> Self {
        Self::Fatal(Problem::new(code, detail))
    }

    /// A failure that may not happen again.
    #[must_use]
    pub fn retry(code: &str, detail: impl Into<String>) -> Self {
        Self::Retry { problem: Problem::new(code, detail).retryable(), after: None }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match error {
            // Somebody else has the job now; whatever this worker still says is not heard.
            store::Error::Fenced => Self::Cancelled,
            store::Error::Full { .. } => Self::Halt(error.to_string()),
            error if error.is_retryable() => Self::retry("store_unavailable", error.to_string()),
            error => Self::fatal("store_refused", error.to_string()),
        }
    }
}
