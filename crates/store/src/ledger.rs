//! One run inside a transaction: its row is locked, its nodes are in memory, and whatever changes it goes through here.
//!
//! Locks are always taken in the same order, so that no two transactions wait for each other: runs by id, then jobs by
//! id, then the subject.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{JobId, JobState, NewEvent, RunId, RunState};
use pipelines::{Node, Snapshot};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::{Value, json};

use crate::convert::{CHUNK, Word, micros, to_json};
use crate::entity::{events, jobs, nodes, runs};
use crate::runs::doorbell;
use crate::{Committed, Doorbell, Error, Store};

/// A run whose row is locked until the transaction ends.
pub(crate) struct Ledger<'a> {
    pub(crate) tx: &'a DatabaseTransaction,
    pub(crate) now: DateTime<Utc>,
    pub(crate) run: runs::Model,
    pub(crate) pipeline: Arc<Snapshot>,
    /// In manifest order.
    pub(crate) places: Vec<Place>,
    /// As read; what differs is written at the end.
    stored: Option<runs::Model>,
    events: Vec<events::ActiveModel>,
    ready: Vec<Doorbell>,
    ended: Option<RunState>,
}

/// A node of the graph and how far it is.
pub(crate) struct Place {
    pub(crate) row: nodes::Model,
    pub(crate) changed: bool,
}

impl Place {
    pub(crate) fn has_ended(&self) -> bool {
        self.row.state != JobState::Waiting.word()
    }

    pub(crate) fn is_skipped(&self) -> bool {
        self.row.state == JobState::Skipped.word()
    }

    pub(crate) fn end(&mut self, state: JobState) {
        state.word().clone_into(&mut self.row.state);
        self.changed = true;
    }
}

impl<'a> Ledger<'a> {
    /// Locks the run and reads its graph.
    pub(crate) async fn lock(
        store: &Store,
        tx: &'a DatabaseTransaction,
        run: RunId,
        now: DateTime<Utc>,
    ) -> Result<Self, Error> {
        let row = runs::Entity::find_by_id(run.uuid()).lock_exclusive().one(tx).await?;
        let run = row.ok_or(Error::missing("run"))?;
        let pipeline = store.snapshot_by_hash(tx, &run.pipeline_hash).await?;
        let places = nodes::Entity::find()
            .filter(nodes::Column::RunId.eq(run.id))
            .order_by_asc(nodes::Column::Ordinal)
            .all(tx)
            .await?;
        let places = places.into_iter().map(|row| Place { row, changed: false }).collect();
        Ok(Self { stored: Some(run.clone()), ..Self::fresh(tx, now, run, pipeline, places) })
    }

    /// A run that this transaction has inserted.
    pub(crate) fn fresh(
        tx: &'a DatabaseTransaction,
        now: DateTime<Utc>,
        run: runs::Model,
        pipeline: Arc<Snapshot>,
        places: Vec<Place>,
    ) -> Self {
        let now = micros(now);
        Self {
            tx,
            now,
            run,
            pipeline,
            places,
            stored: None,
            events: Vec::new(),
            ready: Vec::new(),
            ended: None,
        }
    }

    /// Whether the run has ended, so that nothing of it moves any more.
    pub(crate) fn is_over(&self) -> bool {
        RunState::read(&self.run.state).is_ok_and(RunState::is_terminal)
    }

    pub(crate) fn is_running(&self) -> bool {
        self.run.state == RunState::Running.word()
    }

    pub(crate) fn node(&self, id: &str) -> Result<&Node, Error> {
        self.pipeline.node(id).ok_or_else(|| Error::corrupt(format!("the pipeline has no job `{id}`")))
    }

    pub(crate) fn place(&mut self, id: &str) -> Result<&mut Place, Error> {
        let place = self.places.iter_mut().find(|place| place.row.node == id);
        let place = place.ok_or_else(|| Error::corrupt(format!("the run has no node `{id}`")))?;
        place.changed = true;
        Ok(place)
    }

    /// Locks jobs of this run, or of any run that is locked already, in the order that everybody keeps.
    pub(crate) async fn lock_jobs(
        tx: &DatabaseTransaction,
        ids: impl IntoIterator<Item = JobId>,
    ) -> Result<Vec<jobs::Model>, Error> {
        let mut sorted: Vec<_> = ids.into_iter().map(JobId::uuid).collect();
        sorted.sort_unstable();
        let mut rows = Vec::with_capacity(sorted.len());
        for ids in sorted.chunks(CHUNK) {
            let found = jobs::Entity::find()
                .filter(jobs::Column::Id.is_in(ids.iter().copied()))
                .order_by_asc(jobs::Column::Id)
                .lock_exclusive()
                .all(tx)
                .await?;
            rows.extend(found);
        }
        Ok(rows)
    }

