//! From ready to running and while it runs: what is to be announced, claiming, heartbeats.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{Fence, Job, JobId, JobState, RunId, RunState, Stage, WorkerId};
use sea_orm::sea_query::{Expr, Query, SelectStatement};
use sea_orm::{
    ColumnTrait, Condition, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder,
    QueryResult, QuerySelect, QueryTrait, Select,
};
use uuid::Uuid;

use crate::convert::{CHUNK, Word, later, micros};
use crate::entity::{jobs, runs};
use crate::runs::read_job;
use crate::transaction::transact;
use crate::{Doorbell, Error, Scope, Signal, Store};

/// How many pairs of job and attempt one statement compares; SQLite limits the depth of a condition.
const PAIRS: usize = 200;

impl Store {
    /// Jobs that are ready, due and not announced, of runs that are running; those that are due longest first.
    pub async fn unannounced(
        &self,
        scope: Scope,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Doorbell>, Error> {
        let query = unannounced(scope)
            .select_only()
            .columns([jobs::Column::Id, jobs::Column::RunId, jobs::Column::Stage, jobs::Column::Attempt])
            .filter(jobs::Column::DueAt.lte(micros(now)))
            .order_by_asc(jobs::Column::DueAt)
            .order_by_asc(jobs::Column::Id)
            .limit(limit)
            .into_tuple::<(Uuid, Uuid, String, i32)>();
        let rows = self.read(query.all(self.reader())).await?;
        let doorbell = |(job, run, stage, attempt): (_, _, String, _)| {
            let (job, run) = (JobId::from_uuid(job), RunId::from_uuid(run));
            Ok(Doorbell { job, run, stage: Stage::read(&stage)?, attempt })
        };
        rows.into_iter().map(doorbell).collect()
    }

    /// Says that these were put on their queues. One that was claimed since then is left alone.
    pub async fn announced(&self, doorbells: &[Doorbell], now: DateTime<Utc>) -> Result<(), Error> {
        for chunk in doorbells.chunks(PAIRS) {
            let pairs = chunk.iter().map(|bell| (bell.job, bell.attempt));
            let update = jobs::Entity::update_many()
                .col_expr(jobs::Column::AnnouncedAt, Expr::value(Some(micros(now))))
                .filter(jobs::Column::Id.in_subquery(locked(attempts(pairs).add(is(JobState::Ready)))));
            transact!(self, |tx| update.clone().exec(&tx).await.map_err(Error::from))?;
        }
        Ok(())
    }

    /// When the next job becomes due that is ready and not announced, of a run that is running. In the past if one
    /// is due already.
    pub async fn next_due(&self, scope: Scope) -> Result<Option<DateTime<Utc>>, Error> {
        let query = unannounced(scope)
            .select_only()
            .column(jobs::Column::DueAt)
            .order_by_asc(jobs::Column::DueAt)
            .limit(1)
            .into_tuple();
        self.read(query.one(self.reader())).await
    }

    /// Takes jobs for `worker`, until `lease` from `now`: the attempt goes up by one. What is not ready, not due, or
    /// of a run that is not running is left out. The answer keeps no order.
    pub async fn claim(
        &self,
        jobs: &[JobId],
        worker: WorkerId,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Job>, Error> {
        let now = micros(now);
        let mut claimed = Vec::with_capacity(jobs.len());
        for chunk in jobs.chunks(CHUNK) {
            let wanted = Condition::all()
                .add(is(JobState::Ready))
                .add(jobs::Column::Id.is_in(chunk.iter().map(|job| job.uuid())))
                .add(jobs::Column::DueAt.lte(now))
                .add(run_is_running());
            let update = jobs::Entity::update_many()
                .col_expr(jobs::Column::State, Expr::value(JobState::Running.word()))
                .col_expr(jobs::Column::Attempt, Expr::col(jobs::Column::Attempt).add(1))
                .col_expr(jobs::Column::WorkerId, Expr::value(Some(worker.uuid())))
                .col_expr(jobs::Column::LeaseUntil, Expr::value(Some(later(now, lease))))
                .col_expr(jobs::Column::BlockedOn, Expr::value(None::<String>))
                .col_expr(
                    jobs::Column::StartedAt,
                    Expr::col(jobs::Column::StartedAt).if_null(Expr::value(Some(now))),
                )
                .filter(jobs::Column::Id.in_subquery(locked(wanted)));
            let rows =
                transact!(self, |tx| update.clone().exec_with_returning(&tx).await.map_err(Error::from))?;
            claimed.extend(rows);
        }
        self.unblock(&claimed).await;
        claimed.into_iter().map(read_job).collect()
    }

    /// What is claimed moves, so its run waits for nothing. Apart from the claim, because runs are locked before jobs;
    /// a failure is no failure of the claim, and the next claim makes it good.
    async fn unblock(&self, claimed: &[jobs::Model]) {
        let moving: BTreeSet<Uuid> = claimed.iter().map(|job| job.run_id).collect();
        if moving.is_empty() {
            return;
        }
        let blocked = runs::Entity::find()
            .select_only()
            .column(runs::Column::Id)
            .filter(runs::Column::Id.is_in(moving))
            .filter(runs::Column::BlockedOn.is_not_null())
            .into_tuple::<Uuid>();
        let outcome = async {
            for run in self.read(blocked.all(self.reader())).await? {
                let update = runs::Entity::update_many()
                    .col_expr(runs::Column::BlockedOn, Expr::value(None::<String>))
                    .col_expr(runs::Column::BlockedUntil, Expr::value(None::<DateTime<Utc>>))
                    .filter(runs::Column::Id.eq(run));
                transact!(self, |tx| update.clone().exec(&tx).await.map_err(Error::from))?;
            }
            Ok::<_, Error>(())
        };
        if let Err(error) = outcome.await {
            let error = &error as &dyn std::error::Error;
            tracing::warn!(error, "could not note that a blocked run moves again");
        }
    }

    /// Extends the leases of running jobs and tells what their workers have to know, in the order asked.
    pub async fn heartbeat(
        &self,
        fences: &[Fence],
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<(Fence, Signal)>, Error> {
        let mut signals = Vec::with_capacity(fences.len());
        for chunk in fences.chunks(PAIRS) {
            let held =
                attempts(chunk.iter().map(|fence| (fence.job, fence.attempt))).add(is(JobState::Running));
            let update = Query::update()
                .table(jobs::Entity)
                .value(jobs::Column::LeaseUntil, Some(later(now, lease)))
                .and_where(jobs::Column::Id.in_subquery(locked(held)))
                .returning(Query::returning().columns([
                    jobs::Column::Id,
                    jobs::Column::Attempt,
                    jobs::Column::RunId,
                ]))
                .take();
            let (alive, states) = transact!(self, |tx| async {
                let alive =
                    tx.query_all(&update).await?.iter().map(read_held).collect::<Result<Vec<_>, _>>()?;
                let of: BTreeSet<Uuid> = alive.iter().map(|(_, run)| *run).collect();
                let states = runs::Entity::find()
                    .select_only()
                    .columns([runs::Column::Id, runs::Column::State])
                    .filter(runs::Column::Id.is_in(of))
                    .into_tuple::<(Uuid, String)>()
                    .all(&tx)
                    .await?;
                Ok((alive, states))
            }
            .await)?;
            let states: HashMap<Uuid, String> = states.into_iter().collect();
            let alive: HashMap<(Uuid, i32), Uuid> = alive.into_iter().collect();
            for fence in chunk {
                let run = alive.get(&(fence.job.uuid(), fence.attempt)).and_then(|run| states.get(run));
                let signal = match run {
                    None => Signal::Lost,
                    Some(state) => match RunState::read(state)? {
                        RunState::Queued | RunState::Running => Signal::Go,
                        RunState::Paused => Signal::Pause,
                        RunState::Done | RunState::Failed | RunState::Cancelled => Signal::Cancel,
                    },
                };
                signals.push((*fence, signal));
            }
        }
        Ok(signals)
    }
}

/// A job with its attempt, and its run.
fn read_held(row: &QueryResult) -> Result<((Uuid, i32), Uuid), DbErr> {
    Ok(((row.try_get("", "id")?, row.try_get("", "attempt")?), row.try_get("", "run_id")?))
}

pub(crate) fn unannounced(scope: Scope) -> Select<jobs::Entity> {
    let mut query = jobs::Entity::find()
        .filter(is(JobState::Ready))
        .filter(jobs::Column::AnnouncedAt.is_null())
        .filter(run_is_running());
    if let Scope::Run(run) = scope {
        query = query.filter(jobs::Column::RunId.eq(run.uuid()));
    }
    query
}

/// `(id, attempt)` is one of these. Most jobs are at their first attempt, so there are few groups.
fn attempts(pairs: impl Iterator<Item = (JobId, i32)>) -> Condition {
    let mut groups: BTreeMap<i32, Vec<Uuid>> = BTreeMap::new();
    for (job, attempt) in pairs {
        groups.entry(attempt).or_default().push(job.uuid());
    }
    let any = groups.into_iter().fold(Condition::any(), |any, (attempt, jobs)| {
        any.add(Condition::all().add(jobs::Column::Attempt.eq(attempt)).add(jobs::Column::Id.is_in(jobs)))
    });
    Condition::all().add(any)
}

/// The job's state, written out instead of passed along: only so can a planner see which partial index serves.
pub(crate) fn is(state: JobState) -> Expr {
    Expr::col((jobs::Entity, jobs::Column::State)).eq(Expr::cust(format!("'{}'", state.word())))
}

/// Asked job by job: written as a join, it would lead a planner from a run to everything that waits in it.
fn run_is_running() -> Expr {
    let mut state = Query::select();
    state
        .column(runs::Column::State)
        .from(runs::Entity)
        .and_where(Expr::col((runs::Entity, runs::Column::Id)).equals((jobs::Entity, jobs::Column::RunId)));
    Expr::SubQuery(None, Box::new(state.into())).eq(RunState::Running.word())
}

/// The ids of the jobs that fit, locked in the order that everybody keeps. A lock held by somebody else is waited for,
/// not skipped: whoever asks names the jobs, and a skipped one would be forgotten.
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
