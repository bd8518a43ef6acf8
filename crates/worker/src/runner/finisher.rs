//! Outcomes are committed together, their doorbells rung, their messages acknowledged.

use std::sync::Arc;

use queue::Delivery;
use store::{Committed, Finish};
use tokio::sync::mpsc;

use super::{SLICE, Shared, TROUBLE};

/// A job that is over, and the message that started it.
pub(super) struct Ended {
    pub(super) finish: Finish,
    pub(super) delivery: Delivery,
}

/// Commits until every sender is gone and the last outcome is written.
pub(super) async fn run(shared: Arc<Shared>, mut outcomes: mpsc::Receiver<Ended>) {
    while let Some(first) = outcomes.recv().await {
        let mut ended = vec![first];
        let company = tokio::time::sleep(shared.settings.linger);
        tokio::pin!(company);
        while ended.len() < SLICE {
            tokio::select! {
                biased;
                more = outcomes.recv() => match more {
                    Some(more) => ended.push(more),
                    None => break,
                },
                () = &mut company => break,
            }
        }
        commit(&shared, ended).await;
    }
}

/// Writes the slice, trying for as long as a lease could still hold.
async fn commit(shared: &Shared, ended: Vec<Ended>) {
    let (finishes, deliveries): (Vec<_>, Vec<_>) =
        ended.into_iter().map(|Ended { finish, delivery }| (finish, delivery)).unzip();
    let deadline = tokio::time::Instant::now() + shared.settings.lease;
    let results = loop {
        match shared.deps.store.finish(&finishes, shared.deps.clock.now()).await {
            Ok(results) => break results,
            Err(error) if error.is_retryable() && tokio::time::Instant::now() < deadline => {
                tracing::warn!(error = &error as &dyn std::error::Error, "outcomes could not be written yet");
                tokio::time::sleep(TROUBLE).await;
            }
            Err(error) => {
                tracing::error!(
                    error = &error as &dyn std::error::Error,
                    jobs = finishes.len(),
                    "outcomes could not be written; the jobs will run again when their leases end"
                );
                finishes.iter().for_each(|finish| shared.let_go(finish.fence));
                return;
            }
        }
    };
    let mut ready = Vec::new();
    for (finish, result) in finishes.iter().zip(results) {
        shared.let_go(finish.fence);
        match result {
            Ok(Committed { ready: now_ready, .. }) => ready.extend(now_ready),
            Err(store::Error::Fenced) => {
                tracing::warn!(job.id = %finish.fence.job, job.attempt = finish.fence.attempt, "a late outcome was refused");
            }
            Err(error) => {
                tracing::error!(job.id = %finish.fence.job, error = &error as &dyn std::error::Error,
                "an outcome was refused")
            }
        }
    }
    shared.bell.ring(&ready).await;
    for delivery in deliveries {
        acknowledge(delivery).await;
    }
}

pub(super) async fn acknowledge(delivery: Delivery) {
    if let Err(error) = delivery.ack().await {
        tracing::debug!(error = &error as &dyn std::error::Error, "a message will be delivered again");
    }
}
