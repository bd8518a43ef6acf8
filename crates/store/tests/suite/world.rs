//! A store of its own for one test, on either database, and short ways to do what a runner does.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};
use domain::{
    BlobId, Document, DocumentId, Event, Fence, Job, JobId, JobState, MicroUsd, Problem, Run, RunId,
    RunState, Stage, TenantId, WorkerId,
};
use pipelines::{Node, Snapshot};
use serde_json::{Map, Value, json};
use store::{Committed, Doorbell, Effects, Ending, Error, Finish, NewRun, Scope, Settings, Store, Tenant};
use tempfile::TempDir;

pub(crate) const LEASE: Duration = Duration::from_secs(30);

/// `seconds` after a fixed noon.
pub(crate) fn at(seconds: i64) -> DateTime<Utc> {
    let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
    noon + TimeDelta::seconds(seconds)
}

/// A database and a folder, both gone with the value.
pub(crate) struct World {
    pub(crate) settings: Settings,
    pub(crate) store: Store,
    /// Kept until the end of the test.
    #[expect(dead_code, reason = "it is there to be dropped")]
    folder: Option<TempDir>,
    /// Of Postgres: where databases are made, and the name of this one.
    made: Option<(String, String)>,
}

impl World {
    /// A store at `place`, brought up to date.
    pub(crate) async fn at(mut place: Place) -> Self {
        let settings = place.settings();
        Store::migrate(&settings).await.unwrap();
        let store = Store::open(&settings).await.unwrap();
        Self { settings, store, folder: place.folder.take(), made: place.made.take() }
    }

    pub(crate) fn tenant(&self) -> Tenant {
        self.store.tenant(TenantId::LOCAL)
    }

    /// A run of these nodes on a subject of its own.
    pub(crate) async fn run(&self, nodes: &[Node]) -> Run {
        self.run_with(new_run(nodes)).await
    }

    pub(crate) async fn run_with(&self, new: NewRun) -> Run {
        self.tenant().create_run(new, at(0)).await.unwrap()
    }

    /// Claims everything of the run that is ready and due.
    pub(crate) async fn claim(&self, run: &Run, now: DateTime<Utc>) -> Vec<Job> {
        let ready = self.store.unannounced(Scope::Run(run.id), now, 10_000).await.unwrap();
        self.take(&ready, now).await
    }

    /// Claims the first `limit` of what is ready.
    pub(crate) async fn claim_some(&self, run: &Run, limit: u64) -> Vec<Job> {
        let ready = self.store.unannounced(Scope::Run(run.id), at(0), limit).await.unwrap();
        self.take(&ready, at(0)).await
    }

    async fn take(&self, ready: &[Doorbell], now: DateTime<Utc>) -> Vec<Job> {
        let mut jobs = self.store.claim(ready, WorkerId::new(), LEASE, now).await.unwrap();
        jobs.sort_by_key(|job| job.id);
        jobs
    }

    /// Claims the one job that is ready.
    pub(crate) async fn claim_one(&self, run: &Run, now: DateTime<Utc>) -> Job {
        let mut jobs = self.claim(run, now).await;
        assert_eq!(jobs.len(), 1, "one job should be ready, not {jobs:?}");
        jobs.pop().unwrap()
    }

    pub(crate) async fn finish(&self, job: &Job, ending: Ending) -> Result<Committed, Error> {
        self.finish_with(job, ending, Effects::default(), at(0)).await
    }

    pub(crate) async fn finish_with(
        &self,
        job: &Job,
        ending: Ending,
        effects: Effects,
        now: DateTime<Utc>,
    ) -> Result<Committed, Error> {
        let finish = Finish { fence: job.fence(), ending, effects };
        self.store.finish(&[finish], now).await.unwrap().pop().unwrap()
    }

    pub(crate) async fn done(&self, job: &Job) -> Committed {
        self.finish(job, done()).await.unwrap()
    }

    /// Runs the whole graph: every job is done, without effects.
    pub(crate) async fn play(&self, run: &Run) -> Vec<String> {
        let mut order = Vec::new();
        loop {
            let jobs = self.claim(run, at(0)).await;
            if jobs.is_empty() {
                return order;
            }
            for job in jobs {
                order.push(job.node.clone());
                self.done(&job).await;
            }
        }
    }

    pub(crate) async fn state(&self, run: &Run) -> RunState {
        self.tenant().run(run.id).await.unwrap().state
    }

    /// The states of every node's jobs, in the order the jobs were made.
    pub(crate) async fn jobs(&self, run: &Run) -> BTreeMap<String, Vec<JobState>> {
        let mut states: BTreeMap<String, Vec<JobState>> = BTreeMap::new();
        for job in self.tenant().jobs(run.id).await.unwrap() {
            states.entry(job.node).or_default().push(job.state);
        }
        states
    }

