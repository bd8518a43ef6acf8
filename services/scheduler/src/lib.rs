//! What time makes happen: jobs that have become due are announced, lost leases are reaped.
//!
//! Not for deciding what is ready: completing a job does that. Safe to run twice: announcing twice does no harm, and
//! reaping is one guarded update. Read first: [`Scheduler::run`].

use std::time::Duration;

use store::{Scope, Store};
use tokio_util::sync::CancellationToken;
use worker::{Bell, Clock};

/// The most jobs that are announced or reaped in one go.
const SLICE: u64 = 500;

#[derive(Debug, Clone)]
pub struct Settings {
    /// How late a due job may be announced.
    pub interval: Duration,
    /// Which runs are looked after.
    pub scope: Scope,
}

/// One scheduler. Any number may run on the same database.
#[derive(Debug)]
pub struct Scheduler {
    store: Store,
    bell: Bell,
    clock: Clock,
    settings: Settings,
}

impl Scheduler {
    #[must_use]
    pub const fn new(store: Store, bell: Bell, clock: Clock, settings: Settings) -> Self {
        Self { store, bell, clock, settings }
    }

    /// Ticks until told to stop. A tick that fails is logged and made up for by the next.
    pub async fn run(self, shutdown: CancellationToken) {
        loop {
            if let Err(error) = self.tick().await {
                tracing::warn!(
                    error = &error as &dyn std::error::Error,
                    "the scheduler could not look after the jobs"
                );
            }
            tokio::select! {
                () = shutdown.cancelled() => return,
                () = tokio::time::sleep(self.settings.interval) => {}
            }
        }
    }

    async fn tick(&self) -> Result<(), store::Error> {
        let lost = self.store.reap(self.settings.scope, self.clock.now(), SLICE).await?;
        if !lost.is_empty() {
            tracing::warn!(jobs = lost.len(), "leases were lost; the jobs run again");
        }
        loop {
            let due = self.store.unannounced(self.settings.scope, self.clock.now(), SLICE).await?;
            self.bell.ring(&due).await;
            if (due.len() as u64) < SLICE {
                return Ok(());
            }
        }
    }
}
