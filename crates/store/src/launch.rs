//! Creating a run: the subject, the graph, the first jobs and the first events, in one transaction.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::run::RunOptions;
use domain::{JobState, MicroUsd, Run, RunId, RunState};
use pipelines::{Node, Snapshot};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::OnConflict;
use sea_orm::{
    ActiveModelTrait, DatabaseTransaction, EntityTrait, IntoActiveModel, TryInsertResult, TryIntoModel,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::convert::{CHUNK, Word, int, micros, plain, to_json};
use crate::entity::{idempotency, jobs, nodes, runs};
use crate::ledger::{Ledger, Place, Unfinished, count};
use crate::runs::read_run;
use crate::transaction::transact;
use crate::{Error, Tenant, snapshots, subjects};

/// The longest idempotency key, in bytes.
const IDEMPOTENCY_KEY_LIMIT: usize = 255;

/// A run to be created.
#[derive(Debug, Clone)]
pub struct NewRun {
    pub pipeline: Arc<Snapshot>,
    /// What makes two inputs one subject; the subject is made if it is new.
    pub subject_key: String,
    pub subject_name: Option<String>,
    /// After presets: every field resolved.
    pub input: Value,
    pub options: RunOptions,
    pub budget: Option<MicroUsd>,
    /// The same key again gives the run that it gave before, if everything else is the same, too.
    pub idempotency_key: Option<String>,
}

impl Tenant {
    /// Creates a run and admits it: its first jobs are ready and wait for their announcement.
    pub async fn create_run(&self, new: NewRun, now: DateTime<Utc>) -> Result<Run, Error> {
        let row = transact!(self.store(), |tx| self.create_run_in(&tx, &new, micros(now)).await)?;
        read_run(row)
    }

    async fn create_run_in(
        &self,
        tx: &DatabaseTransaction,
        new: &NewRun,
        now: DateTime<Utc>,
    ) -> Result<runs::Model, Error> {
        let id = RunId::new();
        if let Some(stored) = self.stored_run(tx, new, id, now).await? {
            return Ok(stored);
        }
        snapshots::keep(tx, &new.pipeline).await?;
        let kind = &new.pipeline.subject;
        let subject =
            subjects::upsert(tx, self.id(), kind, &new.subject_key, new.subject_name.as_ref(), now).await?;
        let row = runs::ActiveModel {
            id: Set(id.uuid()),
            tenant_id: Set(self.id().uuid()),
            subject_id: Set(subject.id),
            pipeline: Set(new.pipeline.name.clone()),
            pipeline_hash: Set(new.pipeline.hash.clone()),
            input: Set(to_json(&new.input)?),
            options: Set(to_json(&new.options)?),
            state: Set(RunState::Running.word().to_owned()),
            blocked_on: Set(None),
            blocked_until: Set(None),
            problem: Set(None),
            version: Set(None),
            budget: Set(new.budget.map(|cap| cap.0)),
            reserved: Set(0),
            settled: Set(0),
            event_seq: Set(0),
            frontier_seq: Set(0),
            created_at: Set(now),
            started_at: Set(Some(now)),
            ended_at: Set(None),
        };
        runs::Entity::insert(row.clone()).exec_without_returning(tx).await?;
        let places = first_places(tx, id, &new.pipeline).await?;
        let run = row.try_into_model()?;
        let mut ledger = Ledger::open(tx, now, run, Arc::clone(&new.pipeline), places);
        ledger.start().await?;
        let row = ledger.run.clone();
        ledger.write().await?;
        Ok(row)
    }

    /// The run that the idempotency key stands for already. Otherwise the key is taken for `run`.
    async fn stored_run(
        &self,
        tx: &DatabaseTransaction,
        new: &NewRun,
        run: RunId,
        now: DateTime<Utc>,
    ) -> Result<Option<runs::Model>, Error> {
        let Some(key) = &new.idempotency_key else { return Ok(None) };
        if key.is_empty() || key.len() > IDEMPOTENCY_KEY_LIMIT {
            let detail = format!("an idempotency key has 1 to {IDEMPOTENCY_KEY_LIMIT} bytes");
            return Err(Error::conflict("invalid_idempotency_key", detail));
        }
        let body_hash = body_hash(new)?;
        let row = idempotency::ActiveModel {
            tenant_id: Set(self.id().uuid()),
            key: Set(plain(key)),
            body_hash: Set(body_hash.clone()),
            run_id: Set(run.uuid()),
            created_at: Set(now),
        };
        let known = OnConflict::columns([idempotency::Column::TenantId, idempotency::Column::Key])
            .do_nothing()
            .to_owned();
        let taken = idempotency::Entity::insert(row).on_conflict(known).try_insert();
        if let TryInsertResult::Inserted(1..) = taken.exec_without_returning(tx).await? {
            return Ok(None);
        }
        let stored = idempotency::Entity::find_by_id((self.id().uuid(), plain(key))).one(tx).await?;
        let stored = stored.ok_or_else(|| Error::corrupt("an idempotency key is there and is not"))?;
        if stored.body_hash != body_hash {
            let detail = "this idempotency key was used for another request";
            return Err(Error::conflict("idempotency_mismatch", detail));
        }
        Ok(runs::Entity::find_by_id(stored.run_id).one(tx).await?)
    }
}

impl Ledger<'_> {
    /// One waiting job for every node that has exactly one, then whatever nothing blocks becomes ready.
    async fn start(&mut self) -> Result<(), Error> {
        let single: Vec<Node> =
            self.pipeline.nodes.iter().filter(|node| node.for_each.is_empty()).cloned().collect();
        let rows: Vec<_> = single.iter().map(|node| self.new_job(node, None)).collect();
        for chunk in rows.chunks(CHUNK) {
            jobs::Entity::insert_many(chunk.to_vec()).exec_without_returning(self.tx).await?;
        }
        let subject = domain::SubjectId::from_uuid(self.run.subject_id);
        let data = json!({ "pipeline": self.run.pipeline, "subject": subject });
        self.record_run("run.created", data)?;
        self.record_run("run.started", json!({}))?;
        self.follow().await
    }
}

