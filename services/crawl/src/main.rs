//! `assay-crawl`: the crawl stage as a process.

use std::process::ExitCode;
use std::sync::Arc;

use chassis::service::{self, Deps, Service};
use chassis::settings::Defaults;
use domain::Stage;
use ephemeral::Ephemeral;
use serde::Deserialize;
use tokio_util::sync::CancellationToken;
use worker::Registry;

struct Crawl(Registry);

#[derive(Deserialize)]
struct Settings {
    net: net::Settings,
    crawl: crawl::Settings,
}

impl Service for Crawl {
    const NAME: &'static str = "assay-crawl";
    const ABOUT: &'static str = "Fetches the pages of sites, politely.";
    const DEFAULTS: &'static [Defaults] = &[
        Defaults { section: "net", text: net::DEFAULTS },
        Defaults { section: "crawl", text: crawl::DEFAULTS },
    ];
    type Settings = Settings;

    fn build(settings: Settings, ephemeral: &Arc<dyn Ephemeral>) -> anyhow::Result<Self> {
        for warning in settings.net.warnings() {
            tracing::warn!("{warning}");
        }
        let client = net::Client::new(&settings.net)?;
        let polite = net::Polite::new(client, Arc::clone(ephemeral), settings.net.pace);
        Ok(Self(crawl::workers(crawl::Deps { polite, settings: settings.crawl })?))
    }

    async fn run(self, deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
        service::work(Stage::Crawl, self.0, deps, stop).await
    }
}

fn main() -> ExitCode {
    net::install_crypto();
    service::main::<Crawl>()
}
