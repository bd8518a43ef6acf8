//! One job, from claim to what should be committed for it.

use std::any::Any;
use std::panic::AssertUnwindSafe;

use domain::{BlockedOn, Job, Problem};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use store::{Effects, Ending, Finish};
use tracing::Instrument;

use super::Shared;
use crate::leash::{Leash, Stop};
use crate::registry::Erased;
use crate::{Context, Error, Outcome, retry};

/// Runs the job and says how it ended. Never panics, whatever the worker does.
pub(super) async fn job(shared: &Shared, job: Job, leash: Leash) -> Finish {
    let span = tracing::info_span!("job", job.id = %job.id, run.id = %job.run, job.node = %job.node,
        job.uses = %job.uses, job.attempt = job.attempt);
    let (fence, failures) = (job.fence(), job.failures);
    let outcome = attempt(shared, job, &leash).instrument(span.clone()).await;
    let _in_span = span.enter();
    let (ending, effects) = match outcome {
        Ok(Outcome::Done { output, effects }) => (Ending::Done { output }, effects),
        Ok(Outcome::Yield { after }) => (Ending::Yield { after }, Effects::default()),
        Err(error) => (ending(shared, error, failures, &leash), Effects::default()),
    };
    Finish { fence, ending, effects }
}

fn ending(shared: &Shared, error: Error, failures: i32, leash: &Leash) -> Ending {
    match error {
        Error::Retry { problem, after } => {
            tracing::warn!(problem.code, problem.detail, "the job will be tried again");
            Ending::Retry { problem, after: after.unwrap_or_else(|| retry::delay(failures)) }
        }
        Error::Blocked { on, until, problem } => {
            tracing::info!(on = BlockedOn::as_str(on), problem.detail, "the job waits");
            Ending::Blocked { on, until, problem }
        }
        Error::Fatal(problem) => {
            tracing::warn!(problem.code, problem.detail, "the job failed");
            Ending::Failed { problem }
        }
        Error::Halt(reason) => {
            shared.halt(reason);
            Ending::Released
        }
        Error::Cancelled => {
            tracing::debug!(reason = ?leash.reason(), "the job stopped as told");
            Ending::Released
        }
    }
}

async fn attempt(shared: &Shared, job: Job, leash: &Leash) -> Result<Outcome<Value>, Error> {
    let uses = job.uses.clone();
    let worker = shared.deps.registry.get(&uses).ok_or_else(|| {
        // A newer process may know it; this one must not fail the run for its own ignorance.
        Error::retry("unknown_worker", format!("this process has no worker `{uses}`"))
    })?;
    let (context, with) = prepare(shared, job, leash).await?;
    let work = AssertUnwindSafe(guarded(worker.as_ref(), &context, with)).catch_unwind();
    tokio::pin!(work);
    let stopped = async {
        leash.token().cancelled().await;
        if leash.reason() != Some(Stop::Lost) {
            tokio::time::sleep(shared.settings.grace).await;
        }
    };
    tokio::select! {
        biased;
        outcome = &mut work => outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))),
        () = stopped => {
            tracing::warn!(reason = ?leash.reason(), "the job did not stop when told to and was dropped");
            Err(Error::Cancelled)
        }
    }
}

async fn guarded(
    worker: &dyn Erased,
    ctx: &Context,
    with: Map<String, Value>,
) -> Result<Outcome<Value>, Error> {
    worker.run(ctx, with).await
}

/// A panic is a bug, and bugs are often of one input or one moment: the job is retried like any failure.
fn panicked(panic: &(dyn Any + Send)) -> Error {
    let message = panic
        .downcast_ref::<&str>()
        .copied()
        .or_else(|| panic.downcast_ref::<String>().map(String::as_str))
        .unwrap_or("no message");
    tracing::error!(message, "a worker panicked");
    Error::retry("worker_panicked", "the worker met a case it was not written for")
}

/// Reads what the job needs to know and fills in its arguments.
async fn prepare(shared: &Shared, job: Job, leash: &Leash) -> Result<(Context, Map<String, Value>), Error> {
    let store = &shared.deps.store;
    let run = store.tenant(job.tenant).run(job.run).await?;
    let snapshot = store.snapshot(job.run).await?;
    let node = snapshot.node(&job.node).cloned().ok_or_else(|| {
        Error::Fatal(Problem::new("missing_job", format!("the run's pipeline has no job `{}`", job.node)))
    })?;
    let scope = store.scope(job.run).await?;
    let with = pipelines::template::render(&node.with, &scope)
        .map_err(|error| Error::fatal("invalid_arguments", format!("job `{}`: {error}", job.node)))?;
    let context = Context {
        job,
        run,
        snapshot,
        node,
        store: store.clone(),
        ephemeral: std::sync::Arc::clone(&shared.deps.ephemeral),
        bell: shared.bell.clone(),
        clock: shared.deps.clock.clone(),
        leash: leash.clone(),
    };
    Ok((context, with))
}
