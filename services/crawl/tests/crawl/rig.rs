//! The engine around the workers: a store, a queue, gates and a runner, as one process has them.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use crawl::{Deps, Settings};
use domain::{Candidate, Document, Event, Job, Run, RunId, RunState, Stage, TenantId};
use ephemeral::Ephemeral;
use net::{Client, Pace, Polite, Resolve};
use pipelines::{Node, Snapshot};
use serde_json::{Map, Value, json};
use store::{NewRun, Scope, Store};
use tempfile::TempDir;
use tokio::runtime::Runtime;
use worker::{Bell, Clock, Runner};

use crate::web::Web;

const KINDS: &str = include_str!("../../../../crates/pipelines/builtin/company/kinds.toml");
/// Nothing here takes longer unless it hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// A place to run crawls in. Processes come and go; the store and the clock stay.
pub(crate) struct Rig {
    folder: TempDir,
    pub(crate) store: Store,
    web: Web,
    pub(crate) settings: Settings,
    pub(crate) net: net::Settings,
    /// Milliseconds by which the clock is ahead.
    ahead: Arc<AtomicI64>,
    /// Shared by processes, as Redis would be. None: each process has its own, which dies with it.
    pub(crate) shared_gates: Option<Arc<dyn Ephemeral>>,
    /// Who says where hosts are, of those that `net` does not map.
    pub(crate) names: Option<Arc<dyn net::Lookup>>,
}

/// A process that serves the crawl stage until it is dropped, which kills it.
pub(crate) struct Process {
    runtime: Option<Runtime>,
}

impl Drop for Process {
    fn drop(&mut self) {
        if let Some(runtime) = self.runtime.take() {
            // Dead means dead: nothing it does may happen after this.
            let _ = std::thread::spawn(move || runtime.shutdown_timeout(Duration::from_secs(5))).join();
        }
    }
}

impl Rig {
    pub(crate) async fn new(web: &Web) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let folder = tempfile::tempdir().unwrap();
        let settings = store_settings(&folder);
        Store::migrate(&settings).await.unwrap();
        let mut net = net::Settings { pace: Pace::none(), ..net::Settings::default() };
        net.resolve = vec![Resolve::new("*.example", web.address)];
        net.timeouts.first_byte = Duration::from_secs(2);
        Self {
            store: Store::open(&settings).await.unwrap(),
            folder,
            web: web.clone(),
            settings: Settings { retry: Duration::from_millis(20), ..Settings::default() },
            net,
            ahead: Arc::default(),
            shared_gates: None,
            names: None,
        }
    }

    pub(crate) fn clock(&self) -> Clock {
        let ahead = Arc::clone(&self.ahead);
        Clock::from_fn(move || Utc::now() + TimeDelta::milliseconds(ahead.load(Ordering::SeqCst)))
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.clock().now()
    }

    /// Lets time pass for everyone who asks the clock.
    pub(crate) fn later(&self) -> impl Fn(Duration) + Send + Sync + 'static {
        let ahead = Arc::clone(&self.ahead);
        move |by| {
            ahead.fetch_add(i64::try_from(by.as_millis()).unwrap(), Ordering::SeqCst);
        }
    }

    /// Starts a process: runner, and what the scheduler does for jobs that become due.
    pub(crate) fn process(&self) -> Process {
        let runtime =
            tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
        let (settings, net, clock) = (self.settings.clone(), self.net.clone(), self.clock());
        let store_settings = store_settings(&self.folder);
        let names = self.names.clone();
        let ephemeral = self.shared_gates.clone().unwrap_or_else(|| Arc::new(ephemeral::Memory::new()));
        runtime.spawn(async move {
            let store = Store::open(&store_settings).await.unwrap();
            let client = match names {
                Some(names) => Client::with_lookup(&net, names),
                None => Client::new(&net),
            };
            let client = client.unwrap();
            let polite = Polite::new(client, Arc::clone(&ephemeral), net.pace);
            let registry = crawl::workers(Deps { polite, settings }).unwrap();
            let broker = Arc::new(queue::Memory::new());
            let bell = Bell::new(store.clone(), broker.clone(), clock.clone());
            let deps =
                worker::Deps { store: store.clone(), broker, ephemeral, registry, clock: clock.clone() };
            let settings = worker::Settings {
                concurrency: HashMap::from([(Stage::Crawl, 4)]),
                heartbeat: Duration::from_millis(50),
                ..worker::Settings::default()
            };
            let runner = Runner::new(deps, settings);
            tokio::spawn(runner.run(tokio_util::sync::CancellationToken::new()));
            let mut beat = tokio::time::interval(Duration::from_millis(3));
            loop {
                beat.tick().await;
                let ready = store.unannounced(Scope::All, clock.now(), 100).await.unwrap();
                bell.ring(&ready).await;
            }
        });
        Process { runtime: Some(runtime) }
    }

    /// Creates a run of `crawl.site` with these arguments.
    pub(crate) async fn start(&self, with: Value) -> RunId {
        self.start_nodes(vec![site(with)]).await
    }

    pub(crate) async fn start_nodes(&self, nodes: Vec<Node>) -> RunId {
        let pipeline = Snapshot {
            name: "test".into(),
            title: "Test".into(),
            subject: "company".into(),
            subject_key: "acme".into(),
            hash: format!("{:?}", serde_json::to_string(&nodes).unwrap()),
            nodes,
            files: BTreeMap::from([("kinds.toml".to_owned(), KINDS.to_owned())]),
            input: json!({}),
            profile: None,
        };
        let new = NewRun {
            pipeline: Arc::new(pipeline),
            subject_key: "acme".into(),
            subject_name: None,
            input: json!({}),
            options: domain::run::RunOptions::default(),
            budget: None,
            idempotency_key: None,
        };
        self.tenant().create_run(new, self.now()).await.unwrap().id
    }

    pub(crate) fn tenant(&self) -> store::Tenant {
        self.store.tenant(TenantId::LOCAL)
    }

    /// A whole crawl in one process.
    pub(crate) async fn crawl(&self, with: Value) -> Crawled {
        let run = self.start(with).await;
        let _process = self.process();
        self.ended(run).await
    }

    /// Waits until the run ends.
    pub(crate) async fn ended(&self, run: RunId) -> Crawled {
        self.until(run, |run| run.state.is_terminal()).await;
        self.look(run).await
    }

    /// Waits until the run is as expected.
    pub(crate) async fn until(&self, run: RunId, expected: impl Fn(&Run) -> bool) {
        let waited = tokio::time::timeout(DEADLINE, async {
            let mut beat = tokio::time::interval(Duration::from_millis(5));
            loop {
                beat.tick().await;
                if expected(&self.tenant().run(run).await.unwrap()) {
                    return;
                }
            }
        });
        if waited.await.is_err() {
            panic!("the run did not come so far; asked: {:?}", self.web.asked());
        }
    }

    /// Waits until the server was asked for so much.
    pub(crate) async fn until_asked(&self, expected: impl Fn(&Web) -> bool) {
        let waited = tokio::time::timeout(DEADLINE, async {
            let mut beat = tokio::time::interval(Duration::from_millis(1));
            while !expected(&self.web) {
                beat.tick().await;
            }
        });
        assert!(waited.await.is_ok(), "asked only: {:?}", self.web.asked());
    }

    pub(crate) async fn look(&self, run: RunId) -> Crawled {
        let tenant = self.tenant();
        Crawled {
            run: tenant.run(run).await.unwrap(),
            documents: tenant.documents(run).await.unwrap(),
            rows: tenant.frontier(run).await.unwrap(),
            events: tenant.events(run, 0, 100_000).await.unwrap(),
            jobs: tenant.jobs(run).await.unwrap(),
        }
    }
}

