//! Snapshots of pipelines: kept once by content hash, read once per process.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use domain::RunId;
use pipelines::Snapshot;
use sea_orm::sea_query::OnConflict;
use sea_orm::{ConnectionTrait, EntityTrait, QuerySelect, Set};

use crate::convert::{from_json, now, to_json};
use crate::entity::{runs, snapshots};
use crate::{Error, Store};

/// A process uses few pipelines; when it has seen more than this it forgets them all and reads again.
const REMEMBERED: usize = 256;

#[derive(Debug, Default)]
pub(crate) struct Cache(Mutex<HashMap<String, Arc<Snapshot>>>);

impl Cache {
    fn get(&self, hash: &str) -> Option<Arc<Snapshot>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).get(hash).cloned()
    }

    fn put(&self, hash: &str, snapshot: Arc<Snapshot>) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if known.len() >= REMEMBERED {
            known.clear();
        }
        known.insert(hash.to_owned(), snapshot);
    }
}

impl Store {
    /// The pipeline of a run, as it was when the run was created.
    pub async fn snapshot(&self, run: RunId) -> Result<Arc<Snapshot>, Error> {
        let hash: Option<String> = self
            .read(
                runs::Entity::find_by_id(run.uuid())
                    .select_only()
                    .column(runs::Column::PipelineHash)
                    .into_tuple()
                    .one(self.reader()),
            )
            .await?;
        let hash = hash.ok_or(Error::missing("run"))?;
        self.read(self.snapshot_by_hash(self.reader(), &hash)).await
    }

    pub(crate) async fn snapshot_by_hash<C: ConnectionTrait>(
        &self,
        db: &C,
        hash: &str,
    ) -> Result<Arc<Snapshot>, Error> {
        if let Some(snapshot) = self.snapshots().get(hash) {
            return Ok(snapshot);
        }
        let row = snapshots::Entity::find_by_id(hash).one(db).await?;
        let row = row.ok_or_else(|| Error::corrupt(format!("the pipeline snapshot {hash} is missing")))?;
        let snapshot: Arc<Snapshot> = Arc::new(from_json("pipeline snapshot", &row.body)?);
        self.snapshots().put(hash, Arc::clone(&snapshot));
        Ok(snapshot)
    }
}

pub(crate) async fn keep<C: ConnectionTrait>(db: &C, snapshot: &Snapshot) -> Result<(), Error> {
    let row = snapshots::ActiveModel {
        hash: Set(snapshot.hash.clone()),
        body: Set(to_json(snapshot)?),
        created_at: Set(now()),
    };
    let conflict = OnConflict::column(snapshots::Column::Hash).do_nothing().to_owned();
    snapshots::Entity::insert(row).on_conflict(conflict).try_insert().exec_without_returning(db).await?;
    Ok(())
}
