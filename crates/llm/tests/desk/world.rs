//! A run with one claimed job, a fake provider, and a desk between them.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::Utc;
use domain::run::RunOptions;
use domain::{Fence, MicroUsd, Run, RunId, Stage, TenantId, WorkerId};
use llm::{Answer, Call, Choice, Desk, Error, Kind, ModelTier, Request, Settings};
use pipelines::{Node, Snapshot};
use serde_json::{Map, Value, json};
use store::{Ending, Finish, NewRun, Scope, Store, Usage};
use tempfile::TempDir;
use testkit::llm::FakeLlm;
use tokio_util::sync::CancellationToken;

pub(crate) struct World {
    pub(crate) store: Store,
    pub(crate) run: RunId,
    pub(crate) fence: Fence,
    pub(crate) cancel: CancellationToken,
    _folder: TempDir,
}

impl World {
    pub(crate) async fn new() -> Self {
        Self::with_budget(None).await
    }

    pub(crate) async fn with_budget(budget: Option<MicroUsd>) -> Self {
        let folder = TempDir::new().unwrap();
        let settings = store::Settings {
            url: format!("sqlite://{}", folder.path().join("assay.db").display()),
            blobs: folder.path().join("blobs"),
            max_connections: 2,
        };
        Store::migrate(&settings).await.unwrap();
        let store = Store::open(&settings).await.unwrap();
        let new = NewRun {
            pipeline: Arc::new(snapshot()),
            subject_key: "https://acme.example/".into(),
            subject_name: None,
            input: json!({}),
            options: RunOptions::default(),
            budget,
            idempotency_key: None,
        };
        let run = store.tenant(TenantId::LOCAL).create_run(new, Utc::now()).await.unwrap().id;
        let fence = claim(&store, run).await;
        Self { store, run, fence, cancel: CancellationToken::new(), _folder: folder }
    }

    pub(crate) fn call(&self) -> Call<'_> {
        Call { store: &self.store, fence: self.fence, run: self.run, cancel: &self.cancel }
    }

    pub(crate) async fn ask(&self, desk: &Desk, request: &Request) -> Result<Answer, Error> {
        desk.ask(&self.call(), 0, request).await
    }

    /// Gives the job back and claims it again, as after a retry.
    pub(crate) async fn run_again(&mut self) {
        let ending = Ending::Yield { after: Duration::ZERO };
        let finish = Finish { fence: self.fence, ending, effects: store::Effects::default() };
        for finished in self.store.finish(&[finish], Utc::now()).await.unwrap() {
            finished.unwrap();
        }
        self.fence = claim(&self.store, self.run).await;
    }

    pub(crate) async fn state(&self) -> Run {
        self.store.tenant(TenantId::LOCAL).run(self.run).await.unwrap()
    }

    /// Asserts what the run has spent, and that nothing is left reserved.
    pub(crate) async fn assert_settled(&self, micros: i64) {
        let run = self.state().await;
        assert_eq!((run.settled, run.reserved), (MicroUsd(micros), MicroUsd::ZERO));
    }

    pub(crate) async fn bill(&self) -> Vec<Usage> {
        self.store.tenant(TenantId::LOCAL).usage(self.run).await.unwrap()
    }

    /// Everything the journal holds, as text.
    pub(crate) async fn journal(&self) -> String {
        format!("{:?}", self.store.tenant(TenantId::LOCAL).journal(self.run).await.unwrap())
    }
}

async fn claim(store: &Store, run: RunId) -> Fence {
    let bells = store.unannounced(Scope::Run(run), Utc::now(), 10).await.unwrap();
    let claimed = store.claim(&bells, WorkerId::new(), Duration::from_secs(600), Utc::now()).await.unwrap();
    claimed[0].fence()
}

fn snapshot() -> Snapshot {
    let section = Node {
        id: "overview".into(),
        uses: "analyze.ask".into(),
        stage: Stage::Analyze,
        with: Map::new(),
        needs: vec![],
        for_each: vec![],
        when: vec![],
        optional: false,
        group: None,
    };
    Snapshot {
        name: "test".into(),
        title: "Test".into(),
        subject: "company".into(),
        subject_key: "key".into(),
        hash: "0".repeat(64),
        nodes: vec![section],
        files: BTreeMap::new(),
        input: json!({}),
        profile: None,
    }
}

