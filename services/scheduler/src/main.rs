//! `assay-scheduler`: what time makes happen, as a process.

use std::num::NonZeroU32;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use chassis::service::{self, Deps, Service};
use chassis::settings::Defaults;
use ephemeral::Ephemeral;
use serde::Deserialize;
use store::Scope;
use tokio_util::sync::CancellationToken;
use worker::Bell;

struct Scheduler {
    interval: Duration,
}

#[derive(Deserialize)]
struct Settings {
    scheduler: Own,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Own {
    interval_ms: NonZeroU32,
}

impl Service for Scheduler {
    const NAME: &'static str = "assay-scheduler";
    const ABOUT: &'static str = "Announces what is due and takes back what was lost. Any number may run.";
    const DEFAULTS: &'static [Defaults] =
        &[Defaults { section: "scheduler", text: include_str!("../defaults.toml") }];
    type Settings = Settings;

    fn build(settings: Settings, _: &Arc<dyn Ephemeral>) -> anyhow::Result<Self> {
        Ok(Self { interval: Duration::from_millis(settings.scheduler.interval_ms.get().into()) })
    }

    async fn run(self, deps: Deps, stop: CancellationToken) -> anyhow::Result<()> {
        let bell = Bell::new(deps.store.clone(), deps.broker, deps.clock.clone());
        let settings = scheduler::Settings { interval: self.interval, scope: Scope::All };
        scheduler::Scheduler::new(deps.store, bell, deps.clock, settings).run(stop).await;
        Ok(())
    }
}

fn main() -> ExitCode {
    service::main::<Scheduler>()
}
