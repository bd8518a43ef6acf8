//! What a client sees that has nothing but HTTP.

use std::io::BufRead as _;
use std::io::BufReader;

use domain::TenantId;
use serde_json::{Value, json};
use store::NewKey;
use testkit::web::{DEMO_URL, SampleWeb};

use crate::fleet::Fleet;
use crate::support::rows;
use crate::{assert_same, by_one_process};

/// A client of the gateway.
struct Client<'a> {
    http: reqwest::Client,
    base: String,
    key: Option<String>,
    fleet: &'a Fleet,
}

/// An answer, read to its end.
#[derive(Debug)]
struct Answer {
    status: u16,
    headers: reqwest::header::HeaderMap,
    text: String,
}

impl Answer {
    fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {self:?}"))
    }

    fn header(&self, name: &str) -> &str {
        self.headers.get(name).unwrap_or_else(|| panic!("no {name}: {self:?}")).to_str().unwrap()
    }

    /// The problem, whose shape every error has.
    fn problem(&self, status: u16, code: &str) -> Value {
        assert_eq!(
            (self.status, self.header("content-type")),
            (status, "application/problem+json"),
            "{self:?}"
        );
        let problem = self.json();
        assert_eq!((&problem["code"], &problem["status"]), (&json!(code), &json!(status)), "{self:?}");
        assert_eq!(problem["request_id"], self.header("x-request-id"));
        problem
    }
}

impl<'a> Client<'a> {
    fn of(fleet: &'a Fleet) -> Self {
        net::install_crypto();
        let (_, gateway) = fleet.processes.last().unwrap();
        let base = format!("http://{}", gateway.api.unwrap());
        Self { http: reqwest::Client::new(), base, key: None, fleet }
    }

    fn with_key(&self, key: &str) -> Self {
        Self {
            http: self.http.clone(),
            base: self.base.clone(),
            key: Some(key.to_owned()),
            fleet: self.fleet,
        }
    }

    fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: Option<Value>) -> Answer {
        let mut request = self.http.request(method.parse().unwrap(), format!("{}{path}", self.base));
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        if let Some(body) = body {
            request = request.json(&body);
        }
        self.fleet.runtime.block_on(async {
            let response = request.send().await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Answer { status, headers, text: response.text().await.unwrap() }
        })
    }

    fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], None)
    }

    fn post(&self, path: &str) -> Answer {
        self.ask("POST", path, &[], None)
    }

    fn start(&self) -> String {
        let answer = self.ask("POST", "/v1/runs", &[], Some(company()));
        assert_eq!(answer.status, 202, "{answer:?}");
        answer.json()["id"].as_str().unwrap().to_owned()
    }
}

fn company() -> Value {
    json!({ "pipeline": "company", "input": { "url": DEMO_URL } })
}

/// What a stream said, as the log's JSON would.
fn heard(stream: &str) -> Vec<Value> {
    let mut events = Vec::new();
    let mut id = None;
    for line in BufReader::new(stream.as_bytes()).lines().map(Result::unwrap) {
        if let Some(number) = line.strip_prefix("id: ") {
            id = Some(number.parse::<i64>().unwrap());
        } else if let Some(data) = line.strip_prefix("data: ") {
            let event: Value = serde_json::from_str(data).unwrap();
            assert_eq!(event["seq"], json!(id.take().unwrap()));
            events.push(event);
        }
    }
    events
}