    pub(crate) async fn job(&self, run: &Run, node: &str) -> Job {
        let jobs = self.tenant().jobs(run.id).await.unwrap();
        jobs.into_iter().find(|job| job.node == node).unwrap()
    }

    pub(crate) async fn node_state(&self, run: &Run, node: &str) -> JobState {
        let nodes = self.tenant().nodes(run.id).await.unwrap();
        nodes.into_iter().find(|place| place.node == node).unwrap().state
    }

    pub(crate) async fn events(&self, run: RunId) -> Vec<Event> {
        self.tenant().events(run, 0, 100_000).await.unwrap()
    }

    /// The kinds of a run's events in order.
    pub(crate) async fn log(&self, run: &Run) -> Vec<String> {
        self.events(run.id).await.into_iter().map(|event| event.kind).collect()
    }

    /// What must hold for a run at every commit.
    pub(crate) async fn check(&self, run: RunId) {
        let progress = self.tenant().progress(run).await.unwrap();
        for node in &progress.nodes {
            let jobs = node.jobs;
            let ended = jobs.done + jobs.failed + jobs.cancelled + jobs.skipped;
            assert_eq!(jobs.discovered, ended + jobs.unfinished(), "{node:?}");
        }
        let run = self.tenant().run(run).await.unwrap();
        if let Some(cap) = run.budget {
            assert!(run.settled + run.reserved <= cap, "{run:?}");
        }
        assert!(run.reserved >= MicroUsd::ZERO, "{run:?}");
        let events = self.events(run.id).await;
        let numbers: Vec<i64> = events.iter().map(|event| event.seq).collect();
        assert_eq!(numbers, (1..=i64::try_from(events.len()).unwrap()).collect::<Vec<_>>());
        let ends = events.iter().filter(|event| ["run.done", "run.failed"].contains(&event.kind.as_str()));
        assert!(ends.count() <= 1 + usize::from(events.iter().any(|event| event.data["retry"] == true)));
    }
}

impl Drop for World {
    fn drop(&mut self) {
        if let Some(made) = self.made.take() {
            drop_database(made);
        }
    }
}

/// Where a store may be made; the tests of each database say how they come by one.
pub(crate) struct Place {
    pub(crate) url: String,
    pub(crate) folder: Option<TempDir>,
    /// Of Postgres: where databases are made, and the name of this one.
    pub(crate) made: Option<(String, String)>,
}

impl Place {
    pub(crate) fn path(&self) -> &Path {
        self.folder.as_ref().unwrap().path()
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings { url: self.url.clone(), blobs: self.path().join("blobs"), max_connections: 10 }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        if let Some(made) = self.made.take() {
            drop_database(made);
        }
    }
}

/// Also after a panic, and from inside of a runtime: on a thread of its own.
fn drop_database((server, name): (String, String)) {
    let drop = move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime
            .block_on(on_server(&server, &format!("drop database if exists {name} with (force)")))
            .unwrap();
    };
    std::thread::spawn(drop).join().unwrap();
}

pub(crate) async fn on_server(server: &str, sql: &str) -> Result<(), sqlx::Error> {
    use sqlx::Connection;
    let mut connection = sqlx::PgConnection::connect(server).await?;
    sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await?;
    connection.close().await
}

/// Runs one statement on the test's database, past the store.
pub(crate) async fn behind_its_back(settings: &Settings, sql: &str) {
    use sqlx::Connection;
    if let Some(path) = settings.url.strip_prefix("sqlite://") {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(sqlx::AssertSqlSafe(sql)).execute(&mut connection).await.unwrap();
        connection.close().await.unwrap();
    } else {
        on_server(&settings.url, sql).await.unwrap();
    }
}

/// Reads one number from the test's database, past the store.
pub(crate) async fn number(settings: &Settings, sql: &str) -> i64 {
    use sqlx::{Connection, Row};
    let sql = sqlx::AssertSqlSafe(sql);
    if let Some(path) = settings.url.strip_prefix("sqlite://") {
        let options = sqlx::sqlite::SqliteConnectOptions::new().filename(path);
        let mut connection = sqlx::SqliteConnection::connect_with(&options).await.unwrap();
        sqlx::raw_sql(sql).fetch_one(&mut connection).await.unwrap().get(0)
    } else {
        let mut connection = sqlx::PgConnection::connect(&settings.url).await.unwrap();
        sqlx::raw_sql(sql).fetch_one(&mut connection).await.unwrap().get(0)
    }
}

