//! How a run is driven in this process: workers at work, the log watched, until the run ends or nothing can move.

use std::time::Duration;

use domain::{BlockedOn, Event, JobState, Problem, Run, RunId, RunState};
use store::{Progress, Tenant};
use tokio_util::sync::CancellationToken;

use crate::app::{App, Engine};
use crate::failure::Failure;
use crate::lock::Lock;

/// How often the log and the counts are read.
const LOOK: Duration = Duration::from_millis(150);
/// The most events that are read at once.
const SLICE: u64 = 500;

/// Hears what happens while a run is driven.
pub trait Watch {
    fn event(&mut self, event: &Event);
    fn progress(&mut self, progress: &Progress);
    fn over(&mut self);
}

/// Why driving ended.
#[derive(Debug)]
pub enum Over {
    /// The run is in a terminal state.
    Ended(Run),
    /// Told to stop; the run goes on with `assay resume`.
    Interrupted(Run),
    /// Nothing moves until the user does something; the problem says what.
    Waits(Run, Problem),
}

/// Works on the run until it is over, and watches.
///
/// # Errors
/// If the run is not there, another process has it, or the database fails.
pub async fn drive(
    app: &App,
    id: RunId,
    shutdown: &CancellationToken,
    watch: &mut dyn Watch,
) -> Result<Over, Failure> {
    let tenant = app.tenant();
    let run = tenant.run(id).await?;
    if run.state.is_terminal() {
        return Ok(Over::Ended(run));
    }
    let _lock = Lock::take(&app.home, id)?;
    // The lock says that no living process works on the run: whoever held its jobs is dead.
    app.store.reap_all(id, app.clock.now()).await?;
    if run.state == RunState::Paused {
        tenant.resume(id, app.clock.now()).await?;
    }
    let engine = app.start(id, shutdown)?;
    let over = watched(app, id, &engine, shutdown, watch).await;
    let stopped = engine.stop().await;
    watch.over();
    stopped?;
    match over? {
        // What was in hand may have been the last job.
        Over::Interrupted(_) => {
            let run = tenant.run(id).await?;
            Ok(if run.state.is_terminal() { Over::Ended(run) } else { Over::Interrupted(run) })
        }
        over => Ok(over),
    }
}

async fn watched(
    app: &App,
    id: RunId,
    engine: &Engine,
    shutdown: &CancellationToken,
    watch: &mut dyn Watch,
) -> Result<Over, Failure> {
    let tenant = app.tenant();
    // Only what happens from now on is news.
    let mut seen = last_event(&tenant, id).await?;
    loop {
        // The state first: what is in the log by then is shown before the end is.
        let progress = tenant.progress(id).await?;
        for event in tenant.events(id, seen, SLICE).await? {
            seen = event.seq;
            watch.event(&event);
        }
        watch.progress(&progress);
        let run = progress.run;
        if run.state.is_terminal() {
            return Ok(Over::Ended(run));
        }
        if engine.has_halted() {
            return Ok(Over::Interrupted(run));
        }
        if let Some(problem) = stuck(app, &run).await? {
            return Ok(Over::Waits(run, problem));
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(Over::Interrupted(run)),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

async fn last_event(tenant: &Tenant, id: RunId) -> Result<i64, Failure> {
    let mut seen = 0;
    while let Some(event) = tenant.events(id, seen, SLICE).await?.last() {
        seen = event.seq;
    }
    Ok(seen)
}

/// The reason, if every job that is left waits for money or for a provider that will not answer by itself.
async fn stuck(app: &App, run: &Run) -> Result<Option<Problem>, Failure> {
    let for_the_user = |on| matches!(on, BlockedOn::Budget | BlockedOn::Provider);
    if !run.blocked_on.is_some_and(for_the_user) || run.blocked_until.is_some() {
        return Ok(None);
    }
    let jobs = app.tenant().jobs(run.id).await?;
    let mut movable = jobs.iter().filter(|job| matches!(job.state, JobState::Ready | JobState::Running));
    if movable.any(|job| job.state == JobState::Running || !job.blocked_on.is_some_and(for_the_user)) {
        return Ok(None);
    }
    Ok(jobs.into_iter().find_map(|job| job.blocked_on.and(job.problem)))
}
