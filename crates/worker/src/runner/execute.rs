//! One job, from claim to what should be committed for it.

use std::any::Any;
use std::panic::AssertUnwindSafe;
use std::time::{Duration, Instant};

use domain::{BlockedOn, Job, Problem};
use futures_util::FutureExt;
use serde_json::{Map, Value};
use store::{Effects, Ending, Finish};
use tracing::Instrument;

use super::Shared;
use super::held::Held;
use crate::leash::{Leash, Stop};
use crate::metrics::{self, METRICS};
use crate::{Context, Error, Outcome, retry};

/// How long a job waits that this process has no worker for.
const FOR_OTHERS: Duration = Duration::from_secs(30);

/// Runs the job and says how it ended, whatever the worker does.
pub(super) async fn job(shared: &Shared, job: Job, held: &Held) -> Finish {
    let span = tracing::info_span!("job", job.id = %job.id, run.id = %job.run, job.node = %job.node,
        job.uses = %job.uses, job.attempt = job.attempt);
    let (fence, leash, failures) = (held.fence(), held.leash(), job.failures);
    let (stage, uses, began) = (job.stage.as_str(), job.uses.clone(), Instant::now());
    let _running = metrics::Running::at(job.stage);
    let attempt = attempt(shared, job, leash).instrument(span.clone());
    let outcome = AssertUnwindSafe(attempt).catch_unwind().await;
    let _in_span = span.enter();
    let (ending, effects) = match outcome.unwrap_or_else(|panic| Err(panicked(panic.as_ref()))) {
        Ok(Outcome::Done { output, effects }) => (Ending::Done { output }, effects),
        Ok(Outcome::Yield { after }) => (Ending::Yield { after }, Effects::default()),
        Err(error) => (ending(shared, error, failures, leash), Effects::default()),
    };
    METRICS.jobs.with_label_values(&[stage, uses.as_str(), metrics::outcome(&ending)]).inc();
    METRICS.seconds.with_label_values(&[stage]).observe(began.elapsed().as_secs_f64());
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
    let Some(worker) = shared.deps.registry.get(&job.uses) else {
        // A newer process may know it; this one must not spend the run's failures on its own ignorance.
        tracing::warn!("this process has no such worker; the job is left to others");
        return Ok(Outcome::Yield { after: FOR_OTHERS });
    };
    let work = async {
        let (context, with) = prepare(shared, job, leash).await?;
        worker.run(&context, with).await
    };
    tokio::pin!(work);
    let stopped = async {
        leash.token().cancelled().await;
        if leash.reason() != Some(Stop::Lost) {
            tokio::time::sleep(shared.settings.grace).await;
        }
    };
    tokio::select! {
        biased;
        outcome = &mut work => outcome,
        () = stopped => {
            tracing::warn!(reason = ?leash.reason(), "the job did not stop when told to and was dropped");
            Err(Error::Cancelled)
        }
    }
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
