//! Running other people's parsers: on a thread with a stack of its own, panics caught and kept quiet.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;
use std::sync::mpsc;
use std::thread::Builder;
use std::time::Duration;

/// Threads of this name do not report their panics: what they run may panic on bytes that nobody has met yet, and the
/// caller turns that into a warning or an error.
const THREAD: &str = "assay-content-guarded";

static QUIET: Once = Once::new();

/// Keeps panics of guarded threads out of the process's error stream; all others go where they went before.
fn quiet() {
    QUIET.call_once(|| {
        let before = std::panic::take_hook();
        std::panic::set_hook(Box::new(move |panic| {
            if std::thread::current().name() != Some(THREAD) {
                before(panic);
            }
        }));
    });
}

/// Runs `work` on its own stack and waits. `None` if it panicked, or if no thread could be had.
pub(crate) fn run<T: Send>(stack_bytes: usize, work: impl FnOnce() -> T + Send) -> Option<T> {
    quiet();
    std::thread::scope(|scope| {
        let thread = Builder::new().name(THREAD.to_owned()).stack_size(stack_bytes);
        thread.spawn_scoped(scope, work).ok()?.join().ok()
    })
}

/// Runs `work` on its own stack and waits no longer than `limit`. Work that does not end in time is left alone: a
/// thread cannot be stopped, and what it still does is bounded by the size of what it was given.
pub(crate) fn run_within<T: Send + 'static>(
    stack_bytes: usize,
    limit: Duration,
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, Stopped> {
    quiet();
    let (sender, receiver) = mpsc::sync_channel(1);
    let thread = Builder::new().name(THREAD.to_owned()).stack_size(stack_bytes);
    let spawned = thread.spawn(move || {
        let _ = sender.send(catch_unwind(AssertUnwindSafe(work)));
    });
    if spawned.is_err() {
        return Err(Stopped::Panicked);
    }
    match receiver.recv_timeout(limit) {
        Ok(Ok(value)) => Ok(value),
        Ok(Err(_)) | Err(mpsc::RecvTimeoutError::Disconnected) => Err(Stopped::Panicked),
        Err(mpsc::RecvTimeoutError::Timeout) => Err(Stopped::TooLong),
    }
}

/// Why guarded work gave nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stopped {
    Panicked,
    TooLong,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_is_an_answer_and_nothing_more() {
        assert_eq!(run(1 << 20, || 7), Some(7));
        assert_eq!(run(1 << 20, || -> u8 { panic!("never seen") }), None);
        let limit = Duration::from_secs(60);
        assert_eq!(run_within(1 << 20, limit, || 7), Ok(7));
        assert_eq!(run_within(1 << 20, limit, || -> u8 { panic!("never seen") }), Err(Stopped::Panicked));
    }

    #[test]
    fn work_without_end_is_left_alone() {
        let (_keep, receiver) = mpsc::channel::<u8>();
        let stopped = run_within(1 << 20, Duration::from_millis(20), move || receiver.recv().is_ok());
        assert_eq!(stopped, Err(Stopped::TooLong));
    }
}
