//! Ctrl-C and SIGTERM as one token.

use tokio::signal::unix::{SignalKind, signal};
use tokio_util::sync::CancellationToken;

/// What a shell expects of a process that an interrupt ended.
pub const INTERRUPTED: i32 = 130;

/// Cancelled by the first interrupt or termination signal. A second one ends the process at once: whoever asks twice
/// does not want to wait, and nothing is lost by dying (that is what leases are for).
///
/// # Errors
/// If the process may not listen to signals.
pub fn token() -> std::io::Result<CancellationToken> {
    let (mut interrupt, mut terminate) = (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?);
    let token = CancellationToken::new();
    let listener = token.clone();
    tokio::spawn(async move {
        loop {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
            }
            if listener.is_cancelled() {
                std::process::exit(INTERRUPTED);
            }
            tracing::info!("told to stop: finishing what is in hand; a second signal ends at once");
            listener.cancel();
        }
    });
    Ok(token)
}
