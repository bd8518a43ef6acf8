//! Retrying a failed run: what failed runs again, what was cancelled with it comes back, what is done stays done.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use domain::{JobState, Run, RunId, RunState};
use sea_orm::sea_query::Expr;
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};
use serde_json::json;

use crate::convert::{Word, int};
use crate::entity::jobs;
use crate::ledger::{Ledger, Place, Unfinished, count};
use crate::runs::read_run;
use crate::transaction::transact;
use crate::{Error, Tenant};

impl Tenant {
    /// Only a failed run can be retried. Its failed jobs run again with a fresh count of failures, those cancelled by
    /// the failure wait or are ready as before. An optional job that failed runs again only if nothing that needs it
    /// has ended: what was built without it stays as it is.
    pub async fn retry(&self, run: RunId, now: DateTime<Utc>) -> Result<Run, Error> {
        self.owned(run).await?;
        transact!(self.store(), |tx| async {
            let mut ledger = Ledger::lock(self.store(), &tx, run, now).await?;
            ledger.retry().await?;
            let row = ledger.run.clone();
            ledger.write().await?;
            read_run(row)
        }
        .await)
    }
}

impl Ledger<'_> {
    async fn retry(&mut self) -> Result<(), Error> {
        let state = RunState::read(&self.run.state)?;
        if state != RunState::Failed {
            let detail = format!("the run is {}; only a failed run can be retried", state.as_str());
            return Err(Error::conflict("run_state", detail));
        }
        let reopened = self.reopened()?;
        RunState::Running.word().clone_into(&mut self.run.state);
        self.run.problem = None;
        self.run.ended_at = None;
        self.reopen_jobs(&reopened, JobState::Failed).await?;
        self.reopen_jobs(&reopened, JobState::Cancelled).await?;
        self.recount(&reopened).await?;
        self.record_run("run.started", json!({ "retry": true }))?;
        self.follow().await
    }

    /// The nodes that go on: those that had not ended, and failed ones that nobody went on without.
    fn reopened(&self) -> Result<BTreeSet<String>, Error> {
        let ended_well = |place: &Place| {
            [JobState::Done.word(), JobState::Skipped.word()].contains(&place.row.state.as_str())
        };
        let settled: BTreeSet<&str> = self
            .places
            .iter()
            .filter(|place| ended_well(place))
            .map(|place| place.row.node.as_str())
            .collect();
        let mut reopened = BTreeSet::new();
        for place in self.places.iter().filter(|place| !ended_well(place)) {
            let id = place.row.node.as_str();
            let failed = place.row.state == JobState::Failed.word();
            let optional = self.node(id)?.optional;
            let followed = |node: &pipelines::Node| settled.contains(node.id.as_str());
            let used = self.pipeline.dependents(id).any(followed) || self.pipeline.fans(id).any(followed);
            if !(failed && optional && used) {
                reopened.insert(id.to_owned());
            }
        }
        Ok(reopened)
    }

    /// Failed and cancelled jobs of these nodes wait again, to be decided anew once nothing blocks them. A single failed job of an optional `for_each` node that
    /// goes on for other reasons runs again, too.
    async fn reopen_jobs(&self, nodes: &BTreeSet<String>, state: JobState) -> Result<(), Error> {
        jobs::Entity::update_many()
            .col_expr(jobs::Column::State, Expr::value(JobState::Waiting.word()))
            .col_expr(jobs::Column::Failures, Expr::value(0))
            .col_expr(jobs::Column::Problem, Expr::value(None::<String>))
            .col_expr(jobs::Column::BlockedOn, Expr::value(None::<String>))
            .col_expr(jobs::Column::EndedAt, Expr::value(None::<DateTime<Utc>>))
            .filter(jobs::Column::RunId.eq(self.run.id))
            .filter(jobs::Column::Node.is_in(nodes))
            .filter(jobs::Column::State.eq(state.word()))
            .exec(self.tx)
            .await?;
        Ok(())
    }

    /// Counts anew what the reopened nodes wait for.
    async fn recount(&mut self, reopened: &BTreeSet<String>) -> Result<(), Error> {
        let groups: Vec<(String, String, i64)> = jobs::Entity::find()
            .select_only()
            .column(jobs::Column::Node)
            .column(jobs::Column::State)
            .column_as(jobs::Column::Id.count(), "rows")
            .filter(jobs::Column::RunId.eq(self.run.id))
            .group_by(jobs::Column::Node)
            .group_by(jobs::Column::State)
            .into_tuple()
            .all(self.tx)
            .await?;
        let mut counts: BTreeMap<(String, JobState), i32> = BTreeMap::new();
        for (node, state, rows) in groups {
            counts.insert((node, JobState::read(&state)?), int(rows));
        }
        let pipeline = self.pipeline.clone();
        for id in reopened {
            let of = |state| counts.get(&(id.clone(), state)).copied().unwrap_or(0);
            let Some(node) = pipeline.node(id) else { continue };
            let jobs = Unfinished {
                waiting: of(JobState::Waiting),
                started: of(JobState::Ready) + of(JobState::Running),
            };
            let row = &mut self.place(id)?.row;
            JobState::Waiting.word().clone_into(&mut row.state);
            count(row, node, jobs, |id| reopened.contains(id));
            row.done = of(JobState::Done);
            row.failed = of(JobState::Failed);
            row.skipped = of(JobState::Skipped);
        }
        Ok(())
    }
}
