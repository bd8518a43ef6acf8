//! [`Tenant`]: the constructor of every query on behalf of somebody.

use domain::{RunId, TenantId};
use sea_orm::{ColumnTrait, EntityTrait, QueryFilter, QuerySelect};

use crate::entity::runs;
use crate::{Error, Store};

/// What one tenant may see and do. What belongs to another is not found.
#[derive(Debug, Clone)]
pub struct Tenant {
    store: Store,
    id: TenantId,
}

impl Tenant {
    pub(crate) const fn new(store: Store, id: TenantId) -> Self {
        Self { store, id }
    }

    #[must_use]
    pub const fn id(&self) -> TenantId {
        self.id
    }

    pub(crate) const fn store(&self) -> &Store {
        &self.store
    }

    /// Refuses a run of somebody else. What hangs on a run is found by the run alone after this.
    pub(crate) async fn owned(&self, run: RunId) -> Result<(), Error> {
        let query = runs::Entity::find_by_id(run.uuid())
            .select_only()
            .column(runs::Column::Id)
            .filter(runs::Column::TenantId.eq(self.id.uuid()))
            .into_tuple::<uuid::Uuid>();
        let found = self.store.read(query.one(self.store.reader())).await?;
        found.map(|_| ()).ok_or(Error::missing("run"))
    }
}
