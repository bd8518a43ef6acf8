//! Lost leases: jobs whose worker stopped answering go back to the queue.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{BlockedOn, JobId, JobState, Problem, RunId};
use sea_orm::ActiveValue::Set;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use uuid::Uuid;

use crate::claim::is;
use crate::convert::{Word, micros};
use crate::entity::jobs;
use crate::finish::runs_of;
use crate::ledger::{Ledger, job_change};
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
        for job in Ledger::lock_jobs(tx, lost.iter().copied()).await? {
            let is_lost =
                job.state == JobState::Running.word() && job.lease_until.is_some_and(|until| until < now);
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
    /// as a failure, and everything that is ready is to be announced anew. Returns how many were running.
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
            let mut given_back = 0;
            for job in Ledger::lock_jobs(&tx, running.into_iter().map(JobId::from_uuid)).await? {
                if job.state != JobState::Running.word() {
                    continue;
                }
                given_back += 1;
                if ledger.is_over() {
                    ledger.cancelled_late(&job).await?;
                } else {
                    let change =
                        jobs::ActiveModel { due_at: Set(ledger.now), ..job_change(&job, JobState::Ready) };
                    ledger.change_job(change).await?;
                }
            }
            // Whoever resumes may have mended what jobs waited for without a time: money, a key.
            if ledger.run.blocked_until.is_none() {
                for on in [BlockedOn::Budget, BlockedOn::Provider] {
                    ledger.ring_again(Some(on)).await?;
                }
                ledger.run.blocked_on = None;
            }
            ledger.ring_again(None).await?;
            ledger.write().await?;
            Ok(given_back)
        }
        .await)
    }
}

fn lost(scope: Scope, now: DateTime<Utc>) -> Select<jobs::Entity> {
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

#[cfg(test)]
mod tests {
    use domain::RunId;
    use sea_orm::{ConnectionTrait, DbBackend, QuerySelect, QueryTrait, Statement};

    use super::*;
    use crate::Settings;
    use crate::claim::unannounced;

    /// How SQLite would answer the query.
    async fn plan(store: &Store, query: Select<jobs::Entity>) -> String {
        let sql = format!("explain query plan {}", query.limit(10).build(DbBackend::Sqlite));
        let rows =
            store.reader().query_all_raw(Statement::from_string(DbBackend::Sqlite, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect::<Vec<_>>().join("\n")
    }

    #[tokio::test]
    async fn the_hot_path_is_served_by_partial_indexes() {
        let folder = tempfile::TempDir::new().unwrap();
        let url = format!("sqlite://{}", folder.path().join("assay.db").display());
        let settings = Settings { url, blobs: folder.path().join("blobs"), max_connections: 1 };
        Store::migrate(&settings).await.unwrap();
        let store = Store::open(&settings).await.unwrap();
        let now = crate::convert::now();
        let due =
            |scope| unannounced(scope).filter(jobs::Column::DueAt.lte(now)).order_by_asc(jobs::Column::DueAt);
        for (query, index) in [
            (due(Scope::All), "jobs_unannounced"),
            (due(Scope::Run(RunId::new())), "jobs_due"),
            (lost(Scope::All, now), "jobs_lease"),
        ] {
            let plan = plan(&store, query).await;
            assert!(plan.contains(&format!("USING INDEX {index}")), "{plan}");
            assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
        }
    }
}
