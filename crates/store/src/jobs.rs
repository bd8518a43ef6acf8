//! Rows of jobs: conditions that name them, locks, and what makes them ring.
//!
//! # The order of locks
//! A transaction that changes a run locks runs by id, then the running jobs it was asked about by id, then subjects by
//! id, and only then jobs that do not run. So two of them wait for each other in one order, and whatever else they
//! touch (nodes, events, money, jobs that wait or have ended) belongs to a run that they have locked. Creating a run
//! locks its subject; the rest of what it writes nobody else can see yet.
//!
//! Claims, announcements and heartbeats lock no run. Each is one statement that locks its jobs by id, and waits for
//! nothing after that. Heartbeats want running jobs; claims and announcements want ready ones.
//!
//! One circle is left: a slice (of endings, of lost leases) that wakes or cancels the ready jobs of several runs does
//! so run by run, and a claim or an announcement that names jobs of the same runs may hold what it wants next and wait
//! for what it has. Postgres sends one of the two back after its `deadlock_timeout` (1 s), and `transact!` starts that
//! one again. On SQLite one writer follows the other.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{BlockedOn, DocumentId, Job, JobId, JobState, RunId, Stage, SubjectId, TenantId};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::sea_query::{CaseStatement, Expr, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, DatabaseTransaction, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QuerySelect, QueryTrait,
};
use uuid::Uuid;

use crate::convert::{CHUNK, Word, from_json_maybe, later};
use crate::entity::jobs;
use crate::ledger::Ledger;
use crate::{ANNOUNCE_AGAIN, Doorbell, Error};

/// From how many announcements on the pause between two of them grows no more: about an hour.
const LAST_DOUBLING: i32 = 6;

/// The job's state, written out instead of passed along: only so can a planner see which partial index serves.
pub(crate) fn is(state: JobState) -> Expr {
    Expr::col((jobs::Entity, jobs::Column::State)).eq(Expr::cust(format!("'{}'", state.word())))
}

/// `(id, attempt)` is one of these. Most jobs are at their first attempt, so there are few groups.
pub(crate) fn attempts(pairs: impl Iterator<Item = (JobId, i32)>) -> Condition {
    let mut groups: BTreeMap<i32, Vec<Uuid>> = BTreeMap::new();
    for (job, attempt) in pairs {
        groups.entry(attempt).or_default().push(job.uuid());
    }
    let any = groups.into_iter().fold(Condition::any(), |any, (attempt, jobs)| {
        any.add(Condition::all().add(jobs::Column::Attempt.eq(attempt)).add(jobs::Column::Id.is_in(jobs)))
    });
    Condition::all().add(any)
}

/// The job is ready and its run runs: somebody may announce or claim it.
pub(crate) fn ringing() -> Condition {
    Condition::all().add(is(JobState::Ready)).add(jobs::Column::RingAt.is_not_null())
}

/// The ids of the jobs that fit, locked in the order that everybody keeps. A lock held by somebody else is waited for,
/// not skipped: whoever asks names the jobs, and a skipped one would wait for its next announcement.
pub(crate) fn locked(wanted: Condition) -> SelectStatement {
    let mut query = jobs::Entity::find()
        .select_only()
        .column(jobs::Column::Id)
        .filter(wanted)
        .order_by_asc(jobs::Column::Id)
        .into_query();
    query.lock_exclusive();
    query
}

/// Which runs the jobs belong to, in the order in which runs are locked.
pub(crate) async fn runs_of(tx: &DatabaseTransaction, ids: &[JobId]) -> Result<BTreeSet<RunId>, Error> {
    let mut runs = BTreeSet::new();
    for chunk in ids.chunks(CHUNK) {
        let found: Vec<Uuid> = jobs::Entity::find()
            .select_only()
            .column(jobs::Column::RunId)
            .distinct()
            .filter(jobs::Column::Id.is_in(chunk.iter().map(|job| job.uuid())))
            .into_tuple()
            .all(tx)
            .await?;
        runs.extend(found.into_iter().map(RunId::from_uuid));
    }
    Ok(runs)
}

/// Locks those of the jobs that run; whoever calls has locked their runs.
pub(crate) async fn lock_running(
    tx: &DatabaseTransaction,
    ids: impl IntoIterator<Item = JobId>,
) -> Result<Vec<jobs::Model>, Error> {
    let mut sorted: Vec<_> = ids.into_iter().map(JobId::uuid).collect();
    sorted.sort_unstable();
    let mut rows = Vec::with_capacity(sorted.len());
    for ids in sorted.chunks(CHUNK) {
        let found = jobs::Entity::find()
            .filter(jobs::Column::Id.is_in(ids.iter().copied()))
            .filter(is(JobState::Running))
            .order_by_asc(jobs::Column::Id)
            .lock_exclusive()
            .all(tx)
            .await?;
        rows.extend(found);
    }
    Ok(rows)
}

/// Whether the row is what the fence says: this attempt, still running.
pub(crate) fn is_held(job: &jobs::Model, attempt: i32) -> bool {
    job.attempt == attempt && job.state == JobState::Running.word()
}

