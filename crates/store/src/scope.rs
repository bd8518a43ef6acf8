//! What templates and conditions of a run can name.

use std::collections::BTreeMap;

use domain::{JobState, RunId};
use pipelines::Snapshot;
use sea_orm::{ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, Select};
use serde_json::{Map, Value, json};
use uuid::Uuid;

use crate::convert::{Word, from_json};
use crate::entity::{jobs, nodes, runs, subjects};
use crate::{Error, Store};

impl Store {
    /// `{input, subject: {kind, key, name, profile, facts, latest_version}, state: {<node>: "done" …}, <node>: output}`.
    /// Outputs are those of done jobs; nodes that run `for_each` have none. A node that has not ended is `waiting`.
    pub async fn scope(&self, run: RunId) -> Result<Value, Error> {
        let row = self.read(runs::Entity::find_by_id(run.uuid()).one(self.reader())).await?;
        let row = row.ok_or(Error::missing("run"))?;
        let states: Vec<(String, String)> = self
            .read(
                nodes::Entity::find()
                    .select_only()
                    .columns([nodes::Column::Node, nodes::Column::State])
                    .filter(nodes::Column::RunId.eq(run.uuid()))
                    .order_by_asc(nodes::Column::Ordinal)
                    .into_tuple()
                    .all(self.reader()),
            )
            .await?;
        let states = states.iter().map(|(node, state)| (node.as_str(), state.as_str()));
        let pipeline = self.read(self.snapshot_by_hash(self.reader(), &row.pipeline_hash)).await?;
        self.read(build(self.reader(), &row, &pipeline, states)).await
    }
}

/// Reads what is not in memory already. `states` are those of the nodes.
pub(crate) async fn build<'a, C: ConnectionTrait>(
    db: &C,
    run: &runs::Model,
    pipeline: &Snapshot,
    states: impl Iterator<Item = (&'a str, &'a str)>,
) -> Result<Value, Error> {
    let states: BTreeMap<&str, &str> = states.collect();
    let subject = subjects::Entity::find_by_id(run.subject_id).one(db).await?;
    let subject = subject.ok_or_else(|| Error::corrupt("the subject of a run is missing"))?;
    let outputs: Vec<(String, Option<String>)> = outputs(run.id, pipeline).into_tuple().all(db).await?;
    let mut scope = Map::new();
    for (node, output) in outputs {
        if let Some(output) = output {
            let value: Value = from_json("output", &output)?;
            scope.insert(node, value);
        }
    }
    let subject = json!({
        "kind": subject.kind,
        "key": subject.key,
        "name": subject.name,
        "profile": from_json::<Value>("profile", &subject.profile)?,
        "facts": from_json::<Value>("facts", &subject.facts)?,
        "latest_version": subject.latest_version,
    });
    scope.insert("input".to_owned(), from_json("input", &run.input)?);
    scope.insert("subject".to_owned(), subject);
    scope.insert("state".to_owned(), json!(states));
    Ok(Value::Object(scope))
}

/// By node, because every job reads this: past a node that runs `for_each`, however many jobs it has.
pub(crate) fn outputs(run: Uuid, pipeline: &Snapshot) -> Select<jobs::Entity> {
    let single = pipeline.nodes.iter().filter(|node| node.for_each.is_empty());
    jobs::Entity::find()
        .select_only()
        .columns([jobs::Column::Node, jobs::Column::Output])
        .filter(jobs::Column::RunId.eq(run))
        .filter(jobs::Column::Node.is_in(single.map(|node| node.id.as_str())))
        .filter(jobs::Column::State.eq(JobState::Done.word()))
}

/// Whether a condition holds; an error says why that cannot be told.
pub(crate) fn holds(condition: &str, scope: &Value) -> Result<bool, String> {
    pipelines::expr::holds(condition, scope).map_err(|e| e.to_string())
}
