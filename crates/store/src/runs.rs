//! Runs: reading them, pausing, resuming, cancelling, changing what they may spend.

use chrono::{DateTime, Utc};
use domain::{BlockedOn, Job, MicroUsd, Run, RunId, RunState, SubjectId, TenantId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};
use serde_json::{Value, json};

use crate::convert::{Word, from_json, from_json_maybe, to_json};
use crate::entity::{jobs, runs};
use crate::jobs::read_job;
use crate::ledger::Ledger;
use crate::transaction::transact;
use crate::{Error, Tenant};

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

    /// Replaces the input of a paused run; jobs see it from their next attempt on. Whoever calls has validated it.
    pub async fn edit_input(&self, run: RunId, input: &Value, now: DateTime<Utc>) -> Result<Run, Error> {
        self.change(run, now, Change::Input(input)).await
    }

    async fn change(&self, run: RunId, now: DateTime<Utc>, change: Change<'_>) -> Result<Run, Error> {
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
enum Change<'a> {
    Pause,
    Resume,
    Cancel,
    Budget(Option<MicroUsd>),
    Input(&'a Value),
}

impl Change<'_> {
    async fn apply(self, ledger: &mut Ledger<'_>) -> Result<(), Error> {
        let state = RunState::read(&ledger.run.state)?;
        match (self, state) {
            (Self::Pause, RunState::Running) => {
                RunState::Paused.word().clone_into(&mut ledger.run.state);
                ledger.hush().await?;
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
            (Self::Input(input), RunState::Paused) => {
                let before: Value = from_json("input", &ledger.run.input)?;
                ledger.run.input = to_json(input)?;
                ledger.record_run("run.edited", json!({ "input": changed(&before, input) }))
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
            Self::Input(_) => "edited; pause it first",
        };
        let detail = format!("the run is {} and cannot be {verb}", state.as_str());
        Error::conflict("run_state", detail)
    }
}

/// The fields of an input that differ, as they are now.
fn changed(before: &Value, after: &Value) -> Value {
    let fields = after.as_object().into_iter().flatten();
    let changed = fields.filter(|(name, value)| before.get(name) != Some(value));
    Value::Object(changed.map(|(name, value)| (name.clone(), value.clone())).collect())
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