async fn first_places(
    tx: &DatabaseTransaction,
    run: RunId,
    pipeline: &Snapshot,
) -> Result<Vec<Place>, Error> {
    let mut places = Vec::with_capacity(pipeline.nodes.len());
    for (ordinal, node) in pipeline.nodes.iter().enumerate() {
        let jobs = i32::from(node.for_each.is_empty());
        let mut row = nodes::Model {
            run_id: run.uuid(),
            node: node.id.clone(),
            ordinal: int(ordinal),
            state: JobState::Waiting.word().to_owned(),
            blockers: 0,
            open: 0,
            waiting: 0,
            jobs,
            done: 0,
            failed: 0,
            skipped: 0,
        };
        count(&mut row, node, Unfinished { waiting: jobs, started: 0 }, |id| pipeline.node(id).is_some());
        places.push(Place { row, changed: false });
    }
    let rows: Vec<nodes::ActiveModel> =
        places.iter().map(|place| place.row.clone().into_active_model().reset_all()).collect();
    for chunk in rows.chunks(CHUNK) {
        nodes::Entity::insert_many(chunk.to_vec()).exec_without_returning(tx).await?;
    }
    Ok(places)
}

/// What the caller asked for, in a form that does not depend on the order of keys. The pipeline counts by its name: a
/// deployment between two tries does not make them two requests.
fn body_hash(new: &NewRun) -> Result<String, Error> {
    let body = json!({
        "pipeline": new.pipeline.name,
        "subject": new.subject_key,
        "input": new.input,
        "options": new.options,
        "budget": new.budget,
    });
    Ok(hex::encode(Sha256::digest(to_json(&sorted(body))?)))
}

fn sorted(value: Value) -> Value {
    match value {
        Value::Object(map) => {
            let mut entries: Vec<_> = map.into_iter().map(|(key, value)| (key, sorted(value))).collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            Value::Object(entries.into_iter().collect())
        }
        Value::Array(items) => Value::Array(items.into_iter().map(sorted).collect()),
        other => other,
    }
}
