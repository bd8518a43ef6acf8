//! The log of a run.

use domain::{Event, JobId, RunId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect};

use crate::convert::from_json;
use crate::entity::events;
use crate::{Error, Tenant};

impl Tenant {
    /// The events after number `after` (0: from the beginning), in order, without gaps.
    pub async fn events(&self, run: RunId, after: i64, limit: u64) -> Result<Vec<Event>, Error> {
        self.owned(run).await?;
        let query = events::Entity::find()
            .filter(events::Column::RunId.eq(run.uuid()))
            .filter(events::Column::Seq.gt(after))
            .order_by_asc(events::Column::Seq)
            .limit(limit);
        let rows = self.store().read(query.all(self.store().reader())).await?;
        rows.into_iter().map(read_event).collect()
    }
}

fn read_event(row: events::Model) -> Result<Event, Error> {
    Ok(Event {
        run: RunId::from_uuid(row.run_id),
        seq: row.seq,
        job: row.job_id.map(JobId::from_uuid),
        kind: row.kind,
        at: row.at,
        data: from_json("event", &row.data)?,
    })
}
