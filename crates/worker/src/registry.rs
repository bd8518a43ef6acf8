//! Workers by name.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use domain::Problem;
use pipelines::uses::Arguments;
use serde::Serialize;
use serde_json::{Map, Value};

use crate::{Context, Error, Outcome};

/// The code that performs one kind of job. Its name is that of its arguments ([`Arguments::USES`]).
#[async_trait]
pub trait Worker: Send + Sync + 'static {
    /// What a manifest writes under `with`.
    type Args: Arguments + Send;
    /// What later jobs see as `<job id>.…`.
    type Output: Serialize + Send;

    /// Does the job, or says what should happen instead. Effects that must survive a crash half-way are committed
    /// with [`Context::commit`]; everything else is returned.
    async fn run(&self, ctx: &Context, args: Self::Args) -> Result<Outcome<Self::Output>, Error>;
}

/// Every worker of a process, in one visible list.
#[derive(Clone, Default)]
pub struct Registry {
    workers: HashMap<&'static str, Arc<dyn Erased>>,
}

impl Registry {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds a worker under its name.
    #[must_use]
    pub fn with<W: Worker>(mut self, worker: W) -> Self {
        self.workers.insert(W::Args::USES, Arc::new(Typed(worker)));
        self
    }

    /// The workers of both.
    #[must_use]
    pub fn and(mut self, other: Self) -> Self {
        self.workers.extend(other.workers);
        self
    }

    pub(crate) fn get(&self, uses: &str) -> Option<Arc<dyn Erased>> {
        self.workers.get(uses).cloned()
    }
}

impl std::fmt::Debug for Registry {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_set().entries(self.workers.keys()).finish()
    }
}

/// A worker without its types.
#[async_trait]
pub(crate) trait Erased: Send + Sync {
    async fn run(&self, ctx: &Context, with: Map<String, Value>) -> Result<Outcome<Value>, Error>;
}

struct Typed<W>(W);

#[async_trait]
impl<W: Worker> Erased for Typed<W> {
    async fn run(&self, ctx: &Context, with: Map<String, Value>) -> Result<Outcome<Value>, Error> {
        let args = serde_path_to_error::deserialize(Value::Object(with)).map_err(|error| {
            let detail = format!("`with.{}` of job `{}`: {}", error.path(), ctx.job().node, error.inner());
            Error::Fatal(Problem::new("invalid_arguments", detail))
        })?;
        self.0.run(ctx, args).await?.try_map(|output| {
            serde_json::to_value(output).map_err(|error| Error::fatal("invalid_output", error.to_string()))
        })
    }
}