/// Reads one of the numbers that a server counts. It knows them for certain once whoever worked on the database has
/// closed its connections.
pub(crate) async fn statistic(settings: &Settings, sql: &str) -> i64 {
    let others = "select count(*) from pg_stat_activity
        where datname = current_database() and pid <> pg_backend_pid() and backend_type = 'client backend'";
    let deadline = std::time::Instant::now() + Duration::from_secs(30);
    while number(settings, others).await > 0 {
        assert!(std::time::Instant::now() < deadline, "connections to the database are still open");
    }
    number(settings, sql).await
}

/// From now on, whoever names `column` in an update of `table` fails, whether its value would change or not.
pub(crate) async fn refuse_updates(settings: &Settings, table: &str, column: &str) {
    let refused = format!("{table}_{column}_refused");
    let sql = if settings.url.starts_with("sqlite://") {
        format!(
            "create trigger {refused} before update of {column} on {table}
             begin select raise(abort, 'refused'); end"
        )
    } else {
        format!(
            "create function {refused}() returns trigger language plpgsql
             as 'begin raise exception ''refused''; end';
             create trigger {refused} before update of {column} on {table}
             for each row execute function {refused}()"
        )
    };
    behind_its_back(settings, &sql).await;
}

pub(crate) fn node(id: &str) -> Node {
    Node {
        id: id.to_owned(),
        uses: "extract.content".to_owned(),
        stage: Stage::Extract,
        with: Map::new(),
        needs: Vec::new(),
        for_each: Vec::new(),
        when: Vec::new(),
        optional: false,
        group: None,
    }
}

/// Short ways to say what a manifest says.
pub(crate) trait Says {
    fn needs(self, ids: &[&str]) -> Self;
    fn for_each(self, ids: &[&str]) -> Self;
    fn when(self, conditions: &[&str]) -> Self;
    fn optional(self) -> Self;
    fn group(self, label: &str) -> Self;
}

impl Says for Node {
    fn needs(self, ids: &[&str]) -> Self {
        Self { needs: ids.iter().map(|id| (*id).to_owned()).collect(), ..self }
    }
    fn for_each(self, ids: &[&str]) -> Self {
        Self { for_each: ids.iter().map(|id| (*id).to_owned()).collect(), ..self }
    }
    fn when(self, conditions: &[&str]) -> Self {
        Self { when: conditions.iter().map(|one| (*one).to_owned()).collect(), ..self }
    }
    fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
    fn group(self, label: &str) -> Self {
        Self { group: Some(label.to_owned()), ..self }
    }
}

pub(crate) fn pipeline(nodes: &[Node]) -> Arc<Snapshot> {
    Arc::new(Snapshot {
        name: "test".to_owned(),
        title: "Test".to_owned(),
        subject: "company".to_owned(),
        subject_key: "{{ input.key }}".to_owned(),
        hash: uuid::Uuid::now_v7().simple().to_string(),
        nodes: nodes.to_vec(),
        files: BTreeMap::new(),
        input: json!({"type": "object"}),
        profile: None,
    })
}

pub(crate) fn new_run(nodes: &[Node]) -> NewRun {
    NewRun {
        pipeline: pipeline(nodes),
        subject_key: uuid::Uuid::now_v7().to_string(),
        subject_name: None,
        input: json!({}),
        options: domain::run::RunOptions::default(),
        budget: None,
        idempotency_key: None,
    }
}

pub(crate) fn done() -> Ending {
    Ending::Done { output: Value::Null }
}

pub(crate) fn problem(code: &str) -> Problem {
    Problem::new(code, format!("it is {code}"))
}

pub(crate) fn failed() -> Ending {
    Ending::Failed { problem: problem("broken") }
}

pub(crate) fn document(job: &Job, name: &str) -> Document {
    Document {
        id: DocumentId::new(),
        tenant: job.tenant,
        subject: job.subject,
        run: job.run,
        job: job.id,
        node: job.node.clone(),
        url: Some(format!("https://acme.example/{name}")),
        kind: "about".to_owned(),
        content_type: "text/html".to_owned(),
        size_bytes: 1234,
        raw: BlobId("0".repeat(64)),
        attributes: json!({"status": 200}),
        fetched_at: at(0),
    }
}

/// Effects that are these documents.
pub(crate) fn documents(job: &Job, names: &[&str]) -> Effects {
    Effects { documents: names.iter().map(|name| document(job, name)).collect(), ..Effects::default() }
}

pub(crate) fn stale(fence: Fence) -> Fence {
    Fence { attempt: fence.attempt - 1, ..fence }
}

pub(crate) fn bells(jobs: &[Doorbell]) -> Vec<JobId> {
    jobs.iter().map(|bell| bell.job).collect()
}
