//! What time makes happen: jobs that have become due are announced, lost leases are reaped.
//!
//! Not for deciding what is ready: completing a job does that. Safe to run twice: announcing twice does no harm, and
//! reaping is one guarded update. Read first: [`Scheduler::run`].

mod absence;

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};
use store::{Scope, Store};
use tokio_util::sync::CancellationToken;
use worker::{Bell, Clock};

use absence::Absence;

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

    /// Ticks until told to stop. What fails is logged and made up for by the next tick.
    pub async fn run(self, shutdown: CancellationToken) {
        // Wherever a tick is when it is dropped, the next one, here or elsewhere, does the rest.
        shutdown.run_until_cancelled(self.tick_on()).await;
    }

    async fn tick_on(&self) {
        let mut absence = Absence::default();
        loop {
            let (now, started) = (self.clock.now(), Instant::now());
            if !absence.is_felt(now, started) {
                self.reap(now).await;
            }
            self.announce().await;
            let pause = self.settings.interval;
            absence.expect_next(now + started.elapsed() + pause);
            tokio::time::sleep(pause).await;
        }
    }

    async fn reap(&self, now: DateTime<Utc>) {
        match self.store.reap(self.settings.scope, now, SLICE).await {
            Ok(ready) if ready.is_empty() => {}
            Ok(ready) => {
                tracing::warn!(
                    ready = ready.len(),
                    "leases were lost; this many jobs are ready because of it"
                )
            }
            Err(error) => {
                let error = &error as &dyn std::error::Error;
                tracing::warn!(error, "lost leases could not be reaped");
            }
        }
    }

    /// Announces everything that is due, or stops at the first slice of which nothing came through: asked again, the
    /// database would only name the same jobs.
    async fn announce(&self) {
        loop {
            let due = match self.store.unannounced(self.settings.scope, self.clock.now(), SLICE).await {
                Ok(due) => due,
                Err(error) => {
                    let error = &error as &dyn std::error::Error;
                    tracing::warn!(error, "jobs that are due could not be looked up");
                    return;
                }
            };
            let noted = self.bell.ring(&due).await;
            if noted == 0 || (due.len() as u64) < SLICE {
                return;
            }
        }
    }
}
