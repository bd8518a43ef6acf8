//! The runner: claims what the bell announced, keeps leases, commits outcomes, drains on shutdown.

mod execute;
mod finisher;
mod heartbeat;
mod held;

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use domain::{Job, JobId, Stage, WorkerId};
use ephemeral::Ephemeral;
use queue::{Broker, Consumer, Delivery};
use store::{Doorbell, Store};
use tokio::sync::mpsc;
use tokio::task::JoinSet;
use tokio_util::sync::CancellationToken;

use crate::leash::Stop;
use crate::metrics::METRICS;
use crate::{Bell, Clock, Registry};
use finisher::Ended;
use held::Hands;

/// What a runner is built from.
#[derive(Clone)]
pub struct Deps {
    pub store: Store,
    pub broker: Arc<dyn Broker>,
    pub ephemeral: Arc<dyn Ephemeral>,
    pub registry: Registry,
    pub clock: Clock,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deps").field("registry", &self.registry).finish_non_exhaustive()
    }
}

/// How a runner behaves.
#[derive(Debug, Clone)]
pub struct Settings {
    /// How many jobs of each stage run at once; a stage that is not named is not served.
    pub concurrency: HashMap<Stage, u16>,
    /// How long a claim holds without a heartbeat.
    pub lease: Duration,
    /// How often leases are extended, and so the longest a pause or cancel takes to be heard.
    pub heartbeat: Duration,
    /// How long a job may take to stop once told to.
    pub grace: Duration,
    /// How long to wait for company before a claim or an outcome is written, so that many share one transaction.
    pub linger: Duration,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: HashMap::new(),
            lease: Duration::from_secs(15),
            heartbeat: Duration::from_secs(1),
            grace: Duration::from_secs(5),
            linger: Duration::from_millis(2),
        }
    }
}

/// The largest slice that is claimed or finished in one transaction.
const SLICE: usize = 64;
/// The pause after the queue or the database could not be reached.
const TROUBLE: Duration = Duration::from_millis(500);

/// Serves the stages it was told to until it is shut down.
#[derive(Debug)]
pub struct Runner {
    shared: Arc<Shared>,
}

pub(super) struct Shared {
    deps: Deps,
    settings: Settings,
    bell: Bell,
    worker: WorkerId,
    hands: Arc<Hands>,
    /// Cancelled when no more jobs are to be taken.
    stop: CancellationToken,
    halted: OnceLock<String>,
}

/// The runner stopped by itself, because nothing could be kept any more. No job was lost.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Halted(String);

impl std::fmt::Debug for Shared {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Shared").field("worker", &self.worker).finish_non_exhaustive()
    }
}

impl Shared {
    /// Stops the whole runner.
    fn halt(&self, reason: String) {
        if self.halted.set(reason).is_ok() {
            tracing::error!(reason = self.halted.get(), "nothing can be kept any more; stopping");
            self.stop.cancel();
        }
    }

    /// Whether the store says that nothing can be kept any more; then the whole runner stops.
    fn halts_for(&self, error: &store::Error) -> bool {
        let is_full = matches!(error, store::Error::Full { .. });
        if is_full {
            self.halt(error.to_string());
        }
        is_full
    }
}

impl Runner {
    #[must_use]
    pub fn new(deps: Deps, settings: Settings) -> Self {
        let bell = Bell::new(deps.store.clone(), Arc::clone(&deps.broker), deps.clock.clone());
        let shared = Shared {
            deps,
            settings,
            bell,
            worker: WorkerId::new(),
            hands: Arc::default(),
            stop: CancellationToken::new(),
            halted: OnceLock::new(),
        };
        Self { shared: Arc::new(shared) }
    }

    /// Runs until `shutdown`, then stops taking jobs, tells the running ones to stop, and commits what they return.
    ///
    /// # Errors
    /// [`Halted`] if it had to stop before it was told to.
    pub async fn run(self, shutdown: CancellationToken) -> Result<(), Halted> {
        let stop = self.shared.stop.clone();
        let link = tokio::spawn({
            let stop = stop.clone();
            async move {
                tokio::select! {
                    () = shutdown.cancelled() => stop.cancel(),
                    () = stop.cancelled() => {}
                }
            }
        });
        let (ended, outcomes) = mpsc::channel(SLICE * 4);
        let finisher = tokio::spawn(finisher::run(Arc::clone(&self.shared), outcomes));
        let alive = CancellationToken::new();
        let heart = tokio::spawn(heartbeat::run(Arc::clone(&self.shared), alive.clone()));

        let mut stages = JoinSet::new();
        for (&stage, &concurrency) in &self.shared.settings.concurrency {
            let (shared, ended, stop) = (Arc::clone(&self.shared), ended.clone(), stop.clone());
            stages.spawn(async move { serve(shared, stage, concurrency, ended, stop).await });
        }
        drop(ended);
        while let Some(served) = stages.join_next().await {
            log_panic("stage", served.err());
        }
        log_panic("finisher", finisher.await.err());
        alive.cancel();
        log_panic("heartbeat", heart.await.err());
        link.abort();
        self.shared.halted.get().map_or(Ok(()), |reason| Err(Halted(reason.clone())))
    }
}

