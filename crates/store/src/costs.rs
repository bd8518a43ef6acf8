//! What the hot queries cost on SQLite, in instructions of its virtual machine: the same however much waits.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::run::RunOptions;
use domain::{JobId, JobState, RunId, Stage, TenantId};
use pipelines::{Node, Snapshot};
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, IntoActiveModel,
    QuerySelect, QueryTrait, Select, SqlxSqliteConnector, Statement,
};
use serde_json::{Map, json};
use sqlx::sqlite::{SqliteConnectOptions, SqlitePoolOptions};
use tempfile::TempDir;

use crate::convert::{CHUNK, Word, later, now};
use crate::entity::jobs;
use crate::{NewRun, Scope, Settings, Store, claim, reap, scope};

/// A store, and a connection that counts.
struct Meter {
    store: Store,
    db: DatabaseConnection,
    steps: Arc<AtomicUsize>,
    #[expect(dead_code, reason = "it is there to be dropped")]
    folder: TempDir,
}

impl Meter {
    async fn new() -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("assay.db");
        let url = format!("sqlite://{}", file.display());
        let settings = Settings { url, blobs: folder.path().join("blobs"), max_connections: 1 };
        Store::migrate(&settings).await.unwrap();
        let store = Store::open(&settings).await.unwrap();
        let steps = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&steps);
        let counting = SqlitePoolOptions::new().max_connections(1).after_connect(move |connection, _| {
            let counted = Arc::clone(&counted);
            Box::pin(async move {
                connection.lock_handle().await?.set_progress_handler(1, move || {
                    counted.fetch_add(1, Ordering::Relaxed);
                    true
                });
                Ok(())
            })
        });
        let pool = counting.connect_with(SqliteConnectOptions::new().filename(file)).await.unwrap();
        Self { store, db: SqlxSqliteConnector::from_sqlx_sqlite_pool(pool), steps, folder }
    }

    /// How many instructions it takes to answer, and how many rows come.
    async fn cost(&self, query: &Select<jobs::Entity>) -> (usize, usize) {
        // The first look at a table reads the schema, too.
        self.db.query_all(query.as_query()).await.unwrap();
        self.steps.store(0, Ordering::Relaxed);
        let rows = self.db.query_all(query.as_query()).await.unwrap();
        (self.steps.load(Ordering::Relaxed), rows.len())
    }

    async fn plan(&self, query: &Select<jobs::Entity>) -> String {
        let explain = format!("explain query plan {}", query.build(DbBackend::Sqlite));
        let explain = Statement::from_string(DbBackend::Sqlite, explain);
        let rows = self.db.query_all_raw(explain).await.unwrap();
        rows.iter().map(|row| row.try_get::<String>("", "detail").unwrap()).collect::<Vec<_>>().join("\n")
    }
}

fn node(id: &str, for_each: &[&str]) -> Node {
    Node {
        id: id.to_owned(),
        uses: "extract.content".to_owned(),
        stage: Stage::Extract,
        with: Map::new(),
        needs: Vec::new(),
        for_each: for_each.iter().map(|id| (*id).to_owned()).collect(),
        when: Vec::new(),
        optional: false,
        group: None,
    }
}

fn pipeline() -> Arc<Snapshot> {
    Arc::new(Snapshot {
        name: "test".to_owned(),
        title: "Test".to_owned(),
        subject: "company".to_owned(),
        subject_key: "key".to_owned(),
        hash: "0".repeat(64),
        nodes: vec![node("site", &[]), node("page", &["site"])],
        files: BTreeMap::new(),
        input: json!({}),
        profile: None,
    })
}

/// A run whose one job is ready.
async fn run(store: &Store, now: DateTime<Utc>) -> RunId {
    let new = NewRun {
        pipeline: pipeline(),
        subject_key: "key".to_owned(),
        subject_name: None,
        input: json!({}),
        options: RunOptions::default(),
        budget: None,
        idempotency_key: None,
    };
    store.tenant(TenantId::LOCAL).create_run(new, now).await.unwrap().id
}

/// Adds a thousand jobs to a run, made from its first.
async fn thousand(store: &Store, run: RunId, change: impl Fn(jobs::ActiveModel) -> jobs::ActiveModel) {
    let first = store.tenant(TenantId::LOCAL).jobs(run).await.unwrap()[0].id;
    let first = jobs::Entity::find_by_id(first.uuid()).one(store.reader()).await.unwrap().unwrap();
    let copy = || {
        let page = first.clone().into_active_model().reset_all();
        change(jobs::ActiveModel { id: Set(JobId::new().uuid()), node: Set("page".to_owned()), ..page })
    };
    let rows: Vec<_> = (0..1000).map(|_| copy()).collect();
    for chunk in rows.chunks(CHUNK) {
        let insert = jobs::Entity::insert_many(chunk.to_vec());
        insert.exec_without_returning(&store.connections().writer).await.unwrap();
    }
}

#[tokio::test]
async fn the_hot_path_is_served_by_partial_indexes() {
    let meter = Meter::new().await;
    for (query, index) in [
        (claim::due(Scope::All, now(), 10), "jobs_ring"),
        (claim::due(Scope::Run(RunId::new()), now(), 10), "jobs_ready"),
        (reap::lost(Scope::All, now()).limit(10), "jobs_lease"),
        (scope::outputs(RunId::new().uuid(), &pipeline()), "jobs_node"),
    ] {
        let plan = meter.plan(&query).await;
        assert!(plan.contains(&format!("USING INDEX {index}")), "{plan}");
        assert!(!plan.contains("SCAN") && !plan.contains("TEMP B-TREE"), "{plan}");
    }
}

#[tokio::test]
async fn what_is_not_to_be_announced_now_costs_an_announcement_nothing() {
    let meter = Meter::new().await;
    let (store, now, minute) = (&meter.store, now(), Duration::from_secs(60));
    let of = run(store, now).await;
    let announcements = [claim::due(Scope::All, now, 500), claim::due(Scope::Run(of), now, 500)];
    let costs = async || [meter.cost(&announcements[0]).await, meter.cost(&announcements[1]).await];
    let paused = run(store, now - minute).await;
    let (later, running) = (Set(Some(later(now, minute))), Set(JobState::Running.word().to_owned()));
    let mut seen = Vec::new();
    for _ in 0..2 {
        thousand(store, paused, |job| job).await;
        store.tenant(TenantId::LOCAL).pause(paused, now).await.unwrap();
        thousand(store, of, |job| jobs::ActiveModel { ring_at: later.clone(), ..job }).await;
        thousand(store, of, |job| jobs::ActiveModel { state: running.clone(), ..job }).await;
        seen.push(costs().await);
    }
    assert_eq!(seen[0], seen[1]);
    assert_eq!(seen[0].map(|(_, rows)| rows), [1, 1]);
}

#[tokio::test]
async fn a_scope_costs_the_same_with_any_number_of_pages() {
    let meter = Meter::new().await;
    let of = run(&meter.store, now()).await;
    let outputs = scope::outputs(of.uuid(), &pipeline());
    let before = meter.cost(&outputs).await;
    let (state, output) = (Set(JobState::Done.word().to_owned()), Set(Some("1".to_owned())));
    let done = |job| jobs::ActiveModel { state: state.clone(), output: output.clone(), ..job };
    thousand(&meter.store, of, done).await;
    assert_eq!(meter.cost(&outputs).await, before);
}
