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
        let held = shared.held();
        if held.is_empty() {
            last_heard = Instant::now();
            continue;
        }
        let fences: Vec<Fence> = held.iter().map(|(fence, _)| *fence).collect();
        match shared.deps.store.heartbeat(&fences, shared.settings.lease, shared.deps.clock.now()).await {
            Ok(signals) => {
                last_heard = Instant::now();
                for (fence, signal) in signals {
                    obey(&held, fence, signal);
                }
            }
            Err(error) => {
                tracing::warn!(error = &error as &dyn std::error::Error, "leases could not be extended");
                // From here on others may claim these jobs: working on would be work done twice.
                if last_heard.elapsed() >= shared.settings.lease {
                    for (_, leash) in &held {
                        leash.pull(Stop::Lost);
                    }
                }
            }
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