pub(crate) fn settings(fake: &FakeLlm, kind: Kind) -> Settings {
    let mut settings = Settings { provider: Some(Choice::Model(kind)), ..Settings::default() };
    settings.anthropic.base_url = fake.anthropic_url();
    settings.openai.base_url = fake.openai_url();
    settings.ollama.base_url = fake.ollama_url();
    settings.anthropic.key = Some(FakeLlm::KEY.into());
    settings.openai.key = Some(FakeLlm::KEY.into());
    // Before models thought: the same price and no head room, so that sums can be read.
    settings.anthropic.models.standard = "claude-haiku-4-5".into();
    settings.openai.models.standard = "gpt-4.1-mini".into();
    settings
}

pub(crate) fn desk(fake: &FakeLlm, kind: Kind) -> Desk {
    Desk::new(&settings(fake, kind)).unwrap()
}

/// Waits until `count` streams of the fake are silent and the client has had time to read what they said.
pub(crate) async fn silence(fake: &FakeLlm, count: usize) {
    let deadline = Instant::now() + Duration::from_secs(30);
    while fake.silent_streams() < count {
        assert!(Instant::now() < deadline, "no stream is silent");
        tokio::task::yield_now().await;
    }
    for _ in 0..200 {
        tokio::task::yield_now().await;
    }
}

pub(crate) const USER: &str = "<source id=\"S1\" kind=\"about\" title=\"About\">\nNorthwind Robotics was founded in 2016 in Hamburg.\nThe company has 120 employees.\n</source>\n<source id=\"S2\" kind=\"product\" title=\"Products\">\nOur robots move pallets of up to 900 kg.\n</source>\nWhat is the company?";

/// A section of an analysis, with everything that lowering has to deal with.
pub(crate) fn schema() -> Value {
    json!({
        "type": "object", "additionalProperties": false, "required": ["claims", "summary"],
        "x-extractive": {"founded": {"words": ["founded"], "max": 1}},
        "properties": {
            "claims": {"type": "array", "minItems": 1, "maxItems": 12, "items": {"$ref": "#/$defs/claim"}},
            "summary": {"type": "array", "items": {
                "type": "object", "additionalProperties": false, "required": ["text", "claims"],
                "properties": {"text": {"type": "string"}, "claims": {"type": "array", "minItems": 1, "items": {"type": "string"}}}
            }}
        },
        "$defs": {"claim": {
            "type": "object", "additionalProperties": false,
            "required": ["id", "topic", "statement", "kind", "evidence"],
            "properties": {
                "id": {"type": "string", "pattern": "^c[0-9]+$"},
                "topic": {"enum": ["founded", "size", "mission"]},
                "statement": {"type": "string", "minLength": 8, "maxLength": 240},
                "kind": {"enum": ["fact", "inference", "conflict", "gap"]},
                "value": {"type": "object", "additionalProperties": false, "properties": {
                    "number": {"type": "number"}, "unit": {"type": "string"}}},
                "because": {"type": "string"},
                "looked_in": {"type": "array", "items": {"type": "string"}},
                "evidence": {"type": "array", "items": {
                    "type": "object", "additionalProperties": false, "required": ["source", "quote"],
                    "properties": {"source": {"type": "string"}, "quote": {"type": "string", "minLength": 8, "maxLength": 300}}
                }}
            }
        }}
    })
}

pub(crate) fn section() -> Request {
    Request {
        tier: ModelTier::Standard,
        system: "You analyse companies.".into(),
        user: USER.into(),
        schema: Some(schema()),
        max_output_tokens: 1_000,
    }
}

pub(crate) fn plain() -> Request {
    Request { schema: None, ..section() }
}

/// A sentence as an answer that fits [`plain`].
pub(crate) fn small() -> Value {
    json!({"claims": [{
        "id": "c1", "topic": "size", "statement": "The company has 120 employees.", "kind": "fact",
        "evidence": [{"source": "S1", "quote": "The company has 120 employees."}]
    }], "summary": []})
}