#[test]
fn a_run_is_started_followed_and_read_with_nothing_but_http() {
    let web = SampleWeb::start().unwrap();
    let expected = by_one_process(&web);
    let fleet = Fleet::start(&web);
    let client = Client::of(&fleet);

    let key = [("idempotency-key", "once")];
    let accepted = client.ask("POST", "/v1/runs", &key, Some(company()));
    assert_eq!(accepted.status, 202, "{accepted:?}");
    let run = accepted.json()["id"].as_str().unwrap().to_owned();
    assert_eq!(accepted.header("location"), format!("/v1/runs/{run}"));
    let again = client.ask("POST", "/v1/runs", &key, Some(company()));
    assert_eq!(
        (again.json()["id"].as_str(), again.header("idempotency-replayed")),
        (Some(run.as_str()), "true")
    );
    let other = json!({ "pipeline": "company", "input": { "url": DEMO_URL, "max_pages": 5 } });
    client.ask("POST", "/v1/runs", &key, Some(other)).problem(422, "idempotency_mismatch");
    client.get(&format!("/v1/runs/{run}/report")).problem(409, "no_report");

    // The stream ends with the run; what it said is the log.
    let stream = client.get(&format!("/v1/runs/{run}/events"));
    assert_eq!(stream.header("content-type"), "text/event-stream");
    let events = heard(&stream.text);
    assert_eq!(events.last().unwrap()["type"], "run.done");
    let numbers: Vec<_> = events.iter().map(|event| event["seq"].as_i64().unwrap()).collect();
    assert_eq!(numbers, (1..=numbers.len() as i64).collect::<Vec<_>>());
    let middle = numbers.len() / 2;
    let seen = middle.to_string();
    let rest = client.ask("GET", &format!("/v1/runs/{run}/events"), &[("last-event-id", &seen)], None);
    assert_eq!(heard(&rest.text), events[middle..]);
    let mut polled = Vec::new();
    loop {
        let path = format!("/v1/runs/{run}/events?after={}&limit=50", polled.len());
        let page = client.ask("GET", &path, &[("accept", "application/json")], None).json();
        polled.extend(page["data"].as_array().unwrap().clone());
        if page["next_after"].is_null() {
            break;
        }
    }
    assert_eq!(polled, events);

    let state = client.get(&format!("/v1/runs/{run}")).json();
    assert_eq!((&state["state"], &state["progress"]["failed"]), (&json!("done"), &json!(0)));
    assert_same(&rows(&fleet.machine, &run), &expected, "over HTTP");
    let report = client.get(&format!("/v1/runs/{run}/report.json"));
    let printed = fleet.machine.assay(&["report", &run, "--format", "json"]);
    assert_eq!(report.text.trim(), printed.out.trim());
    let tag = report.header("etag").to_owned();
    let known = client.ask("GET", &format!("/v1/runs/{run}/report"), &[("if-none-match", &tag)], None);
    assert_eq!((known.status, known.text.as_str()), (304, ""));
    let page = client.ask("GET", &format!("/v1/runs/{run}/report"), &[("accept", "text/html")], None);
    assert!(page.text.starts_with("<!doctype html>") || page.text.starts_with("<!DOCTYPE html>"), "{page:?}");
    assert!(page.header("content-security-policy").starts_with("default-src 'none'"));
    client
        .ask("GET", &format!("/v1/runs/{run}/report"), &[("accept", "application/pdf")], None)
        .problem(406, "not_acceptable");

    // Evidence can be followed to the words it stands on.
    let source = &report.json()["sources"][0]["id"];
    let text = client.get(&format!("/v1/documents/{}/text", source.as_str().unwrap()));
    assert_eq!((text.status, text.text.is_empty()), (200, false), "{text:?}");
}

#[test]
fn a_run_is_paused_resumed_and_cancelled_over_http() {
    let web = SampleWeb::start().unwrap();
    let fleet = Fleet::start(&web);
    let client = Client::of(&fleet);
    let run = client.start();
    let paused = client.post(&format!("/v1/runs/{run}/pause"));
    assert_eq!((paused.status, &paused.json()["state"]), (200, &json!("paused")), "{paused:?}");
    assert_eq!(client.post(&format!("/v1/runs/{run}/pause")).json()["state"], "paused");
    assert_eq!(client.post(&format!("/v1/runs/{run}/resume")).json()["state"], "running");
    let other = client.start();
    assert_eq!(client.post(&format!("/v1/runs/{other}/cancel")).json()["state"], "cancelled");
    client.post(&format!("/v1/runs/{other}/resume")).problem(409, "run_state");
    let stream = client.get(&format!("/v1/runs/{run}/events"));
    assert_eq!(heard(&stream.text).last().unwrap()["type"], "run.done");

    let waited = client.ask("POST", "/v1/runs", &[("prefer", "wait=60")], Some(company()));
    assert_eq!((waited.status, &waited.json()["state"]), (200, &json!("done")), "{waited:?}");
    let page = client.get("/v1/runs?limit=2").json();
    assert_eq!(
        (page["data"].as_array().unwrap().len(), page["data"][0]["id"].clone()),
        (2, waited.json()["id"].clone())
    );
    let rest = client.get(&format!("/v1/runs?cursor={}", page["next_cursor"].as_str().unwrap())).json();
    assert_eq!((rest["data"].as_array().unwrap().len(), &rest["next_cursor"]), (1, &Value::Null));
}

