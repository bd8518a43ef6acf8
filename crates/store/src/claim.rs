//! From ready to running and while it runs: what is to be announced, claiming, heartbeats.

use std::collections::{BTreeSet, HashMap};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{Fence, Job, JobId, JobState, RunId, RunState, Stage, WorkerId};
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{
    ColumnTrait, ConnectionTrait, DbErr, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QueryResult,
    QuerySelect, Select,
};
use uuid::Uuid;

use crate::convert::{Word, later, micros};
use crate::entity::{jobs, runs};
use crate::jobs::{attempts, is, locked, read_job, ring_again_at, ringing};
use crate::transaction::transact;
use crate::{Doorbell, Error, Scope, Signal, Store};

/// How many pairs of job and attempt one statement compares; SQLite limits the depth of a condition.
const PAIRS: usize = 200;

impl Store {
    /// Jobs that are ready and due, of runs that are running, and that were not announced or that nobody claimed in
    /// [`crate::ANNOUNCE_AGAIN`] since (later twice as long, and so on); those that wait for it longest first.
    pub async fn unannounced(
        &self,
        scope: Scope,
        now: DateTime<Utc>,
        limit: u64,
    ) -> Result<Vec<Doorbell>, Error> {
        let query = due(scope, micros(now), limit).into_tuple::<(Uuid, Uuid, String, i32)>();
        let rows = self.read(query.all(self.reader())).await?;
        let doorbell = |(job, run, stage, attempt): (_, _, String, _)| {
            let (job, run) = (JobId::from_uuid(job), RunId::from_uuid(run));
            Ok(Doorbell { job, run, stage: Stage::read(&stage)?, attempt })
        };
        rows.into_iter().map(doorbell).collect()
    }

    /// Says that these were put on their queues. One that was claimed or whose run was paused since then is left alone.
    pub async fn announced(&self, doorbells: &[Doorbell], now: DateTime<Utc>) -> Result<(), Error> {
        for chunk in doorbells.chunks(PAIRS) {
            let pairs = chunk.iter().map(|bell| (bell.job, bell.attempt));
            let update = jobs::Entity::update_many()
                .col_expr(jobs::Column::RingAt, ring_again_at(now))
                .col_expr(jobs::Column::Rings, Expr::col(jobs::Column::Rings).add(1))
                .filter(jobs::Column::Id.in_subquery(locked(attempts(pairs).add(ringing()))));
            transact!(self, |tx| update.clone().exec(&tx).await.map_err(Error::from))?;
        }
        Ok(())
    }

    /// When the next job is to be announced, at first or once more. In the past if one is already.
    pub async fn next_due(&self, scope: Scope) -> Result<Option<DateTime<Utc>>, Error> {
        let query = of_scope(scope)
            .select_only()
            .column(jobs::Column::RingAt)
            .order_by_asc(jobs::Column::RingAt)
            .limit(1)
            .into_tuple();
        self.read(query.one(self.reader())).await
    }

    /// Takes the announced jobs for `worker`, until `lease` from `now`: the attempt goes up by one. What is not ready,
    /// what had another attempt since its announcement, and what is of a run that is not running is left out. Whether
    /// a job is due was asked before it was announced; asking again, by the clock of another machine, could only lose
    /// the announcement. The answer keeps no order.
    pub async fn claim(
        &self,
        doorbells: &[Doorbell],
        worker: WorkerId,
        lease: Duration,
        now: DateTime<Utc>,
    ) -> Result<Vec<Job>, Error> {
        let now = micros(now);
        let mut claimed = Vec::with_capacity(doorbells.len());
        for chunk in doorbells.chunks(PAIRS) {
            let wanted = attempts(chunk.iter().map(|bell| (bell.job, bell.attempt))).add(ringing());
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

/// What is to be announced now, at first or once more.
pub(crate) fn due(scope: Scope, now: DateTime<Utc>, limit: u64) -> Select<jobs::Entity> {
    of_scope(scope)
        .select_only()
        .columns([jobs::Column::Id, jobs::Column::RunId, jobs::Column::Stage, jobs::Column::Attempt])
        .filter(jobs::Column::RingAt.lte(now))
        .order_by_asc(jobs::Column::RingAt)
        .order_by_asc(jobs::Column::Id)
        .limit(limit)
}

fn of_scope(scope: Scope) -> Select<jobs::Entity> {
    let query = jobs::Entity::find().filter(ringing());
    match scope {
        Scope::All => query,
        Scope::Run(run) => query.filter(jobs::Column::RunId.eq(run.uuid())),
    }
}
