//! Money: reserved before it is spent, settled with what it came to.
//!
//! For a run with a budget, `settled + reserved ≤ budget` at every commit as long as a call costs no more than was
//! reserved for it. What is reserved and settled stands in the run's row, and every change of it holds that row's lock.

use chrono::{DateTime, Utc};
use domain::{BlockedOn, Fence, MicroUsd};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Query;
use sea_orm::{ColumnTrait, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::convert::{Word, int};
use crate::entity::{jobs, reservations};
use crate::finish::runs_of;
use crate::ledger::{Ledger, is_held};
use crate::transaction::transact;
use crate::{Error, Store};

/// The answer to [`Store::reserve`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reserved {
    Granted,
    /// The budget does not allow it now. `reserved` is what other calls hold.
    Short {
        cap: MicroUsd,
        settled: MicroUsd,
        reserved: MicroUsd,
    },
}

impl Store {
    /// Sets `amount` aside for call `seq` of the job: the most that the call can cost. An earlier reservation of the
    /// same call (left by a crash) is replaced, also when the answer is short.
    pub async fn reserve(
        &self,
        fence: Fence,
        seq: u32,
        amount: MicroUsd,
        now: DateTime<Utc>,
    ) -> Result<Reserved, Error> {
        transact!(self, |tx| self.reserve_in(&tx, fence, seq, amount, now).await)
    }

    async fn reserve_in(
        &self,
        tx: &DatabaseTransaction,
        fence: Fence,
        seq: u32,
        amount: MicroUsd,
        now: DateTime<Utc>,
    ) -> Result<Reserved, Error> {
        if amount < MicroUsd::ZERO {
            return Err(Error::conflict("invalid_amount", format!("{amount} cannot be reserved")));
        }
        let run = runs_of(tx, &[fence.job]).await?.into_iter().next().ok_or(Error::Fenced)?;
        let mut ledger = Ledger::lock(self, tx, run, now).await?;
        let job = jobs::Entity::find_by_id(fence.job.uuid()).one(tx).await?;
        if ledger.is_over() || !job.is_some_and(|job| is_held(&job, fence.attempt)) {
            return Err(Error::Fenced);
        }
        ledger.take_back(fence.job.uuid(), seq, None).await?;
        let (settled, reserved) = (MicroUsd(ledger.run.settled), MicroUsd(ledger.run.reserved));
        let short = ledger.run.budget.map(MicroUsd).filter(|cap| settled + reserved + amount > *cap);
        let answer = match short {
            Some(cap) => Reserved::Short { cap, settled, reserved },
            None => {
                ledger.run.reserved += amount.0;
                let row = reservations::ActiveModel {
                    job_id: Set(fence.job.uuid()),
                    seq: Set(int(seq)),
                    run_id: Set(run.uuid()),
                    attempt: Set(fence.attempt),
                    amount: Set(amount.0),
                    at: Set(ledger.now),
                };
                reservations::Entity::insert(row).exec_without_returning(tx).await?;
                Reserved::Granted
            }
        };
        ledger.write().await?;
        Ok(answer)
    }

    /// The call failed without cost: what was set aside for it is free again. A late release does nothing.
    pub async fn release(&self, fence: Fence, seq: u32) -> Result<(), Error> {
        transact!(self, |tx| async {
            let Some(run) = runs_of(&tx, &[fence.job]).await?.into_iter().next() else { return Ok(()) };
            let mut ledger = Ledger::lock(self, &tx, run, crate::convert::now()).await?;
            ledger.take_back(fence.job.uuid(), seq, Some(fence.attempt)).await?;
            ledger.write().await
        }
        .await)
    }
}

impl Ledger<'_> {
    /// Frees what is set aside for a call, if it was set aside by that attempt.
    pub(crate) async fn take_back(&mut self, job: Uuid, seq: u32, attempt: Option<i32>) -> Result<(), Error> {
        let found = reservations::Entity::find_by_id((job, int(seq))).one(self.tx).await?;
        let Some(row) = found.filter(|row| attempt.is_none_or(|attempt| row.attempt == attempt)) else {
            return Ok(());
        };
        reservations::Entity::delete_by_id((job, int(seq))).exec(self.tx).await?;
        self.free(row.amount).await
    }

    /// Frees what a job that has ended left reserved.
    pub(crate) async fn release_job(&mut self, job: Uuid) -> Result<(), Error> {
        if self.run.reserved == 0 {
            return Ok(());
        }
        self.free_where(reservations::Column::JobId.eq(job)).await
    }

    /// Frees what jobs hold that do not run.
    pub(crate) async fn release_unstarted(&mut self) -> Result<(), Error> {
        if self.run.reserved == 0 {
            return Ok(());
        }
        let mut running = Query::select();
        running
            .column(jobs::Column::Id)
            .from(jobs::Entity)
            .and_where(jobs::Column::RunId.eq(self.run.id))
            .and_where(jobs::Column::State.eq(domain::JobState::Running.word()));
        self.free_where(reservations::Column::JobId.not_in_subquery(running)).await
    }

    async fn free_where(&mut self, which: sea_orm::sea_query::Expr) -> Result<(), Error> {
        let of_run = reservations::Column::RunId.eq(self.run.id);
        let amounts: Vec<i64> = reservations::Entity::find()
            .select_only()
            .column(reservations::Column::Amount)
            .filter(of_run.clone())
            .filter(which.clone())
            .into_tuple()
            .all(self.tx)
            .await?;
        if amounts.is_empty() {
            return Ok(());
        }
        reservations::Entity::delete_many().filter(of_run).filter(which).exec(self.tx).await?;
        self.free(amounts.iter().sum()).await
    }

    /// Money is free again: jobs that wait for some try again.
    async fn free(&mut self, amount: i64) -> Result<(), Error> {
        self.run.reserved -= amount;
        if amount == 0 || self.run.budget.is_none() {
            return Ok(());
        }
        self.ring_again(Some(BlockedOn::Budget)).await
    }
}
