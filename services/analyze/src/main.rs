//! `assay-analyze`: the analyze stage as a process.

use std::process::ExitCode;
use std::sync::Arc;

use chassis::service::{self, Deps, Service};
use chassis::settings::Defaults;
use domain::Stage;
use ephemeral::Ephemeral;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use worker::Registry;

struct Analyze(Registry);

#[derive(Deserialize)]
struct Settings {
    llm: llm::Settings,
}

impl Service for Analyze {
    const NAME: &'static str = "assay-analyze";
    const ABOUT: &'static str = "Asks models and rules, checks every quote, writes the report.";
    const DEFAULTS: &'static [Defaults] = &[Defaults { section: "llm", text: llm::DEFAULTS }];
    type Settings = Settings;

    fn build(settings: Settings, _: &Arc<dyn Ephemeral>) -> anyhow::Result<Self> {
        let settings = settings.llm.from_env(|name| std::env::var(name).ok());
        Ok(Self(analyze::workers(analyze::Deps { desk: llm::Desk::new(&settings)? })?))
    }

    async fn run(self, deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
        service::work(Stage::Analyze, self.0, deps, stop).await
    }
}

fn main() -> ExitCode {
    net::install_crypto();
    service::main::<Analyze>()
}
