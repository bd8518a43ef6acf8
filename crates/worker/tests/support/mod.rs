//! One process with a real store on SQLite, memory for the rest, and a worker whose behaviour the test scripts.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]
#![allow(dead_code, unreachable_pub, missing_debug_implementations)]

use std::collections::{BTreeMap, HashMap};
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use domain::{Job, JobState, Run, RunId, RunState, Stage, TenantId};
use pipelines::uses::Arguments;
use pipelines::{Node, Snapshot};
use queue::Broker;
use scheduler::Scheduler;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use sqlx::{Connection, SqliteConnection};
use store::{NewRun, Scope, Store};
use tokio_util::sync::CancellationToken;
use worker::{Bell, Clock, Context, Deps, Error, Outcome, Registry, Runner, Settings, Worker};

#[derive(Debug, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Args {
    #[serde(default)]
    pub number: u32,
}

impl Arguments for Args {
    const USES: &'static str = "extract.scripted";
}

type Answer = Pin<Box<dyn Future<Output = Result<Outcome<Value>, Error>> + Send>>;
type Script = Arc<dyn Fn(Context, Args) -> Answer + Send + Sync>;

/// Does what the script of its node says.
#[derive(Clone, Default)]
pub struct Scripted(Arc<Mutex<HashMap<String, Script>>>);

#[async_trait]
impl Worker for Scripted {
    type Args = Args;
    type Output = Value;

    async fn run(&self, ctx: &Context, args: Args) -> Result<Outcome<Value>, Error> {
        let script = self.0.lock().unwrap().get(&ctx.job().node).cloned();
        match script {
            Some(script) => script(ctx.clone(), args).await,
            None => Ok(Outcome::done(json!(ctx.job().node))),
        }
    }
}

/// The queues of one process.
pub fn memory() -> Arc<dyn Broker> {
    Arc::new(queue::Memory::new())
}

pub struct House {
    pub store: Store,
    pub scripted: Scripted,
    ahead: Arc<AtomicI64>,
    stop: CancellationToken,
    parts: Vec<tokio::task::JoinHandle<()>>,
    folder: tempfile::TempDir,
}