fn log_panic(part: &str, error: Option<tokio::task::JoinError>) {
    if let Some(error) = error {
        tracing::error!(part, error = &error as &dyn std::error::Error, "a part of the runner died");
    }
}

/// One stage's loop: deliveries in, jobs started; at shutdown, waits for the jobs.
async fn serve(
    shared: Arc<Shared>,
    stage: Stage,
    concurrency: u16,
    ended: mpsc::Sender<Ended>,
    shutdown: CancellationToken,
) {
    let mut jobs = JoinSet::new();
    while let Some(mut consumer) = connect(&shared, stage, concurrency, &shutdown).await {
        while let Some(deliveries) = gather(&shared, consumer.as_mut(), &shutdown).await {
            start(&shared, stage, deliveries, &ended, &mut jobs).await;
            while let Some(over) = jobs.try_join_next() {
                log_panic("job", over.err());
            }
        }
        if shutdown.is_cancelled() {
            break;
        }
        tokio::time::sleep(TROUBLE).await;
    }
    for (_, leash) in shared.hands.all() {
        leash.pull(Stop::Shutdown);
    }
    while let Some(over) = jobs.join_next().await {
        log_panic("job", over.err());
    }
}

async fn connect(
    shared: &Shared,
    stage: Stage,
    prefetch: u16,
    shutdown: &CancellationToken,
) -> Option<Box<dyn Consumer>> {
    while !shutdown.is_cancelled() {
        match shared.deps.broker.consume(stage, prefetch).await {
            Ok(consumer) => return Some(consumer),
            Err(error) => {
                tracing::warn!(%stage, error = &error as &dyn std::error::Error, "the queue does not answer");
                let _ = tokio::time::timeout(TROUBLE, shutdown.cancelled()).await;
            }
        }
    }
    None
}

/// Waits for a delivery and takes what else is there already. None when the queue is gone or the runner stops.
async fn gather(
    shared: &Shared,
    consumer: &mut dyn Consumer,
    shutdown: &CancellationToken,
) -> Option<Vec<Delivery>> {
    let first = tokio::select! {
        biased;
        () = shutdown.cancelled() => return None,
        delivery = consumer.next() => delivery,
    };
    let mut deliveries = vec![first.map_err(log_lost_queue).ok()?];
    let company = tokio::time::sleep(shared.settings.linger);
    tokio::pin!(company);
    while deliveries.len() < SLICE {
        tokio::select! {
            biased;
            delivery = consumer.next() => match delivery {
                Ok(delivery) => deliveries.push(delivery),
                Err(_) => break,
            },
            () = &mut company => break,
        }
    }
    Some(deliveries)
}

fn log_lost_queue(error: queue::Error) {
    tracing::warn!(error = &error as &dyn std::error::Error, "the queue was lost");
}

/// Claims the announced jobs and starts those that were still to be had; acknowledges the rest.
async fn start(
    shared: &Arc<Shared>,
    stage: Stage,
    deliveries: Vec<Delivery>,
    ended: &mpsc::Sender<Ended>,
    jobs: &mut JoinSet<()>,
) {
    let rung = deliveries.iter().map(|delivery| &delivery.doorbell);
    let rung = rung.map(|bell| Doorbell { job: bell.job, run: bell.run, stage, attempt: bell.attempt });
    let rung: Vec<Doorbell> = rung.collect();
    let now = shared.deps.clock.now();
    let claimed = match shared.deps.store.claim(&rung, shared.worker, shared.settings.lease, now).await {
        Ok(claimed) => claimed,
        Err(error) if shared.halts_for(&error) => return,
        Err(error) => {
            // Dropped deliveries come again; the pause keeps that from spinning.
            tracing::warn!(error = &error as &dyn std::error::Error, "jobs could not be claimed");
            tokio::time::sleep(TROUBLE).await;
            return;
        }
    };
    let mut claimed: HashMap<JobId, Job> = claimed.into_iter().map(|job| (job.id, job)).collect();
    for delivery in deliveries {
        match claimed.remove(&delivery.doorbell.job) {
            Some(job) => {
                let waited = (now - job.due_at).to_std().unwrap_or_default();
                METRICS.handover.with_label_values(&[stage.as_str()]).observe(waited.as_secs_f64());
                let held = shared.hands.take(job.fence(), delivery);
                let (shared, ended) = (Arc::clone(shared), ended.clone());
                jobs.spawn(async move {
                    let finish = execute::job(&shared, job, &held).await;
                    // The finisher outlives every stage, unless it died: then no work would ever be kept.
                    if ended.send(Ended { finish, held }).await.is_err() {
                        shared.halt("outcomes cannot be written any more: their writer died".to_owned());
                    }
                });
            }
            // Another worker has it, or the announcement is out of date.
            None => finisher::acknowledge(delivery).await,
        }
    }
}
