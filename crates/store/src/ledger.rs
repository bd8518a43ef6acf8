//! One run inside a transaction: its row is locked, its nodes are in memory, and whatever changes it goes through here.
//! In which order what is locked: see `jobs.rs`.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{JobState, NewEvent, RunId, RunState};
use pipelines::{Node, Snapshot};
use sea_orm::ActiveValue::{Set, Unchanged};
use sea_orm::{
    ActiveModelTrait, ColumnTrait, DatabaseTransaction, EntityTrait, Iterable, ModelTrait, QueryFilter,
    QueryOrder, QuerySelect,
};
use serde_json::{Value, json};

use crate::convert::{CHUNK, Word, int, micros, to_json};
use crate::entity::{events, jobs, nodes, runs};
use crate::jobs::doorbell;
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
    stored: runs::Model,
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

/// The jobs of a node that have not ended.
pub(crate) struct Unfinished {
    pub(crate) waiting: i32,
    /// Ready or running.
    pub(crate) started: i32,
}

/// Counts what a node that has not ended waits for: its own jobs, and those of the nodes it names that have not ended
/// either, each once.
pub(crate) fn count(row: &mut nodes::Model, node: &Node, jobs: Unfinished, goes_on: impl Fn(&str) -> bool) {
    let waits_for = |ids: &[String]| {
        let ids: BTreeSet<&String> = ids.iter().filter(|id| goes_on(id)).collect();
        int(ids.len())
    };
    row.blockers = waits_for(&node.needs);
    row.open = jobs.waiting + jobs.started + waits_for(&node.for_each);
    row.waiting = jobs.waiting;
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
        Ok(Self::open(tx, now, run, pipeline, places))
    }

    /// A run as it is stored, locked or inserted by this transaction.
    pub(crate) fn open(
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
            stored: run.clone(),
            run,
            pipeline,
            places,
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
        if self.stored != self.run {
            runs::Entity::update(self.change_of_run()).exec_without_returning(self.tx).await?;
        }
        Ok(())
    }

    /// Only the columns that differ: an input of megabytes is not written again with every event.
    fn change_of_run(&self) -> runs::ActiveModel {
        let mut change = runs::ActiveModel { id: Unchanged(self.run.id), ..Default::default() };
        for column in runs::Column::iter() {
            let value = self.run.get(column);
            if self.stored.get(column) != value {
                change.set(column, value);
            }
        }
        change
    }
}