    /// Gives the event its number; it is written with the rest.
    pub(crate) fn record(&mut self, job: Option<&jobs::Model>, event: &NewEvent) -> Result<(), Error> {
        self.run.event_seq += 1;
        self.events.push(events::ActiveModel {
            run_id: Set(self.run.id),
            seq: Set(self.run.event_seq),
            job_id: Set(job.map(|job| job.id)),
            kind: Set(crate::convert::plain(&event.kind)),
            at: Set(self.now),
            data: Set(to_json(&event.data)?),
        });
        Ok(())
    }

    /// An event of the run itself.
    pub(crate) fn record_run(&mut self, kind: &str, data: Value) -> Result<(), Error> {
        self.record(None, &NewEvent::new(kind, data))
    }

    /// An event of a job; it always says which node and, if there is one, which document.
    pub(crate) fn record_job(&mut self, job: &jobs::Model, kind: &str, more: Value) -> Result<(), Error> {
        let mut data = json!({ "node": job.node });
        if let (Some(data), Some(document)) = (data.as_object_mut(), job.document_id) {
            data.insert("document".to_owned(), json!(domain::DocumentId::from_uuid(document)));
        }
        if let (Some(data), Value::Object(more)) = (data.as_object_mut(), more) {
            data.extend(more);
        }
        self.record(Some(job), &NewEvent::new(kind, data))
    }

    /// Remembers that a job became ready, for the announcement after the commit.
    pub(crate) fn rings(&mut self, job: &jobs::Model) -> Result<(), Error> {
        if self.is_running() && job.due_at <= self.now {
            self.ready.push(doorbell(job)?);
        }
        Ok(())
    }

    pub(crate) fn end(&mut self, state: RunState) {
        state.word().clone_into(&mut self.run.state);
        self.run.ended_at = Some(self.now);
        self.run.blocked_on = None;
        self.run.blocked_until = None;
        self.ended = Some(state);
    }

    /// What came of it since the last time this was asked.
    pub(crate) fn take(&mut self) -> Committed {
        Committed { ready: std::mem::take(&mut self.ready), run_ended: self.ended.take() }
    }

    pub(crate) async fn change_job(&self, change: jobs::ActiveModel) -> Result<(), Error> {
        jobs::Entity::update(change).exec_without_returning(self.tx).await?;
        Ok(())
    }

    /// Writes what changed. The last thing before the commit.
    pub(crate) async fn write(mut self) -> Result<(), Error> {
        for chunk in self.events.chunks(CHUNK) {
            events::Entity::insert_many(chunk.to_vec()).exec_without_returning(self.tx).await?;
        }
        for place in self.places.iter_mut().filter(|place| place.changed) {
            let row = place.row.clone();
            let change = nodes::ActiveModel {
                run_id: Unchanged(row.run_id),
                node: Unchanged(row.node),
                ordinal: Unchanged(row.ordinal),
                state: Set(row.state),
                blockers: Set(row.blockers),
                open: Set(row.open),
                waiting: Set(row.waiting),
                jobs: Set(row.jobs),
                done: Set(row.done),
                failed: Set(row.failed),
                skipped: Set(row.skipped),
            };
            nodes::Entity::update(change).exec_without_returning(self.tx).await?;
        }
        if self.stored.as_ref() != Some(&self.run) {
            let id = self.run.id;
            let change = runs::ActiveModel { id: Unchanged(id), ..self.run.into_active_model().reset_all() };
            runs::Entity::update(change).exec_without_returning(self.tx).await?;
        }
        Ok(())
    }
}

/// The parts of a job's row that its ending or its giving back change.
pub(crate) fn job_change(job: &jobs::Model, state: JobState) -> jobs::ActiveModel {
    jobs::ActiveModel {
        id: Unchanged(job.id),
        state: Set(state.word().to_owned()),
        announced_at: Set(None),
        lease_until: Set(None),
        worker_id: Set(None),
        ..Default::default()
    }
}

/// Whether the row is what the fence says: this attempt, still running.
pub(crate) fn is_held(job: &jobs::Model, attempt: i32) -> bool {
    job.attempt == attempt && job.state == JobState::Running.word()
}
