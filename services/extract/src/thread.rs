//! Work on a thread of its own that gave nothing.

use tokio::task::JoinError;
use worker::Error;

/// What becomes of the job: a process that shuts down gives it back; what met a case that its reader was not written for
/// would end the same way again.
pub(crate) fn error(stopped: &JoinError, detail: &str) -> Error {
    if stopped.is_cancelled() { Error::Cancelled } else { Error::fatal("unreadable", detail) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_process_that_shuts_down_fails_no_job() {
        let waits = tokio::spawn(std::future::pending::<()>());
        waits.abort();
        assert!(matches!(error(&waits.await.unwrap_err(), "x"), Error::Cancelled));
        let panics = tokio::spawn(async { panic!("a case that nobody thought of") });
        assert!(matches!(error(&panics.await.unwrap_err(), "x"), Error::Fatal(_)));
    }
}