impl House {
    pub async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("assay.db").display());
        let settings = store::Settings { url, blobs: folder.path().join("blobs"), max_connections: 4 };
        Store::migrate(&settings).await.unwrap();
        let store = Store::open(&settings).await.unwrap();
        let (scripted, ahead, stop) = (Scripted::default(), Arc::default(), CancellationToken::new());
        Self { store, scripted, ahead, stop, parts: Vec::new(), folder }
    }

    /// From now on jobs of `node` do this.
    pub fn script<F, A>(&self, node: &str, script: F)
    where
        F: Fn(Context, Args) -> A + Send + Sync + 'static,
        A: Future<Output = Result<Outcome<Value>, Error>> + Send + 'static,
    {
        let script: Script = Arc::new(move |ctx, args| Box::pin(script(ctx, args)));
        self.scripted.0.lock().unwrap().insert(node.to_owned(), script);
    }

    /// From now on the first call of `node` waits until it is stopped, and every other is done at once. Answers with how
    /// many calls there were and how many were stopped.
    pub fn script_stoppable(&self, node: &str) -> (Arc<AtomicU32>, Arc<AtomicU32>) {
        let (calls, stopped) = (Arc::new(AtomicU32::new(0)), Arc::new(AtomicU32::new(0)));
        let (counted, heard) = (Arc::clone(&calls), Arc::clone(&stopped));
        self.script(node, move |ctx, _| {
            let (call, heard) = (counted.fetch_add(1, Ordering::SeqCst), Arc::clone(&heard));
            async move {
                if call == 0 {
                    ctx.cancelled().cancelled().await;
                    heard.fetch_add(1, Ordering::SeqCst);
                    return Err(Error::Cancelled);
                }
                Ok(Outcome::done(json!(call)))
            }
        });
        (calls, stopped)
    }

    /// A run of the given nodes, each with what it needs.
    pub async fn start(&self, nodes: &[(&str, &[&str])]) -> RunId {
        self.start_with(nodes, json!({})).await
    }

    pub async fn start_with(&self, nodes: &[(&str, &[&str])], with: Value) -> RunId {
        let node = |(id, needs): &(&str, &[&str])| Node {
            id: (*id).to_owned(),
            uses: Args::USES.to_owned(),
            stage: Stage::Extract,
            with: with.as_object().cloned().unwrap(),
            needs: needs.iter().map(|need| (*need).to_owned()).collect(),
            for_each: Vec::new(),
            when: Vec::new(),
            optional: false,
            group: None,
        };
        let pipeline = Arc::new(Snapshot {
            name: "scripted".to_owned(),
            title: "Scripted".to_owned(),
            subject: "test".to_owned(),
            subject_key: "x".to_owned(),
            hash: format!("{with}{nodes:?}"),
            nodes: nodes.iter().map(node).collect(),
            files: BTreeMap::new(),
            input: json!({}),
            profile: None,
        });
        let new = NewRun {
            pipeline,
            subject_key: "x".to_owned(),
            subject_name: None,
            input: json!({ "n": 7 }),
            options: domain::run::RunOptions::default(),
            budget: None,
            idempotency_key: None,
        };
        self.store.tenant(TenantId::LOCAL).create_run(new, self.clock().now()).await.unwrap().id
    }

    pub fn clock(&self) -> Clock {
        let ahead = Arc::clone(&self.ahead);
        Clock::from_fn(move || Utc::now() + TimeDelta::seconds(ahead.load(Ordering::SeqCst)))
    }

    /// Lets that much time pass for leases and due dates.
    pub fn pass(&self, time: Duration) {
        self.ahead.fetch_add(time.as_secs() as i64, Ordering::SeqCst);
    }

    /// A connection past the store.
    pub async fn database(&self) -> SqliteConnection {
        let path = self.folder.path().join("assay.db");
        SqliteConnection::connect(&format!("sqlite://{}", path.display())).await.unwrap()
    }

    /// Runs statements past the store.
    pub async fn sql(&self, statements: &'static str) {
        let mut database = self.database().await;
        sqlx::raw_sql(statements).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    pub fn bell(&self, broker: &Arc<dyn Broker>) -> Bell {
        Bell::new(self.store.clone(), Arc::clone(broker), self.clock())
    }

    /// Announces what is due, once.
    pub async fn ring(&self, broker: &Arc<dyn Broker>) {
        let due = self.store.unannounced(Scope::All, self.clock().now(), 100).await.unwrap();
        self.bell(broker).ring(&due).await;
    }

    /// A runner by itself, with the scripted worker.
    pub fn runner(&self, broker: &Arc<dyn Broker>, settings: Settings) -> Runner {
        self.runner_of(Registry::new().with(self.scripted.clone()), broker, settings)
    }

    fn runner_of(&self, registry: Registry, broker: &Arc<dyn Broker>, settings: Settings) -> Runner {
        let deps = Deps {
            store: self.store.clone(),
            broker: Arc::clone(broker),
            ephemeral: Arc::new(ephemeral::Memory::new()),
            registry,
            clock: self.clock(),
        };
        Runner::new(deps, Settings { concurrency: HashMap::from([(Stage::Extract, 4)]), ..settings })
    }

    /// Starts a runner and a scheduler, as a process would.
    pub fn work(&mut self, settings: Settings) -> CancellationToken {
        self.work_with(Registry::new().with(self.scripted.clone()), settings)
    }

    /// The same with these workers.
    pub fn work_with(&mut self, registry: Registry, settings: Settings) -> CancellationToken {
        let broker = memory();
        let stop = self.stop.child_token();
        let runner = self.runner_of(registry, &broker, settings).run(stop.clone());
        self.parts.push(tokio::spawn(async move { runner.await.unwrap() }));
        let settings = scheduler::Settings { interval: Duration::from_millis(20), scope: Scope::All };
        let scheduler = Scheduler::new(self.store.clone(), self.bell(&broker), self.clock(), settings);
        self.parts.push(tokio::spawn(scheduler.run(stop.clone())));
        stop
    }

    pub async fn stop(&mut self) {
        self.stop.cancel();
        for part in self.parts.drain(..) {
            part.await.unwrap();
        }
    }

    pub async fn run(&self, run: RunId) -> Run {
        self.store.tenant(TenantId::LOCAL).run(run).await.unwrap()
    }

    pub async fn job(&self, run: RunId, node: &str) -> Job {
        let jobs = self.store.tenant(TenantId::LOCAL).jobs(run).await.unwrap();
        jobs.into_iter().find(|job| job.node == node).unwrap()
    }

    /// Waits until `holds`, for at most twenty seconds.
    pub async fn until<F: Future<Output = bool>>(&self, what: &str, holds: impl Fn() -> F) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while !holds().await {
            assert!(tokio::time::Instant::now() < deadline, "waited in vain until {what}");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }

    pub async fn until_run(&self, run: RunId, state: RunState) {
        self.until(state.as_str(), || async { self.run(run).await.state == state }).await;
    }

    pub async fn until_job(&self, run: RunId, node: &str, state: JobState) {
        self.until(state.as_str(), || async { self.job(run, node).await.state == state }).await;
    }
}
