//! The `main` of every process of a fleet: settings, logs, the admin port, the shared places, then the service until it
//! is told to stop.

use std::collections::HashMap;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::{CommandFactory as _, FromArgMatches as _, Parser};
use domain::Stage;
use ephemeral::Ephemeral;
use queue::Broker;
use serde::de::DeserializeOwned;
use store::Store;
use tokio_util::sync::CancellationToken;
use worker::{Clock, Registry, Runner};

use crate::admin::{Admin, Condition};
use crate::house::{self, House};
use crate::settings::{Defaults, Sources};
use crate::{shutdown, telemetry};

/// The pause before a database that did not answer is asked again.
const PAUSE: Duration = Duration::from_secs(2);
/// How long what still runs at the end may take: a blocking read must not keep the process alive.
const LAST: Duration = Duration::from_secs(2);

/// One process of a fleet.
pub trait Service: Sized + Send {
    /// Of the binary.
    const NAME: &'static str;
    /// What `--help` says of it.
    const ABOUT: &'static str;
    /// Of its own sections; those of the house are added.
    const DEFAULTS: &'static [Defaults];
    type Settings: DeserializeOwned;

    /// Judges the settings and builds what they describe. Asks nobody, so that `--check-config` can do it anywhere.
    ///
    /// # Errors
    /// Settings that cannot be used.
    fn build(settings: Self::Settings, ephemeral: &Arc<dyn Ephemeral>) -> anyhow::Result<Self>;

    /// Works until `stop`, then finishes or gives back what is in hand.
    fn run(self, deps: Deps, stop: CancellationToken) -> impl Future<Output = anyhow::Result<()>> + Send;
}

/// The places that the processes share.
#[derive(Clone)]
pub struct Deps {
    pub house: House,
    pub store: Store,
    pub broker: Arc<dyn Broker>,
    pub ephemeral: Arc<dyn Ephemeral>,
    pub clock: Clock,
}

impl std::fmt::Debug for Deps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Deps").field("store", &self.store).finish_non_exhaustive()
    }
}

#[derive(Debug, Parser)]
#[command(version)]
struct Cli {
    /// A settings file (TOML), which all processes can share; `ASSAY__SECTION__KEY` in the environment wins over it.
    #[arg(long, value_name = "FILE", env = "ASSAY_SETTINGS")]
    settings: Option<PathBuf>,
    /// Say whether the settings can be used, and do nothing.
    #[arg(long)]
    check_config: bool,
}

/// Runs the service. Exit codes: 0 stopped as told, 1 cannot work here, 2 usage.
#[must_use]
pub fn main<S: Service>() -> ExitCode {
    let command = Cli::command().name(S::NAME).about(S::ABOUT);
    let cli = Cli::from_arg_matches(&command.get_matches()).unwrap_or_else(|error| error.exit());
    match start::<S>(&cli) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            tell(S::NAME, format_args!("{error:#}"));
            ExitCode::FAILURE
        }
    }
}

/// Before there are logs, and after.
#[expect(clippy::print_stderr, reason = "the last word of a process")]
fn tell(name: &str, what: std::fmt::Arguments<'_>) {
    eprintln!("{name}: {what}");
}

fn start<S: Service>(cli: &Cli) -> anyhow::Result<()> {
    let defaults = [house::DEFAULTS, S::DEFAULTS].concat();
    let sources = Sources::read(&defaults, cli.settings.as_deref(), std::env::vars())?;
    let (house, settings): (House, S::Settings) = (sources.get()?, sources.get()?);
    anyhow::ensure!(
        house.queue.url.is_some(),
        "the setting `queue.url` is empty: processes find their work through RabbitMQ (or let `assay` do all in one)"
    );
    let place = house.store.place()?;
    if cli.check_config {
        let nowhere: Arc<dyn Ephemeral> = Arc::new(ephemeral::Memory::new());
        S::build(settings, &nowhere)?;
        tell(S::NAME, format_args!("the settings can be used"));
        return Ok(());
    }
    telemetry::start(&house.log)?;
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    let done = runtime.block_on(serve::<S>(house, settings, place));
    runtime.shutdown_timeout(LAST);
    done
}

async fn serve<S: Service>(
    house: House,
    settings: S::Settings,
    place: store::Settings,
) -> anyhow::Result<()> {
    let stop = shutdown::token()?;
    let condition = Condition::starting(stop.clone());
    let admin = house.admin.bind.map(|bind| {
        Admin::start(bind, condition.clone()).with_context(|| format!("cannot listen on {bind} (admin.bind)"))
    });
    let _admin = admin.transpose()?;
    let ephemeral = ephemeral::connect(&house.ephemeral).await?;
    let service = S::build(settings, &ephemeral)?;
    let Some(store) = open(&place, &stop).await? else { return Ok(()) };
    let broker = queue::connect(&house.queue).await?;
    let deps = Deps { house, store: store.clone(), broker, ephemeral, clock: Clock::system() };
    condition.started(deps.clone());
    tracing::info!(name = S::NAME, version = env!("CARGO_PKG_VERSION"), "at work");
    let done = service.run(deps, stop).await;
    store.close().await;
    tracing::info!(name = S::NAME, "stopped");
    done
}

/// Waits for a database that does not answer yet; None when told to stop meanwhile. One that does not fit is an error:
/// `assay migrate` is the one that changes it.
async fn open(place: &store::Settings, stop: &CancellationToken) -> anyhow::Result<Option<Store>> {
    loop {
        let error = match stop.run_until_cancelled(Store::open(place)).await {
            None => return Ok(None),
            Some(Ok(store)) => return Ok(Some(store)),
            Some(Err(error)) if error.is_retryable() => error,
            Some(Err(error)) => return Err(error.into()),
        };
        tracing::warn!(error = &error as &dyn std::error::Error, "waiting for the database");
        if stop.run_until_cancelled(tokio::time::sleep(PAUSE)).await.is_none() {
            return Ok(None);
        }
    }
}

/// Serves one stage with these workers.
///
/// # Errors
/// If nothing could be kept any more.
pub async fn work(
    stage: Stage,
    registry: Registry,
    deps: Deps,
    stop: CancellationToken,
) -> anyhow::Result<()> {
    let at_once = deps.house.worker.of(stage).with_context(|| format!("the stage {stage} has no workers"))?;
    let Deps { house: _, store, broker, ephemeral, clock } = deps;
    let settings = worker::Settings {
        concurrency: HashMap::from([(stage, at_once.get())]),
        ..worker::Settings::default()
    };
    Ok(Runner::new(worker::Deps { store, broker, ephemeral, registry, clock }, settings).run(stop).await?)
}
