//! `assay-extract`: the extract stage as a process.

use std::process::ExitCode;
use std::sync::Arc;

use chassis::service::{self, Deps, Service};
use chassis::settings::Defaults;
use domain::Stage;
use ephemeral::Ephemeral;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use worker::Registry;

struct Extract(Registry);

/// The stage has none of its own.
#[derive(Deserialize)]
struct Settings {}

impl Service for Extract {
    const NAME: &'static str = "assay-extract";
    const ABOUT: &'static str = "Reads what documents say and whom they name.";
    const DEFAULTS: &'static [Defaults] = &[];
    type Settings = Settings;

    fn build(Settings {}: Settings, _: &Arc<dyn Ephemeral>) -> anyhow::Result<Self> {
        Ok(Self(extract::workers()))
    }

    async fn run(self, deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
        service::work(Stage::Extract, self.0, deps, stop).await
    }
}

fn main() -> ExitCode {
    service::main::<Extract>()
}
