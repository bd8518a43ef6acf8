//! [`Store`]: the handle that everybody holds.

use std::fmt;
use std::future::Future;
use std::sync::Arc;

use domain::TenantId;
use sea_orm::{ConnectionTrait, DatabaseConnection};

use crate::connect::{self, Connections};
use crate::snapshots::Cache;
use crate::{Blobs, Error, Tenant};

/// What is kept. Cheap to clone; all clones share the connections.
#[derive(Clone)]
pub struct Store {
    inner: Arc<Inner>,
}

struct Inner {
    connections: Connections,
    blobs: Blobs,
    snapshots: Cache,
}

impl Store {
    pub(crate) fn new(connections: Connections, blobs: Blobs) -> Self {
        Self { inner: Arc::new(Inner { connections, blobs, snapshots: Cache::default() }) }
    }

    /// What `tenant` may see and do.
    #[must_use]
    pub fn tenant(&self, tenant: TenantId) -> Tenant {
        Tenant::new(self.clone(), tenant)
    }

    /// The stored bytes.
    #[must_use]
    pub fn blobs(&self) -> &Blobs {
        &self.inner.blobs
    }

    /// What messages call the database; without a password.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.inner.connections.place
    }

    /// Asks the database for a sign of life.
    pub async fn ping(&self) -> Result<(), Error> {
        self.read(self.reader().execute_unprepared("select 1")).await.map(drop)
    }

    /// Closes every connection, of all clones; what is under way is waited for.
    pub async fn close(&self) {
        connect::close(&self.inner.connections).await;
    }

    pub(crate) fn connections(&self) -> &Connections {
        &self.inner.connections
    }

    pub(crate) fn snapshots(&self) -> &Cache {
        &self.inner.snapshots
    }

    /// For reads outside of a transaction.
    pub(crate) fn reader(&self) -> &DatabaseConnection {
        &self.inner.connections.reader
    }

    /// Waits for a read and says where it failed.
    pub(crate) async fn read<T, E: Into<Error>>(
        &self,
        query: impl Future<Output = Result<T, E>>,
    ) -> Result<T, Error> {
        query.await.map_err(|error| error.into().at(&self.inner.connections.place))
    }
}

impl fmt::Debug for Store {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Store").field("place", &self.inner.connections.place).finish_non_exhaustive()
    }
}
