//! Work that takes longer than others should wait for, on a thread of its own.

use worker::Error;

/// Does `work` aside.
///
/// # Errors
/// [`Error::Cancelled`] when the process is going down and the work was never done: nothing may be concluded from
/// that. A panic is a failure like any other.
pub(crate) async fn aside<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|error| {
        if error.is_cancelled() { Error::Cancelled } else { Error::retry("work_panicked", error.to_string()) }
    })
}
