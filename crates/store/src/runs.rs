//! Runs: reading them, pausing, resuming, cancelling, changing what they may spend.

use chrono::{DateTime, Utc};
use domain::{
    BlockedOn, DocumentId, Job, JobId, JobState, MicroUsd, Run, RunId, RunState, Stage, SubjectId, TenantId,
};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, Condition, EntityTrait, ExprTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::json;

use crate::claim::{is, locked};
use crate::convert::{Word, from_json, from_json_maybe};
use crate::entity::{jobs, runs};
use crate::ledger::Ledger;
use crate::transaction::transact;
use crate::{Doorbell, Error, Tenant};

impl Tenant {
    pub async fn run(&self, run: RunId) -> Result<Run, Error> {
        let query = runs::Entity::find_by_id(run.uuid()).filter(runs::Column::TenantId.eq(self.id().uuid()));
        let row = self.store().read(query.one(self.store().reader())).await?;
        read_run(row.ok_or(Error::missing("run"))?)
    }

    /// The latest first; `after` is the last one of the page before.
    pub async fn runs(&self, limit: u64, after: Option<RunId>) -> Result<Vec<Run>, Error> {
        let mut query = runs::Entity::find()
            .filter(runs::Column::TenantId.eq(self.id().uuid()))
            .order_by_desc(runs::Column::Id)
            .limit(limit);
        if let Some(after) = after {
            query = query.filter(runs::Column::Id.lt(after.uuid()));
        }
        let rows = self.store().read(query.all(self.store().reader())).await?;
        rows.into_iter().map(read_run).collect()
    }

    /// Every job of the run, in the order they were made.
    pub async fn jobs(&self, run: RunId) -> Result<Vec<Job>, Error> {
        self.owned(run).await?;
        let query =
            jobs::Entity::find().filter(jobs::Column::RunId.eq(run.uuid())).order_by_asc(jobs::Column::Id);
        let rows = self.store().read(query.all(self.store().reader())).await?;
        rows.into_iter().map(read_job).collect()
    }

    /// Nothing new starts; what runs is told to stop and loses nothing. Pausing a paused run does nothing.
    pub async fn pause(&self, run: RunId, now: DateTime<Utc>) -> Result<Run, Error> {
        self.change(run, now, Change::Pause).await
    }

    /// The run goes on where it was. Resuming a running run does nothing; one that has ended is refused.
    pub async fn resume(&self, run: RunId, now: DateTime<Utc>) -> Result<Run, Error> {
        self.change(run, now, Change::Resume).await
    }

    /// The run ends. What runs is told to stop. Cancelling a cancelled run does nothing.
    pub async fn cancel(&self, run: RunId, now: DateTime<Utc>) -> Result<Run, Error> {
        self.change(run, now, Change::Cancel).await
    }

    /// Raises or lowers the cap, or takes it away; never below what is spent or reserved. Jobs that wait for money
    /// go on at once.
    pub async fn set_budget(
        &self,
        run: RunId,
        budget: Option<MicroUsd>,
        now: DateTime<Utc>,
    ) -> Result<Run, Error> {
        self.change(run, now, Change::Budget(budget)).await
    }

    async fn change(&self, run: RunId, now: DateTime<Utc>, change: Change) -> Result<Run, Error> {
        self.owned(run).await?;
        transact!(self.store(), |tx| async {
            let mut ledger = Ledger::lock(self.store(), &tx, run, now).await?;
            change.apply(&mut ledger).await?;
            let row = ledger.run.clone();
            ledger.write().await?;
            read_run(row)
        }
        .await)
    }
}

#[derive(Clone, Copy)]
enum Change {
    Pause,
    Resume,
    Cancel,
    Budget(Option<MicroUsd>),
}

impl Change {
    async fn apply(self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let state = RunState::read(&ledger.run.state)?;
        match (self, state) {
            (Self::Pause, RunState::Running) => {
                RunState::Paused.word().clone_into(&mut ledger.run.state);
                ledger.record_run("run.paused", json!({}))
            }
            (Self::Resume, RunState::Paused) => {
                RunState::Running.word().clone_into(&mut ledger.run.state);
                ledger.ring_again(None).await?;
                ledger.record_run("run.resumed", json!({}))
            }
            (Self::Cancel, RunState::Queued | RunState::Running | RunState::Paused) => {
                ledger.stop(RunState::Cancelled).await?;
                ledger.record_run("run.cancelled", json!({}))
            }
            (Self::Budget(budget), _) => {
                let committed = ledger.run.settled + ledger.run.reserved;
                if let Some(cap) = budget
                    && cap.0 < committed
                {
                    let spent = MicroUsd(committed);
                    let detail = format!("{spent} is spent or reserved already; the budget cannot be {cap}");
                    return Err(Error::conflict("budget_spent", detail));
                }
                ledger.run.budget = budget.map(|cap| cap.0);
                ledger.ring_again(Some(BlockedOn::Budget)).await
            }
            (Self::Pause, RunState::Paused)
            | (Self::Resume, RunState::Running)
            | (Self::Cancel, RunState::Cancelled) => Ok(()),
            (change, state) => Err(change.refusal(state)),
        }
    }

    fn refusal(self, state: RunState) -> Error {
        let verb = match self {
            Self::Pause => "paused",
            Self::Resume => "resumed",
            Self::Cancel => "cancelled",
            Self::Budget(_) => "given a budget",
        };
        let detail = format!("the run is {} and cannot be {verb}", state.as_str());
        Error::conflict("run_state", detail)
    }
}

impl Ledger<'_> {
    /// Has ready jobs announced once more: all, or those that wait for `blocked_on`, which become due. Raising the
    /// attempt makes every announcement under way out of date, so that none of them can mark the job as announced.
    pub(crate) async fn ring_again(&self, blocked_on: Option<BlockedOn>) -> Result<(), Error> {
        let mut ready = Condition::all().add(jobs::Column::RunId.eq(self.run.id)).add(is(JobState::Ready));
        let mut update = jobs::Entity::update_many()
            .col_expr(jobs::Column::AnnouncedAt, Expr::value(None::<DateTime<Utc>>))
            .col_expr(jobs::Column::Attempt, Expr::col(jobs::Column::Attempt).add(1));
        if let Some(on) = blocked_on {
            ready = ready.add(jobs::Column::BlockedOn.eq(on.word()));
            update = update.col_expr(jobs::Column::DueAt, Expr::value(self.now));
        }
        update.filter(jobs::Column::Id.in_subquery(locked(ready))).exec(self.tx).await?;
        Ok(())
    }
}

pub(crate) fn read_run(row: runs::Model) -> Result<Run, Error> {
    Ok(Run {
        id: RunId::from_uuid(row.id),
        tenant: TenantId::from_uuid(row.tenant_id),
        subject: SubjectId::from_uuid(row.subject_id),
        pipeline: row.pipeline,
        pipeline_hash: row.pipeline_hash,
        input: from_json("input", &row.input)?,
        options: from_json("set of options", &row.options)?,
        state: RunState::read(&row.state)?,
        blocked_on: BlockedOn::read_maybe(row.blocked_on.as_ref())?,
        blocked_until: row.blocked_until,
        problem: from_json_maybe("problem", row.problem.as_ref())?,
        version: row.version.and_then(|version| version.try_into().ok()),
        budget: row.budget.map(MicroUsd),
        reserved: MicroUsd(row.reserved),
        settled: MicroUsd(row.settled),
        created_at: row.created_at,
        started_at: row.started_at,
        ended_at: row.ended_at,
    })
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
