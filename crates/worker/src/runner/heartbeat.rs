//! Leases are extended together; the answer says which jobs have to stop.

use std::sync::Arc;

use domain::Fence;
use store::Signal;
use tokio::time::{Instant, MissedTickBehavior};
use tokio_util::sync::CancellationToken;

use super::Shared;
use crate::leash::{Leash, Stop};

/// Beats until the runner has committed everything it holds.
pub(super) async fn run(shared: Arc<Shared>, until: CancellationToken) {
    let mut beat = tokio::time::interval(shared.settings.heartbeat);
    beat.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let mut last_heard = Instant::now();
    loop {
        tokio::select! {
            () = until.cancelled() => return,
            _ = beat.tick() => {}
        }
        let (held, asked) = (shared.hands.all(), Instant::now());
        if held.is_empty() || extend(&shared, &held, last_heard).await {
            last_heard = asked;
        } else if last_heard.elapsed() >= shared.settings.lease {
            // From here on others may claim these jobs: working on would be work done twice.
            for (_, leash) in &held {
                leash.pull(Stop::Lost);
            }
            // What was claimed meanwhile has a lease of its own.
            last_heard = Instant::now();
        }
    }
}

/// Extends the leases and passes on what the jobs are told. False when no answer came in time: once the leases have
/// ended, none is of use any more.
async fn extend(shared: &Shared, held: &[(Fence, Leash)], last_heard: Instant) -> bool {
    let fences: Vec<Fence> = held.iter().map(|(fence, _)| *fence).collect();
    let lease = shared.settings.lease;
    let answer = shared.deps.store.heartbeat(&fences, lease, shared.deps.clock.now());
    match tokio::time::timeout_at(last_heard + lease, answer).await {
        Ok(Ok(signals)) => {
            for (fence, signal) in signals {
                obey(held, fence, signal);
            }
            true
        }
        Ok(Err(error)) if shared.halts_for(&error) => false,
        Ok(Err(error)) => {
            tracing::warn!(error = &error as &dyn std::error::Error, "leases could not be extended");
            false
        }
        Err(_) => {
            tracing::warn!(jobs = held.len(), "leases could not be extended before they ended");
            false
        }
    }
}

fn obey(held: &[(Fence, Leash)], fence: Fence, signal: Signal) {
    let stop = match signal {
        Signal::Go => return,
        Signal::Pause => Stop::Pause,
        Signal::Cancel => Stop::Cancel,
        Signal::Lost => Stop::Lost,
    };
    if let Some((_, leash)) = held.iter().find(|(of, _)| *of == fence) {
        leash.pull(stop);
    }
}
