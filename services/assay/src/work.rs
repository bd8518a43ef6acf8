//! How a run is driven in this process: workers at work, the log watched, until the run ends or nothing can move.

use std::collections::BTreeSet;
use std::time::{Duration, Instant};

use domain::{BlockedOn, Event, Job, JobId, JobState, Problem, Run, RunId, RunState};
use store::{Progress, Tenant};
use tokio_util::sync::CancellationToken;

use crate::app::{App, Engine};
use crate::failure::Failure;
use crate::lock::Lock;

/// How often the log and the counts are read.
const LOOK: Duration = Duration::from_millis(150);
/// How often the time left is estimated.
const ESTIMATE: Duration = Duration::from_secs(1);
/// The most events that are read at once.
const SLICE: u64 = 500;

/// Hears what happens while a run is driven.
pub trait Watch {
    fn event(&mut self, event: &Event);
    fn progress(&mut self, progress: &Progress, left: Option<Duration>);
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
    let mut log = Log { tenant: &tenant, run: id, seen: 0, timers: Timers::default() };
    // Only what happens from now on is news.
    log.news().await?;
    let (mut left, mut estimated) = (None, Instant::now());
    loop {
        // The state first: what is in the log by then is shown before the end is.
        let progress = tenant.progress(id).await?;
        let blocked = blocked(&tenant, &progress.run).await?;
        log.news().await?.iter().for_each(|event| watch.event(event));
        if estimated.elapsed() >= ESTIMATE {
            (left, estimated) = (tenant.time_left(&progress, app.clock.now()).await?, Instant::now());
        }
        watch.progress(&progress, left);
        let run = progress.run;
        if run.state.is_terminal() {
            return Ok(Over::Ended(run));
        }
        if engine.has_halted() {
            return Ok(Over::Interrupted(run));
        }
        if let Some(problem) = blocked.and_then(|jobs| for_nobody_else(jobs, &log.timers)) {
            return Ok(Over::Waits(run, problem));
        }
        tokio::select! {
            () = shutdown.cancelled() => return Ok(Over::Interrupted(run)),
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// The log of a run, as far as it was read.
struct Log<'a> {
    tenant: &'a Tenant,
    run: RunId,
    seen: i64,
    timers: Timers,
}

impl Log<'_> {
    /// All that was added since the last time.
    async fn news(&mut self) -> Result<Vec<Event>, Failure> {
        let mut news = Vec::new();
        loop {
            let more = self.tenant.events(self.run, self.seen, SLICE).await?;
            more.iter().for_each(|event| self.timers.hear(event));
            let Some(last) = more.last() else { return Ok(news) };
            self.seen = last.seq;
            news.extend(more);
        }
    }
}

/// The jobs that were last blocked until a known time.
#[derive(Debug, Default)]
struct Timers(BTreeSet<JobId>);

impl Timers {
    fn hear(&mut self, event: &Event) {
        let Some(job) = event.job.filter(|_| event.kind == "job.blocked") else { return };
        if event.data.get("until").is_some_and(|until| !until.is_null()) {
            self.0.insert(job);
        } else {
            self.0.remove(&job);
        }
    }
}

/// The jobs of a run that may wait for the user. Read before the log, which then knows of each how long it waits.
async fn blocked(tenant: &Tenant, run: &Run) -> Result<Option<Vec<Job>>, Failure> {
    if run.blocked_on.is_some_and(for_the_user) && run.blocked_until.is_none() {
        return Ok(Some(tenant.jobs(run.id).await?));
    }
    Ok(None)
}

const fn for_the_user(on: BlockedOn) -> bool {
    matches!(on, BlockedOn::Budget | BlockedOn::Provider)
}

/// What the jobs wait for, if it is only money or a provider that will not answer by itself; none while any can move.
fn for_nobody_else(jobs: Vec<Job>, timers: &Timers) -> Option<Problem> {
    let mut left =
        jobs.into_iter().filter(|job| matches!(job.state, JobState::Ready | JobState::Running)).peekable();
    let waits = |job: &Job| {
        job.state == JobState::Ready
            && job.blocked_on.is_some_and(for_the_user)
            && !timers.0.contains(&job.id)
    };
    let problem = left.peek()?.problem.clone();
    if left.all(|job| waits(&job)) { problem } else { None }
}

#[cfg(test)]
mod tests {
    use domain::{NewEvent, Stage, SubjectId, TenantId};
    use serde_json::{Value, json};

    use super::*;

    fn job(state: JobState, blocked_on: Option<BlockedOn>, code: &str) -> Job {
        let now = "2025-03-02T10:00:00Z".parse().unwrap();
        Job {
            id: JobId::new(),
            run: RunId::new(),
            tenant: TenantId::LOCAL,
            subject: SubjectId::new(),
            node: "team".to_owned(),
            uses: "analyze.ask".to_owned(),
            stage: Stage::Analyze,
            state,
            attempt: 1,
            failures: 0,
            document: None,
            checkpoint: None,
            output: None,
            problem: Some(Problem::new(code, "waits")),
            blocked_on,
            due_at: now,
            created_at: now,
            started_at: None,
            ended_at: None,
        }
    }

    fn blocked(job: &Job, until: Value) -> Event {
        let NewEvent { kind, data } =
            NewEvent::new("job.blocked", json!({ "on": job.blocked_on, "until": until }));
        Event { run: job.run, seq: 1, job: Some(job.id), kind, at: job.due_at, data }
    }

    fn code(jobs: &[Job], timers: &Timers) -> Option<String> {
        for_nobody_else(jobs.to_vec(), timers).map(|problem| problem.code)
    }

    #[test]
    fn a_run_waits_for_the_user_only_when_no_job_can_move_without() {
        let limited = job(JobState::Ready, Some(BlockedOn::Provider), "provider_rate_limited");
        let short = job(JobState::Ready, Some(BlockedOn::Budget), "budget_exhausted");
        let mut timers = Timers::default();
        timers.hear(&blocked(&short, Value::Null));
        assert_eq!(code(std::slice::from_ref(&short), &timers).as_deref(), Some("budget_exhausted"));
        timers.hear(&blocked(&limited, json!("2025-03-02T10:00:30Z")));
        assert_eq!(
            code(&[short.clone(), limited.clone()], &timers),
            None,
            "the provider asks for half a minute"
        );
        timers.hear(&blocked(&limited, Value::Null));
        assert_eq!(
            code(&[limited.clone(), short.clone()], &timers).as_deref(),
            Some("provider_rate_limited")
        );
        for other in [
            job(JobState::Running, None, "none"),
            job(JobState::Ready, None, "retried"),
            job(JobState::Ready, Some(BlockedOn::Host), "robots_unreachable"),
        ] {
            assert_eq!(code(&[short.clone(), other], &timers), None);
        }
        let ended = job(JobState::Failed, Some(BlockedOn::Provider), "old");
        assert_eq!(code(&[ended, short], &timers).as_deref(), Some("budget_exhausted"));
        assert_eq!(code(&[], &timers), None);
    }
}
