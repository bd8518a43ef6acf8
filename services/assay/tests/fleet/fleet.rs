//! The processes together, as an operator runs them.

use std::time::{Duration, Instant};

use domain::{RunId, RunState, TenantId};
use pipelines::Library;
use serde_json::{Map, Value, json};
use store::{NewRun, Store};
use testkit::web::{DEMO_URL, SampleWeb};

use crate::ground::{Ground, Process, SOON};
use crate::support::{Machine, rows};

pub(crate) const WORKERS: [&str; 3] = ["assay-crawl", "assay-extract", "assay-analyze"];

/// Two of each and a gateway on one ground, and a machine from which they are looked at.
pub(crate) struct Fleet {
    pub(crate) processes: Vec<(&'static str, Process)>,
    environment: Vec<(String, String)>,
    pub(crate) machine: Machine,
    pub(crate) store: Store,
    pub(crate) runtime: tokio::runtime::Runtime,
    // Last: the processes are gone before their database is.
    pub(crate) ground: Ground,
}

impl Fleet {
    pub(crate) fn start(web: &SampleWeb) -> Self {
        let ground = Ground::new();
        let mut machine = Machine::on(web);
        for (name, value) in ground.environment() {
            machine = machine.with(&name, &value);
        }
        let said = machine.assay(&["migrate"]);
        assert_eq!(said.code, Some(0), "{said:?}");
        let environment = machine.environment();
        let names = WORKERS
            .into_iter()
            .chain(["assay-scheduler"])
            .flat_map(|name| [name, name])
            .chain(["assay-gateway"]);
        let processes: Vec<_> = names.map(|name| (name, Process::start(name, &environment))).collect();
        processes.iter().for_each(|(_, process)| process.until_ready());
        let place = store::Settings {
            url: ground.database_url(),
            blobs: machine.home().join("blobs"),
            max_connections: 2,
        };
        let runtime = tokio::runtime::Runtime::new().unwrap();
        let store = runtime.block_on(Store::open(&place)).unwrap();
        Self { processes, environment, machine, store, runtime, ground }
    }

    /// A run that nobody announces but the scheduler, as if the gateway had died after storing it.
    pub(crate) fn accept(&self) -> RunId {
        let pipeline = Library::load(&[]).get("company").unwrap();
        let given = Map::from_iter([("url".to_owned(), json!(DEMO_URL))]);
        let input = pipelines::input::resolve(&pipeline.input, given).unwrap();
        let subject_key = pipelines::input::subject_key(&pipeline, &input).unwrap();
        let new = NewRun {
            pipeline,
            subject_key,
            subject_name: None,
            input,
            options: Default::default(),
            budget: None,
            idempotency_key: None,
        };
        let tenant = self.store.tenant(TenantId::LOCAL);
        self.runtime.block_on(tenant.create_run(new, chrono::Utc::now())).unwrap().id
    }

    pub(crate) fn state(&self, run: RunId) -> RunState {
        self.runtime.block_on(self.store.tenant(TenantId::LOCAL).run(run)).unwrap().state
    }

    pub(crate) fn until_done(&self, run: RunId) {
        let deadline = Instant::now() + SOON * 5;
        while !self.state(run).is_terminal() {
            assert!(Instant::now() < deadline, "the run does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
        assert_eq!(self.state(run), RunState::Done);
    }

    pub(crate) fn named(&self, name: &str) -> impl Iterator<Item = &Process> {
        self.processes.iter().filter(move |(of, _)| *of == name).map(|(_, process)| process)
    }

    /// Kills the process without a word and puts another in its place.
    pub(crate) fn replace(&mut self, index: usize) {
        let (name, process) = &mut self.processes[index];
        process.kill();
        *process = Process::start(name, &self.environment);
    }

    /// Everything the run left behind.
    pub(crate) fn rows(&self, run: RunId) -> Value {
        rows(&self.machine, &run.to_string())
    }
}
