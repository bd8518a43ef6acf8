//! A scheduler on a store of its own, a broker that does what the test says, and a clock that can leap.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, AtomicUsize, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use chrono::{TimeDelta, Utc};
use domain::{Job, RunId, Stage, TenantId, WorkerId};
use pipelines::{Node, Snapshot};
use queue::{Broker, Consumer, Doorbell};
use scheduler::{Scheduler, Settings};
use serde_json::json;
use sqlx::Connection;
use store::{NewRun, Scope, Store};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use worker::{Bell, Clock};

pub(crate) const LEASE: Duration = Duration::from_secs(15);

/// In memory, unless it is told to refuse or to hang.
#[derive(Debug, Default)]
pub(crate) struct Moody {
    memory: queue::Memory,
    pub(crate) asked: AtomicUsize,
    pub(crate) refuses: AtomicBool,
    pub(crate) hangs: AtomicBool,
}

#[async_trait]
impl Broker for Moody {
    async fn publish(&self, stage: Stage, doorbells: &[Doorbell]) -> Result<(), queue::Error> {
        self.asked.fetch_add(1, Ordering::SeqCst);
        if self.hangs.load(Ordering::SeqCst) {
            std::future::pending::<()>().await;
        }
        if self.refuses.load(Ordering::SeqCst) {
            return Err(queue::Error::Unavailable("not today".into()));
        }
        self.memory.publish(stage, doorbells).await
    }

    async fn consume(&self, stage: Stage, prefetch: u16) -> Result<Box<dyn Consumer>, queue::Error> {
        self.memory.consume(stage, prefetch).await
    }

    async fn depth(&self, stage: Stage) -> Result<u64, queue::Error> {
        self.memory.depth(stage).await
    }
}

pub(crate) struct House {
    pub(crate) store: Store,
    pub(crate) broker: Arc<Moody>,
    ahead: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

impl House {
    pub(crate) async fn open() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("assay.db").display());
        let settings = store::Settings { url, blobs: folder.path().join("blobs"), max_connections: 4 };
        Store::migrate(&settings).await.unwrap();
        let store = Store::open(&settings).await.unwrap();
        Self { store, broker: Arc::default(), ahead: Arc::default(), folder }
    }

    /// Runs statements past the store.
    pub(crate) async fn sql(&self, statements: &'static str) {
        let url = format!("sqlite://{}", self.folder.path().join("assay.db").display());
        let mut database = sqlx::SqliteConnection::connect(&url).await.unwrap();
        sqlx::raw_sql(statements).execute(&mut database).await.unwrap();
        database.close().await.unwrap();
    }

    pub(crate) fn clock(&self) -> Clock {
        let ahead = Arc::clone(&self.ahead);
        Clock::from_fn(move || Utc::now() + TimeDelta::seconds(ahead.load(Ordering::SeqCst)))
    }

    /// As if the machine had slept.
    pub(crate) fn leap(&self, time: Duration) {
        self.ahead.fetch_add(time.as_secs() as i64, Ordering::SeqCst);
    }

    /// A run of that many jobs, all of them due.
    pub(crate) async fn start(&self, name: &str, jobs: usize) -> RunId {
        let node = |number| Node {
            id: format!("{name}{number}"),
            uses: "extract.nothing".to_owned(),
            stage: Stage::Extract,
            with: serde_json::Map::new(),
            needs: Vec::new(),
            for_each: Vec::new(),
            when: Vec::new(),
            optional: false,
            group: None,
        };
        let pipeline = Arc::new(Snapshot {
            name: name.to_owned(),
            title: name.to_owned(),
            subject: "test".to_owned(),
            subject_key: name.to_owned(),
            hash: format!("{name}{jobs}"),
            nodes: (0..jobs).map(node).collect(),
            files: BTreeMap::new(),
            input: json!({}),
            profile: None,
        });
        let new = NewRun {
            pipeline,
            subject_key: name.to_owned(),
            subject_name: None,
            input: json!({}),
            options: domain::run::RunOptions::default(),
            budget: None,
            idempotency_key: None,
        };
        self.store.tenant(TenantId::LOCAL).create_run(new, self.clock().now()).await.unwrap().id
    }

    /// Claims what is due of the run, for a worker that will not be heard of by itself.
    pub(crate) async fn claim(&self, run: RunId) -> Vec<Job> {
        let now = self.clock().now();
        let due = self.store.unannounced(Scope::Run(run), now, 100).await.unwrap();
        self.store.claim(&due, WorkerId::new(), LEASE, now).await.unwrap()
    }

    pub(crate) async fn jobs(&self, run: RunId) -> Vec<Job> {
        self.store.tenant(TenantId::LOCAL).jobs(run).await.unwrap()
    }

    /// How many announcements wait.
    pub(crate) async fn announced(&self) -> u64 {
        self.broker.depth(Stage::Extract).await.unwrap()
    }

    pub(crate) fn asked(&self) -> usize {
        self.broker.asked.load(Ordering::SeqCst)
    }

    /// Starts the scheduler, which ticks at this interval.
    pub(crate) fn schedule(&self, interval: Duration) -> (JoinHandle<()>, CancellationToken) {
        let broker: Arc<dyn Broker> = self.broker.clone();
        let bell = Bell::new(self.store.clone(), broker, self.clock());
        let settings = Settings { interval, scope: Scope::All };
        let scheduler = Scheduler::new(self.store.clone(), bell, self.clock(), settings);
        let stop = CancellationToken::new();
        (tokio::spawn(scheduler.run(stop.clone())), stop)
    }

    /// Waits until `holds`, for at most twenty seconds.
    pub(crate) async fn until<F: Future<Output = bool>>(&self, what: &str, holds: impl Fn() -> F) {
        let deadline = tokio::time::Instant::now() + Duration::from_secs(20);
        while !holds().await {
            assert!(tokio::time::Instant::now() < deadline, "waited in vain until {what}");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}
