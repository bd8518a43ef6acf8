//! What is put together: the store, the pipelines, the workers of every stage.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::Arc;

use domain::{RunId, Stage, TenantId};
use ephemeral::Ephemeral;
use pipelines::library::Origin;
use pipelines::{Library, Readers, Snapshot};
use queue::Broker;
use store::{Scope, Store, Tenant};
use tokio_util::sync::CancellationToken;
use worker::{Bell, Clock, Deps, Halted, Registry, Runner};

use crate::failure::{Failure, chain};
use crate::settings::Settings;

/// How the workers of every stage read the files that only they can judge.
#[must_use]
pub fn readers() -> Readers {
    crawl::readers().and(extract::readers()).and(analyze::readers())
}

/// Everything a command may need.
#[derive(Debug)]
pub struct App {
    pub settings: Settings,
    pub home: PathBuf,
    pub store: Store,
    pub library: Library,
    pub clock: Clock,
}

impl App {
    /// Opens the database. A file of this machine is made or brought up to date if need be; a server's may have other
    /// users, and is changed by `assay migrate` alone.
    ///
    /// # Errors
    /// If there is no place for data, it cannot be written, or it was made by a newer version.
    pub async fn open(settings: Settings) -> Result<Self, Failure> {
        let home = home()?;
        let place = place(&settings)?;
        if place.url.starts_with("sqlite:") {
            Store::migrate(&place).await?;
        }
        let store = Store::open(&place).await?;
        let library = Library::load(&settings.pipelines.folders);
        Ok(Self { settings, home, store, library, clock: Clock::system() })
    }

    pub fn tenant(&self) -> Tenant {
        self.store.tenant(TenantId::LOCAL)
    }

    /// The pipeline of this name, for a run. Its files are judged by the workers that will read them only now, because
    /// that takes longer than most commands.
    ///
    /// # Errors
    /// If there is none of this name, or a worker would refuse a file of it.
    pub fn pipeline(&self, name: &str) -> Result<Arc<Snapshot>, Failure> {
        let snapshot = self.library.get(name).map_err(|error| Failure::usage(error.to_string()))?;
        let Some(Origin::Folder(folder)) = self.library.origin(name) else { return Ok(snapshot) };
        let judged = pipelines::load_with(folder, &readers());
        judged.map(Arc::new).map_err(|mistakes| Failure::usage(mistakes.to_string()))
    }

    /// Starts the workers and the scheduler of one run; they stop with `shutdown`.
    ///
    /// # Errors
    /// If the settings of models or of the outbound client cannot be used.
    pub fn start(&self, run: RunId, shutdown: &CancellationToken) -> Result<Engine, Failure> {
        let broker: Arc<dyn Broker> = Arc::new(queue::Memory::new());
        let ephemeral: Arc<dyn Ephemeral> = Arc::new(ephemeral::Memory::new());
        let bell = Bell::new(self.store.clone(), Arc::clone(&broker), self.clock.clone());
        let deps = Deps {
            store: self.store.clone(),
            broker,
            registry: self.workers(&ephemeral)?,
            ephemeral,
            clock: self.clock.clone(),
        };
        let runner = Runner::new(
            deps,
            worker::Settings { concurrency: self.concurrency(), ..worker::Settings::default() },
        );
        let scheduler = scheduler::Scheduler::new(
            self.store.clone(),
            bell,
            self.clock.clone(),
            scheduler::Settings { interval: std::time::Duration::from_millis(100), scope: Scope::Run(run) },
        );
        let token = shutdown.child_token();
        Ok(Engine {
            runner: tokio::spawn(runner.run(token.clone())),
            scheduler: tokio::spawn(scheduler.run(token.clone())),
            token,
        })
    }

    /// The workers of every stage that runs in this process.
    fn workers(&self, ephemeral: &Arc<dyn Ephemeral>) -> Result<Registry, Failure> {
        let client = net::Client::new(&self.settings.net).map_err(|error| Failure::place(chain(&error)))?;
        let polite = net::Polite::new(client, Arc::clone(ephemeral), self.settings.net.pace);
        let desk = llm::Desk::new(&self.settings.llm).map_err(|error| Failure::place(chain(&error)))?;
        let crawl = crawl::workers(crawl::Deps { polite, settings: self.settings.crawl.clone() });
        let analyze = analyze::workers(analyze::Deps { desk });
        Ok(crawl
            .map_err(|error| Failure::place(chain(&error)))?
            .and(extract::workers())
            .and(analyze.map_err(|error| Failure::place(chain(&error)))?))
    }

    fn concurrency(&self) -> HashMap<Stage, u16> {
        let at_once = |stage| self.settings.worker.of(stage).map(|jobs| (stage, jobs.get()));
        [Stage::Crawl, Stage::Extract, Stage::Analyze].into_iter().filter_map(at_once).collect()
    }
}

/// Workers and scheduler at work.
#[derive(Debug)]
pub struct Engine {
    runner: tokio::task::JoinHandle<Result<(), Halted>>,
    scheduler: tokio::task::JoinHandle<()>,
    token: CancellationToken,
}

impl Engine {
    /// Whether the workers have stopped by themselves.
    pub fn has_halted(&self) -> bool {
        self.runner.is_finished()
    }

    /// Tells them to stop and waits until what they had in hand is committed.
    ///
    /// # Errors
    /// If they had stopped by themselves: nothing could be kept any more.
    pub async fn stop(self) -> Result<(), Failure> {
        self.token.cancel();
        if let Err(error) = self.scheduler.await {
            tracing::error!(error = &error as &dyn std::error::Error, "the scheduler died");
        }
        match self.runner.await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(halted)) => Err(Failure::place(format!(
                "{halted}\nnothing is lost; make room, then go on with: assay resume"
            ))),
            Err(error) => Err(Failure::place(format!("the workers died: {error}"))),
        }
    }
}

fn home() -> Result<PathBuf, Failure> {
    let home = chassis::home::path()
        .ok_or_else(|| Failure::place(format!("no place for data: set {}", chassis::home::VARIABLE)))?;
    std::fs::create_dir_all(&home).map_err(|error| {
        Failure::place(format!("cannot make the data folder {}: {error}", home.display()))
    })?;
    Ok(home)
}

/// Where things are kept.
pub(crate) fn place(settings: &Settings) -> Result<store::Settings, Failure> {
    settings.store.place().map_err(|homeless| Failure::place(homeless.to_string()))
}