#[test]
fn a_key_opens_what_is_its_tenants_and_nothing_else() {
    let web = SampleWeb::start().unwrap();
    let fleet = Fleet::start(&web);
    let client = Client::of(&fleet);
    let run = client.start();
    let made = fleet.machine.assay(&["key", "create", "ci", "--scopes", "read"]);
    assert_eq!(made.code, Some(0), "{made:?}");
    let reader = client.with_key(made.out.trim());
    assert_eq!(reader.get(&format!("/v1/runs/{run}")).status, 200);
    reader.post(&format!("/v1/runs/{run}/cancel")).problem(403, "forbidden");
    client.with_key("ask_nothing").get("/v1/runs").problem(401, "unauthorized");
    let id = made.err.split_whitespace().find(|word| word.starts_with("key_")).unwrap().to_owned();
    assert_eq!(fleet.machine.assay(&["key", "revoke", &id]).code, Some(0));
    reader.get("/v1/runs").problem(401, "unauthorized");

    // A web page in a browser on this machine is not a program on it.
    for header in [("origin", "https://elsewhere.example"), ("host", "elsewhere.example")] {
        client.ask("GET", "/v1/runs", &[header], None).problem(401, "unauthorized");
    }

    let secret = gateway::Secret::random();
    fleet.runtime.block_on(async {
        let now = chrono::Utc::now();
        let tenant = fleet.store.create_tenant("another", now).await.unwrap();
        assert_ne!(tenant, TenantId::LOCAL);
        let scopes = vec!["read".to_owned(), "write".to_owned()];
        let new = NewKey { name: "theirs".to_owned(), secret_hash: secret.hash(), scopes, expires_at: None };
        fleet.store.tenant(tenant).create_key(new, now).await.unwrap();
    });
    let stranger = client.with_key(secret.reveal());
    let document = loop {
        let events = client
            .ask("GET", &format!("/v1/runs/{run}/events"), &[("accept", "application/json")], None)
            .json();
        let kept =
            events["data"].as_array().unwrap().iter().find_map(|event| event["data"]["document"].as_str());
        if let Some(document) = kept {
            break document.to_owned();
        }
    };
    assert_eq!(client.get(&format!("/v1/documents/{document}")).status, 200);
    for (method, path) in [
        ("GET", format!("/v1/runs/{run}")),
        ("GET", format!("/v1/runs/{run}/events")),
        ("GET", format!("/v1/runs/{run}/report")),
        ("GET", format!("/v1/runs/{run}/report.html")),
        ("POST", format!("/v1/runs/{run}/pause")),
        ("POST", format!("/v1/runs/{run}/resume")),
        ("POST", format!("/v1/runs/{run}/cancel")),
        ("POST", format!("/v1/runs/{run}/retry")),
        ("GET", format!("/v1/documents/{document}")),
        ("GET", format!("/v1/documents/{document}/text")),
    ] {
        stranger.ask(method, &path, &[], None).problem(404, "not_found");
    }
    assert_eq!(stranger.get("/v1/runs").json()["data"], json!([]));
}

#[test]
fn what_is_wrong_with_a_request_is_said_in_one_shape() {
    let web = SampleWeb::start().unwrap();
    let fleet = Fleet::start(&web);
    let client = Client::of(&fleet);
    client.get("/v1/nothing").problem(404, "not_found");
    client.get("/v1/runs/run_1").problem(404, "not_found");
    client.get("/v1/runs?state=done").problem(400, "invalid_query");
    client.get("/v1/runs?limit=0").problem(400, "invalid_query");
    client.get("/v1/runs?cursor=x").problem(400, "invalid_query");
    client.ask("DELETE", "/v1/runs", &[], None).problem(405, "refused");
    let start = |body: Value| client.ask("POST", "/v1/runs", &[], Some(body));
    start(json!({ "pipeline": "company", "labels": {} })).problem(400, "invalid_body");
    start(json!({ "pipeline": "compny" })).problem(422, "unknown_pipeline");
    let problem = start(json!({ "pipeline": "company", "input": { "url": DEMO_URL, "max_pages": "many" } }));
    assert_eq!(problem.problem(422, "invalid_input")["errors"][0]["pointer"], "/max_pages");
    start(json!({ "pipeline": "company", "input": { "url": "x".repeat(2 << 20) } }))
        .problem(413, "body_too_large");
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let raw = |content_type: &str, body: String| {
        let request = client
            .http
            .post(format!("{}/v1/runs", client.base))
            .header("content-type", content_type)
            .body(body);
        fleet.runtime.block_on(async {
            let response = request.send().await.unwrap();
            let (status, headers) = (response.status().as_u16(), response.headers().clone());
            Answer { status, headers, text: response.text().await.unwrap() }
        })
    };
    raw("application/json", nested).problem(400, "invalid_body");
    raw("application/json", "{".to_owned()).problem(400, "invalid_body");
    raw("text/plain", company().to_string()).problem(415, "unsupported_media_type");
    client
        .ask("POST", "/v1/runs", &[("prefer", "wait=soon")], Some(company()))
        .problem(400, "invalid_preference");
    let key = "k".repeat(1000);
    client
        .ask("POST", "/v1/runs", &[("idempotency-key", &key)], Some(company()))
        .problem(422, "invalid_idempotency_key");
    assert_eq!(client.get("/v1/runs").json()["data"], json!([]), "nothing was made");
}