/// The parts of a job's row that the end of an attempt changes.
pub(crate) fn job_change(job: &jobs::Model, state: JobState) -> jobs::ActiveModel {
    jobs::ActiveModel {
        id: Unchanged(job.id),
        state: Set(state.word().to_owned()),
        ring_at: Set(None),
        lease_until: Set(None),
        worker_id: Set(None),
        ..Default::default()
    }
}

/// When to announce once more what is announced now: after [`ANNOUNCE_AGAIN`], then each time after twice as long. So a
/// lost message is made good soon, and a queue that is an hour long holds a handful of messages per job.
pub(crate) fn ring_again_at(now: DateTime<Utc>) -> Expr {
    let after = |rings: i32| Expr::value(Some(later(now, ANNOUNCE_AGAIN * (1 << rings))));
    let rings = |rings: i32| Expr::col(jobs::Column::Rings).eq(rings);
    (0..LAST_DOUBLING)
        .fold(CaseStatement::new(), |case, n| case.case(rings(n), after(n)))
        .finally(after(LAST_DOUBLING))
        .into()
}

impl Ledger<'_> {
    pub(crate) async fn change_job(&self, change: jobs::ActiveModel) -> Result<(), Error> {
        jobs::Entity::update(change).exec_without_returning(self.tx).await?;
        Ok(())
    }

    /// When a job that is due then is to be announced: never, as long as its run does not run.
    pub(crate) fn ring_at(&self, due_at: DateTime<Utc>) -> Option<DateTime<Utc>> {
        self.is_running().then_some(due_at)
    }

    /// A job that stops running and is to run again.
    pub(crate) fn ready_again(&self, job: &jobs::Model, due_at: DateTime<Utc>) -> jobs::ActiveModel {
        jobs::ActiveModel {
            due_at: Set(due_at),
            ring_at: Set(self.ring_at(due_at)),
            rings: Set(0),
            ..job_change(job, JobState::Ready)
        }
    }

    /// Has ready jobs announced once more: all, or those that wait for `blocked_on`, which become due. Raising the
    /// attempt makes every announcement under way out of date, so that none of them can mark the job as announced.
    pub(crate) async fn ring_again(&self, blocked_on: Option<BlockedOn>) -> Result<(), Error> {
        let mut ready = self.ready();
        let mut ring_at = Expr::col(jobs::Column::DueAt);
        let mut update = jobs::Entity::update_many()
            .col_expr(jobs::Column::Rings, Expr::value(0))
            .col_expr(jobs::Column::Attempt, Expr::col(jobs::Column::Attempt).add(1));
        if let Some(on) = blocked_on {
            ready = ready.add(jobs::Column::BlockedOn.eq(on.word()));
            update = update.col_expr(jobs::Column::DueAt, Expr::value(self.now));
            ring_at = Expr::value(self.now);
        }
        let ring_at = if self.is_running() { ring_at } else { Expr::value(None::<DateTime<Utc>>) };
        let update = update.col_expr(jobs::Column::RingAt, ring_at);
        update.filter(jobs::Column::Id.in_subquery(locked(ready))).exec(self.tx).await?;
        Ok(())
    }

    /// Takes the ready jobs out of what is announced, until [`Ledger::ring_again`].
    pub(crate) async fn hush(&self) -> Result<(), Error> {
        jobs::Entity::update_many()
            .col_expr(jobs::Column::RingAt, Expr::value(None::<DateTime<Utc>>))
            .filter(jobs::Column::Id.in_subquery(locked(self.ready())))
            .exec(self.tx)
            .await?;
        Ok(())
    }

    fn ready(&self) -> Condition {
        Condition::all().add(jobs::Column::RunId.eq(self.run.id)).add(is(JobState::Ready))
    }
}

pub(crate) fn read_job(row: jobs::Model) -> Result<Job, Error> {
    Ok(Job {
        id: JobId::from_uuid(row.id),
        run: RunId::from_uuid(row.run_id),
        tenant: TenantId::from_uuid(row.tenant_id),
        subject: SubjectId::from_uuid(row.subject_id),
        stage: Stage::read(&row.stage)?,
        state: JobState::read(&row.state)?,
        attempt: row.attempt,
        failures: row.failures,
        document: row.document_id.map(DocumentId::from_uuid),
        checkpoint: from_json_maybe("checkpoint", row.checkpoint.as_ref())?,
        output: from_json_maybe("output", row.output.as_ref())?,
        problem: from_json_maybe("problem", row.problem.as_ref())?,
        blocked_on: BlockedOn::read_maybe(row.blocked_on.as_ref())?,
        due_at: row.due_at,
        created_at: row.created_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
        node: row.node,
        uses: row.uses,
    })
}

pub(crate) fn doorbell(job: &jobs::Model) -> Result<Doorbell, Error> {
    Ok(Doorbell {
        job: JobId::from_uuid(job.id),
        run: RunId::from_uuid(job.run_id),
        stage: Stage::read(&job.stage)?,
        attempt: job.attempt,
    })
}
