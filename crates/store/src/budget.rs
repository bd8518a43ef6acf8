//! Money: reserved before it is spent, settled with what it came to.
//!
//! For a run with a budget, `settled + reserved ≤ budget` at every commit as long as a call costs no more than was
//! reserved for it. What is reserved and settled stands in the run's row, and every change of it holds that row's lock.
//!
//! A reservation belongs to one call of one attempt. It is freed when the call is settled or released, and with its
//! attempt when whoever made it says that it is over. An attempt that lost its job says nothing, and its call may still
//! be answered and paid: what it reserved stays beside what the next attempt reserves, for [`LONGEST_CALL`].

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{BlockedOn, Fence, JobState, MicroUsd, RunState};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, Query};
use sea_orm::{ColumnTrait, Condition, DatabaseTransaction, EntityTrait, QueryFilter, QuerySelect};
use uuid::Uuid;

use crate::convert::{Word, int};
use crate::entity::{jobs, reservations};
use crate::jobs::{is, is_held, runs_of};
use crate::ledger::Ledger;
use crate::transaction::transact;
use crate::{Error, Store};

/// What is older was not settled and never will be: four times as long as a provider that costs money may take for an
/// answer, and as long as any may.
pub const LONGEST_CALL: Duration = Duration::from_secs(3600);

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
    /// attempt for the same call is replaced, also when the answer is short.
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
        let late = reservations::Column::At.lt(ledger.now - LONGEST_CALL);
        ledger.free_where(Condition::any().add(of_call(fence, seq)).add(late)).await?;
        let (settled, reserved) = (MicroUsd(ledger.run.settled), MicroUsd(ledger.run.reserved));
        let short = ledger.run.budget.map(MicroUsd).filter(|cap| settled + reserved + amount > *cap);
        let answer = match short {
            Some(cap) => Reserved::Short { cap, settled, reserved },
            // Without a row for nothing, a run that has reserved nothing has no rows.
            None if amount == MicroUsd::ZERO => Reserved::Granted,
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

    /// The call failed without cost: what the attempt set aside for it is free again. Doing it twice changes nothing.
    pub async fn release(&self, fence: Fence, seq: u32) -> Result<(), Error> {
        transact!(self, |tx| async {
            let Some(run) = runs_of(&tx, &[fence.job]).await?.into_iter().next() else { return Ok(()) };
            let mut ledger = Ledger::lock(self, &tx, run, crate::convert::now()).await?;
            ledger.take_back(fence, seq).await?;
            ledger.write().await
        }
        .await)
    }
}

impl Ledger<'_> {
    /// Frees what the attempt set aside for a call.
    pub(crate) async fn take_back(&mut self, fence: Fence, seq: u32) -> Result<(), Error> {
        self.free_where(of_call(fence, seq)).await
    }

    /// Frees what an attempt that is over left reserved.
    pub(crate) async fn release_attempt(&mut self, fence: Fence) -> Result<(), Error> {
        self.free_where(of_attempt(fence)).await
    }

    /// Frees what is reserved in a run on which nobody works any more.
    pub(crate) async fn release_all(&mut self) -> Result<(), Error> {
        self.free_where(Condition::all()).await
    }

    /// Frees what jobs that do not run left reserved in a run that was stopped.
    pub(crate) async fn release_unstarted(&mut self) -> Result<(), Error> {
        let mut running = Query::select();
        running
            .column(jobs::Column::Id)
            .from(jobs::Entity)
            .and_where(jobs::Column::RunId.eq(self.run.id))
            .and_where(is(JobState::Running));
        self.free_for_good(reservations::Column::JobId.not_in_subquery(running)).await
    }

    /// Frees what a job that was still running left reserved in a run that was stopped.
    pub(crate) async fn release_job(&mut self, job: Uuid) -> Result<(), Error> {
        self.free_for_good(reservations::Column::JobId.eq(job)).await
    }

    /// Where nothing is reserved any more, a late answer can exceed nothing. A failed run may be retried: it keeps what
    /// lost attempts may still cost.
    async fn free_for_good(&mut self, which: Expr) -> Result<(), Error> {
        if self.run.state == RunState::Failed.word() {
            return Ok(());
        }
        self.free_where(Condition::all().add(which)).await
    }

    async fn free_where(&mut self, which: Condition) -> Result<(), Error> {
        if self.run.reserved == 0 {
            return Ok(());
        }
        let which = Condition::all().add(reservations::Column::RunId.eq(self.run.id)).add(which);
        let amounts: Vec<i64> = reservations::Entity::find()
            .select_only()
            .column(reservations::Column::Amount)
            .filter(which.clone())
            .into_tuple()
            .all(self.tx)
            .await?;
        if amounts.is_empty() {
            return Ok(());
        }
        reservations::Entity::delete_many().filter(which).exec(self.tx).await?;
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

fn of_attempt(fence: Fence) -> Condition {
    Condition::all()
        .add(reservations::Column::JobId.eq(fence.job.uuid()))
        .add(reservations::Column::Attempt.eq(fence.attempt))
}

fn of_call(fence: Fence, seq: u32) -> Condition {
    of_attempt(fence).add(reservations::Column::Seq.eq(int(seq)))
}
