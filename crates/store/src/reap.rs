//! Lost leases: jobs whose worker stopped answering go back to the queue.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{BlockedOn, JobId, JobState, Problem, RunId};
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::convert::{Word, micros};
use crate::entity::jobs;
use crate::jobs::{is, lock_running, runs_of};
use crate::ledger::Ledger;
use crate::transaction::transact;
use crate::{Doorbell, Error, Scope, Store};

impl Store {
    /// Gives back up to `limit` jobs whose lease has ended; each counts as a failure, and one too many fails the job
    /// (see [`crate::MAX_FAILURES`]). Returns what is to be announced.
    pub async fn reap(&self, scope: Scope, now: DateTime<Utc>, limit: u64) -> Result<Vec<Doorbell>, Error> {
        let now = micros(now);
        let query = lost(scope, now).limit(limit).into_tuple();
        let lost: Vec<Uuid> = self.read(query.all(self.reader())).await?;
        if lost.is_empty() {
            return Ok(Vec::new());
        }
        let lost: Vec<JobId> = lost.into_iter().map(JobId::from_uuid).collect();
        transact!(self, |tx| self.reap_in(&tx, &lost, now).await)
    }

    async fn reap_in(
        &self,
        tx: &DatabaseTransaction,
        lost: &[JobId],
        now: DateTime<Utc>,
    ) -> Result<Vec<Doorbell>, Error> {
        let mut ledgers = std::collections::BTreeMap::new();
        for run in runs_of(tx, lost).await? {
            ledgers.insert(run.uuid(), Ledger::lock(self, tx, run, now).await?);
        }
        for job in lock_running(tx, lost.iter().copied()).await? {
            let is_lost = job.lease_until.is_some_and(|until| until < now);
            if let Some(ledger) = ledgers.get_mut(&job.run_id)
                && is_lost
            {
                ledger.lose(&job).await?;
            }
        }
        let mut ready = Vec::new();
        for (_, mut ledger) in ledgers {
            ready.extend(ledger.take().ready);
            ledger.write().await?;
        }
        Ok(ready)
    }

    /// After a crash, by whoever holds the run's lock: every running job of the run is given back without counting
    /// as a failure, what was reserved is free, and everything that is ready is to be announced anew. Returns how many
    /// were running.
    pub async fn reap_all(&self, run: RunId, now: DateTime<Utc>) -> Result<u64, Error> {
        transact!(self, |tx| async {
            let mut ledger = Ledger::lock(self, &tx, run, now).await?;
            let running: Vec<Uuid> = jobs::Entity::find()
                .select_only()
                .column(jobs::Column::Id)
                .filter(jobs::Column::RunId.eq(run.uuid()))
                .filter(jobs::Column::State.eq(JobState::Running.word()))
                .into_tuple()
                .all(&tx)
                .await?;
            let given_back = lock_running(&tx, running.into_iter().map(JobId::from_uuid)).await?;
            for job in &given_back {
                if ledger.is_over() {
                    ledger.cancelled_late(job).await?;
                } else {
                    ledger.change_job(ledger.ready_again(job, ledger.now)).await?;
                }
            }
            ledger.release_all().await?;
            // Whoever resumes may have mended what jobs waited for without a time: money, a key.
            if ledger.run.blocked_until.is_none() {
                for on in [BlockedOn::Budget, BlockedOn::Provider] {
                    ledger.ring_again(Some(on)).await?;
                }
                ledger.run.blocked_on = None;
            }
            ledger.ring_again(None).await?;
            ledger.write().await?;
            Ok(given_back.len() as u64)
        }
        .await)
    }
}

pub(crate) fn lost(scope: Scope, now: DateTime<Utc>) -> Select<jobs::Entity> {
    let query = jobs::Entity::find()
        .select_only()
        .column(jobs::Column::Id)
        .filter(is(JobState::Running))
        .filter(jobs::Column::LeaseUntil.lt(now))
        .order_by_asc(jobs::Column::LeaseUntil);
    match scope {
        Scope::All => query,
        Scope::Run(run) => query.filter(jobs::Column::RunId.eq(run.uuid())),
    }
}

impl Ledger<'_> {
    async fn lose(&mut self, job: &jobs::Model) -> Result<(), Error> {
        if self.is_over() {
            return self.cancelled_late(job).await;
        }
        let problem =
            Problem::new("lease_lost", "the worker that held the job stopped answering").retryable();
        self.failed_once(job, jobs::ActiveModel::default(), &problem, Duration::ZERO).await?;
        self.follow().await
    }
}
