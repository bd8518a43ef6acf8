//! A store, a queue and a runner around the workers, and a seed that stands for the crawl.

use std::collections::{BTreeMap, HashMap};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::Utc;
use domain::run::RunOptions;
use domain::{Document, DocumentId, JobState, Run, RunId, Stage, TenantId};
use pipelines::uses::Arguments;
use pipelines::{Node, Snapshot};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use store::{Effects, NewRun, Scope, Store, Tenant};
use tempfile::TempDir;
use tokio_util::sync::{CancellationToken, DropGuard};
use worker::{Bell, Clock, Context, Deps, Error, Outcome, Registry, Runner, Settings, Worker};

/// Nothing here takes longer unless it hangs.
const DEADLINE: Duration = Duration::from_secs(60);

/// The pages that the seed brings: path and bytes, which are repeated so many times.
#[derive(Debug, Serialize, Deserialize, JsonSchema)]
struct Pages {
    pages: Vec<(String, String)>,
    times: usize,
}

impl Arguments for Pages {
    const USES: &'static str = "crawl.seed";
}

#[derive(Debug)]
struct Seed;

#[async_trait]
impl Worker for Seed {
    type Args = Pages;
    type Output = Value;

    async fn run(&self, ctx: &Context, args: Pages) -> Result<Outcome<Value>, Error> {
        let mut documents = Vec::new();
        for (path, body) in args.pages {
            let (job, body) = (ctx.job(), body.repeat(args.times));
            documents.push(Document {
                id: DocumentId::new(),
                tenant: job.tenant,
                subject: job.subject,
                run: job.run,
                job: job.id,
                node: job.node.clone(),
                url: Some(format!("https://acme.example{path}")),
                kind: "other".to_owned(),
                content_type: "text/html".to_owned(),
                size_bytes: body.len() as u64,
                raw: ctx.store().blobs().put(body.into_bytes().into()).await?,
                attributes: json!({}),
                fetched_at: Utc::now(),
            });
        }
        Ok(Outcome::with(json!({}), Effects { documents, ..Effects::default() }))
    }
}

pub(crate) struct Rig {
    pub(crate) store: Store,
    _folder: TempDir,
    _stop: DropGuard,
}

impl Rig {
    /// A process that serves the stages until it is dropped.
    pub(crate) async fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("assay.db").display());
        let settings = store::Settings { url, blobs: folder.path().join("blobs"), max_connections: 4 };
        Store::migrate(&settings).await.unwrap();
        let store = Store::open(&settings).await.unwrap();
        let broker = Arc::new(queue::Memory::new());
        let bell = Bell::new(store.clone(), broker.clone(), Clock::system());
        let deps = Deps {
            store: store.clone(),
            broker,
            ephemeral: Arc::new(ephemeral::Memory::new()),
            registry: extract::workers().and(Registry::new().with(Seed)),
            clock: Clock::system(),
        };
        let concurrency = HashMap::from([(Stage::Crawl, 1), (Stage::Extract, 2)]);
        // Whoever does not stop when told to is waited for.
        let runner = Runner::new(deps, Settings { concurrency, grace: DEADLINE, ..Settings::default() });
        let stop = CancellationToken::new();
        tokio::spawn(runner.run(stop.clone()));
        // What the scheduler does for jobs that become due.
        tokio::spawn(stop.clone().run_until_cancelled_owned({
            let store = store.clone();
            async move {
                let mut beat = tokio::time::interval(Duration::from_millis(5));
                loop {
                    beat.tick().await;
                    let due = store.unannounced(Scope::All, Utc::now(), 100).await.unwrap();
                    bell.ring(&due).await;
                }
            }
        }));
        Self { store, _folder: folder, _stop: stop.drop_guard() }
    }

    pub(crate) fn tenant(&self) -> Tenant {
        self.store.tenant(TenantId::LOCAL)
    }

    /// Runs the pages through both workers, to the end.
    pub(crate) async fn run(&self, pages: &[(&str, &str)]) -> Run {
        let run = self.start(pages, 1).await;
        self.until(|| async { self.tenant().run(run).await.unwrap().state.is_terminal() }).await;
        self.tenant().run(run).await.unwrap()
    }

    pub(crate) async fn start(&self, pages: &[(&str, &str)], times: usize) -> RunId {
        let new = NewRun {
            pipeline: Arc::new(snapshot(pages, times)),
            subject_key: "acme.example".to_owned(),
            subject_name: Some("Acme Pumps".to_owned()),
            input: json!({}),
            options: RunOptions::default(),
            budget: None,
            idempotency_key: None,
        };
        self.tenant().create_run(new, Utc::now()).await.unwrap().id
    }

    /// Whether a job of the run is at work.
    pub(crate) async fn works(&self, run: RunId, uses: &str) -> bool {
        let jobs = self.tenant().jobs(run).await.unwrap();
        jobs.iter().any(|job| job.uses == uses && job.state == JobState::Running)
    }

    pub(crate) async fn until<F: Future<Output = bool>>(&self, holds: impl Fn() -> F) {
        let waited = tokio::time::timeout(DEADLINE, async {
            let mut beat = tokio::time::interval(Duration::from_millis(10));
            while !holds().await {
                beat.tick().await;
            }
        });
        waited.await.expect("it comes so far");
    }
}

/// The first jobs of the company pipeline behind the seed, with the company's own tables.
fn snapshot(pages: &[(&str, &str)], times: usize) -> Snapshot {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../crates/pipelines/builtin/company");
    let file = |name: &str| (name.to_owned(), std::fs::read_to_string(folder.join(name)).unwrap());
    let seed = node("site", Pages::USES, Stage::Crawl, json!({ "pages": pages, "times": times }));
    let page = node("page", "extract.content", Stage::Extract, json!({ "kinds": "kinds.toml" }));
    let with = json!({ "rules": "entities.toml", "technologies": "technologies.toml" });
    let entities = node("entities", "extract.entities", Stage::Extract, with);
    Snapshot {
        name: "test".to_owned(),
        title: "Test".to_owned(),
        subject: "company".to_owned(),
        subject_key: "acme".to_owned(),
        hash: format!("{pages:?}"),
        nodes: vec![
            seed,
            Node { for_each: vec!["site".to_owned()], optional: true, ..page },
            Node { needs: vec!["page".to_owned()], ..entities },
        ],
        files: BTreeMap::from(["kinds.toml", "entities.toml", "technologies.toml"].map(file)),
        input: json!({}),
        profile: None,
    }
}

fn node(id: &str, uses: &str, stage: Stage, with: Value) -> Node {
    Node {
        id: id.to_owned(),
        uses: uses.to_owned(),
        stage,
        with: with.as_object().cloned().unwrap(),
        needs: Vec::new(),
        for_each: Vec::new(),
        when: Vec::new(),
        optional: false,
        group: None,
    }
}
