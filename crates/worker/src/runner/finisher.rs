//! Outcomes are committed together, their doorbells rung, their messages acknowledged.

use std::cmp::Reverse;
use std::sync::Arc;

use domain::Problem;
use queue::Delivery;
use store::{Committed, Effects, Ending, Finish};
use tokio::sync::mpsc;
use tokio::time::Instant;

use super::held::Held;
use super::{SLICE, Shared, TROUBLE};
use crate::metrics::METRICS;

/// A job that is over, held until that is committed.
pub(super) struct Ended {
    pub(super) finish: Finish,
    pub(super) held: Held,
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

/// Writes the slice. What the store refuses for good fails its job with the store's reason; left alone, it would run
/// again and again, and in the end be taken for a worker that stopped answering.
async fn commit(shared: &Shared, ended: Vec<Ended>) {
    let failed = |(Ended { finish, held }, problem)| {
        let ending = Ending::Failed { problem };
        Ended { finish: Finish { ending, effects: Effects::default(), fence: finish.fence }, held }
    };
    let refused = settle(shared, ended).await;
    settle(shared, refused.into_iter().map(failed).collect()).await;
}

/// Tries for as long as a lease could still hold, and answers with what was refused for good.
async fn settle(shared: &Shared, mut ended: Vec<Ended>) -> Vec<(Ended, Problem)> {
    let deadline = Instant::now() + shared.settings.lease;
    let mut refused = Vec::new();
    while !ended.is_empty() {
        let Written { ready, over, again, trouble } = write(shared, ended, &mut refused).await;
        shared.bell.ring(&ready).await;
        for delivery in over {
            acknowledge(delivery).await;
        }
        ended = again;
        let Some(trouble) = trouble else { break };
        let (is_late, jobs) = (Instant::now() >= deadline, ended.len());
        let error = trouble.as_ref() as &(dyn std::error::Error + Send + Sync);
        if is_late {
            tracing::error!(
                error,
                jobs,
                "outcomes could not be written; the jobs run again when their leases end"
            );
            break;
        }
        tracing::warn!(error, jobs, "outcomes could not be written yet");
        tokio::time::sleep(TROUBLE).await;
    }
    refused
}

/// What became of a slice.
#[derive(Default)]
struct Written {
    ready: Vec<store::Doorbell>,
    over: Vec<Delivery>,
    again: Vec<Ended>,
    /// Why some are to be tried again.
    trouble: Option<Arc<store::Error>>,
}

async fn write(shared: &Shared, ended: Vec<Ended>, refused: &mut Vec<(Ended, Problem)>) -> Written {
    let mut written = Written::default();
    for (ended, result) in finish(shared, ended).await {
        let fence = ended.finish.fence;
        match result {
            Ok(committed) => {
                written.ready.extend(committed.ready);
                written.over.push(ended.held.over());
            }
            Err(error) if matches!(*error, store::Error::Fenced) => {
                METRICS.late.inc();
                tracing::warn!(job.id = %fence.job, job.attempt = fence.attempt, "a late outcome was refused");
                written.over.push(ended.held.over());
            }
            Err(error) if error.is_retryable() => {
                written.again.push(ended);
                written.trouble = Some(error);
            }
            Err(error) if shared.halts_for(&error) => drop(ended),
            Err(error) => {
                let problem = Problem::new("store_refused", error.to_string());
                let error = error.as_ref() as &dyn std::error::Error;
                tracing::error!(job.id = %fence.job, job.attempt = fence.attempt, error, "an outcome was refused");
                refused.push((ended, problem));
            }
        }
    }
    written
}

/// Each with its answer; an error of the whole is everybody's.
async fn finish(
    shared: &Shared,
    mut ended: Vec<Ended>,
) -> Vec<(Ended, Result<Committed, Arc<store::Error>>)> {
    // Two attempts at one job can meet in a slice, of which the store hears the first: that must be the later attempt.
    ended.sort_by_key(|ended| Reverse(ended.finish.fence.attempt));
    let (finishes, held): (Vec<_>, Vec<_>) =
        ended.into_iter().map(|Ended { finish, held }| (finish, held)).unzip();
    let results: Vec<_> = match shared.deps.store.finish(&finishes, shared.deps.clock.now()).await {
        Ok(results) => results.into_iter().map(|result| result.map_err(Arc::new)).collect(),
        Err(error) => vec![Err(Arc::new(error)); finishes.len()],
    };
    let ended = finishes.into_iter().zip(held).map(|(finish, held)| Ended { finish, held });
    ended.zip(results).collect()
}

pub(super) async fn acknowledge(delivery: Delivery) {
    if let Err(error) = delivery.ack().await {
        tracing::debug!(error = &error as &dyn std::error::Error, "a message will be delivered again");
    }
}
