//! What a job sees of the house while it runs.

use std::sync::Arc;

use chrono::{DateTime, Utc};
use domain::{Job, Run};
use ephemeral::Ephemeral;
use pipelines::{Node, Snapshot};
use store::{Effects, Store, Tenant};
use tokio_util::sync::CancellationToken;

use crate::leash::Leash;
use crate::{Bell, Clock, Error};

/// One running job: who it is, what it may read, and how it saves progress.
#[derive(Clone)]
pub struct Context {
    pub(crate) job: Job,
    pub(crate) run: Run,
    pub(crate) snapshot: Arc<Snapshot>,
    pub(crate) node: Node,
    pub(crate) store: Store,
    pub(crate) ephemeral: Arc<dyn Ephemeral>,
    pub(crate) bell: Bell,
    pub(crate) clock: Clock,
    pub(crate) leash: Leash,
}

impl Context {
    #[must_use]
    pub const fn job(&self) -> &Job {
        &self.job
    }

    #[must_use]
    pub const fn run(&self) -> &Run {
        &self.run
    }

    /// The job's place in the graph.
    #[must_use]
    pub const fn node(&self) -> &Node {
        &self.node
    }

    /// The pipeline as it was when the run began.
    #[must_use]
    pub fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    #[must_use]
    pub const fn store(&self) -> &Store {
        &self.store
    }

    /// Reads as the tenant whose run it is.
    #[must_use]
    pub fn tenant(&self) -> Tenant {
        self.store.tenant(self.job.tenant)
    }

    #[must_use]
    pub fn ephemeral(&self) -> &Arc<dyn Ephemeral> {
        &self.ephemeral
    }

    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.clock.now()
    }

    /// Cancelled when the job has to stop. Whatever waits or loops must listen to it.
    #[must_use]
    pub const fn cancelled(&self) -> &CancellationToken {
        self.leash.token()
    }

    /// # Errors
    /// [`Error::Cancelled`] once the job has to stop.
    pub fn check(&self) -> Result<(), Error> {
        if self.cancelled().is_cancelled() { Err(Error::Cancelled) } else { Ok(()) }
    }

    /// A file of the pipeline's folder, as it was when the run began.
    ///
    /// # Errors
    /// [`Error::Fatal`] if the pipeline has no such file.
    pub fn file(&self, path: &str) -> Result<&str, Error> {
        self.snapshot.files.get(path).map(String::as_str).ok_or_else(|| {
            Error::fatal("missing_file", format!("pipeline `{}` has no file `{path}`", self.snapshot.name))
        })
    }

    /// Saves progress in one fenced transaction: documents (and the jobs they fan out to), rows, events, checkpoint.
    /// From then on it is true, whatever happens to this worker.
    ///
    /// # Errors
    /// [`Error::Cancelled`] if the lease was lost: nothing was written.
    pub async fn commit(&self, effects: Effects) -> Result<(), Error> {
        let committed = self.store.commit(self.job.fence(), effects, self.now()).await?;
        self.bell.ring(&committed.ready).await;
        Ok(())
    }
}

impl std::fmt::Debug for Context {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context")
            .field("job", &self.job.id)
            .field("node", &self.job.node)
            .finish_non_exhaustive()
    }
}