/// The job `site` with these arguments.
pub(crate) fn site(with: Value) -> Node {
    let mut args = json!({ "url": "http://acme.example/", "kinds": "kinds.toml", "languages": ["en"] });
    args.as_object_mut().unwrap().extend(with.as_object().unwrap().clone());
    node("site", "crawl.site", args)
}

pub(crate) fn node(id: &str, uses: &str, with: Value) -> Node {
    let with: Map<String, Value> = with.as_object().unwrap().clone();
    Node {
        id: id.into(),
        uses: uses.into(),
        stage: Stage::Crawl,
        with,
        needs: Vec::new(),
        for_each: Vec::new(),
        when: Vec::new(),
        optional: false,
        group: None,
    }
}

fn store_settings(folder: &TempDir) -> store::Settings {
    store::Settings {
        url: format!("sqlite://{}", folder.path().join("assay.db").display()),
        blobs: folder.path().join("blobs"),
        max_connections: 4,
    }
}

/// What a run left behind.
#[derive(Debug)]
pub(crate) struct Crawled {
    pub(crate) run: Run,
    pub(crate) documents: Vec<Document>,
    pub(crate) rows: Vec<Candidate>,
    pub(crate) events: Vec<Event>,
    pub(crate) jobs: Vec<Job>,
}

impl Crawled {
    /// The addresses of the documents, without `http://` and in order.
    pub(crate) fn kept(&self) -> Vec<&str> {
        let urls = self.documents.iter().filter_map(|document| document.url.as_deref());
        urls.map(|url| url.trim_start_matches("http://")).collect()
    }

    pub(crate) fn is_done(&self) -> bool {
        self.run.state == RunState::Done
    }

    pub(crate) fn row(&self, key: &str) -> &Candidate {
        let found = self.rows.iter().find(|row| row.url_key == key);
        found.unwrap_or_else(|| {
            panic!("no row {key} in {:#?}", self.rows.iter().map(|r| &r.url_key).collect::<Vec<_>>())
        })
    }

    /// `verdict{reason}` of a row.
    pub(crate) fn verdict(&self, key: &str) -> String {
        let row = self.row(key);
        let verdict = row.verdict.map_or("-", |verdict| verdict.as_str());
        match &row.reason {
            Some(reason) => format!("{verdict}{{{reason}}}"),
            None => verdict.to_owned(),
        }
    }

    pub(crate) fn document(&self, url: &str) -> &Document {
        self.documents.iter().find(|document| document.url.as_deref() == Some(url)).unwrap()
    }

    pub(crate) fn output(&self, node: &str) -> &Value {
        let job = self.jobs.iter().find(|job| job.node == node).unwrap();
        job.output.as_ref().unwrap_or_else(|| panic!("no output: {:?}", job.problem))
    }

    pub(crate) fn events(&self, kind: &str) -> Vec<&Event> {
        self.events.iter().filter(|event| event.kind == kind).collect()
    }

    pub(crate) fn problem(&self) -> &str {
        self.run.problem.as_ref().map_or("", |problem| problem.code.as_str())
    }
}
