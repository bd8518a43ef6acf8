//! `assay-gateway`: the HTTP API as a process.

use std::process::ExitCode;
use std::sync::Arc;

use chassis::service::{self, Deps, Service};
use chassis::settings::Defaults;
use ephemeral::Ephemeral;
use gateway::Gateway;
use pipelines::Library;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;

struct Process(Gateway);

#[derive(Deserialize)]
struct Settings {
    gateway: gateway::Settings,
    pipelines: pipelines::Folders,
}

impl Service for Process {
    const NAME: &'static str = "assay-gateway";
    const ABOUT: &'static str = "Accepts runs over HTTP and answers for what became of them.";
    const DEFAULTS: &'static [Defaults] = &[
        Defaults { section: "gateway", text: gateway::DEFAULTS },
        Defaults { section: "pipelines", text: pipelines::DEFAULTS },
    ];
    type Settings = Settings;

    fn build(settings: Settings, _: &Arc<dyn Ephemeral>) -> anyhow::Result<Self> {
        let library = Library::load(&settings.pipelines.folders);
        if let [mistake, ..] = library.mistakes() {
            anyhow::bail!("pipelines.folders: {mistake}");
        }
        Ok(Self(Gateway { settings: settings.gateway, library: Arc::new(library) }))
    }

    async fn run(self, deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
        self.0.run(deps, stop).await
    }
}

fn main() -> ExitCode {
    service::main::<Process>()
}
