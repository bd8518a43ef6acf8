//! The fake providers over plain HTTP: what a client of each format relies on.
#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice
)]

use std::net::TcpStream;
use std::time::{Duration, Instant};

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use testkit::llm::{FakeLlm, Reply};

fn client() -> Client {
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().build().unwrap()
}

fn anthropic(fake: &FakeLlm) -> RequestBuilder {
    let request = client().post(format!("{}/v1/messages", fake.anthropic_url()));
    request.header("x-api-key", FakeLlm::KEY).header("anthropic-version", "2023-06-01")
}

fn openai(fake: &FakeLlm) -> RequestBuilder {
    client().post(format!("{}/chat/completions", fake.openai_url())).bearer_auth(FakeLlm::KEY)
}

fn ollama(fake: &FakeLlm) -> RequestBuilder {
    client().post(format!("{}/api/chat", fake.ollama_url()))
}

fn body(more: Value) -> Value {
    let mut body = json!({"model": "m", "messages": [{"role": "user", "content": "Who?"}]});
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn send(request: RequestBuilder, body: &Value) -> (u16, Value) {
    let response: Response = request.json(body).send().await.unwrap();
    (response.status().as_u16(), response.json().await.unwrap())
}

#[tokio::test]
async fn a_whole_answer_has_the_documented_form() {
    let fake = FakeLlm::start_with(|_| Reply::text("Robots.")).unwrap();
    let (_, said) = send(anthropic(&fake), &body(json!({"max_tokens": 10}))).await;
    assert_eq!((&said["content"][0]["text"], &said["stop_reason"]), (&json!("Robots."), &json!("end_turn")));
    assert!(said["usage"]["input_tokens"].as_u64().unwrap() > 0);
    let (_, said) = send(openai(&fake), &body(json!({}))).await;
    let choice = &said["choices"][0];
    assert_eq!(
        (&choice["message"]["content"], &choice["finish_reason"]),
        (&json!("Robots."), &json!("stop"))
    );
    assert_eq!(said["usage"]["completion_tokens"], 3);
    let (_, said) = send(ollama(&fake), &body(json!({"stream": false}))).await;
    assert_eq!((&said["message"]["content"], &said["done"]), (&json!("Robots."), &json!(true)));
}

#[tokio::test]
async fn a_stream_has_the_documented_events() {
    let fake = FakeLlm::start_with(|_| Reply::text("Robots.")).unwrap();
    let text = async |request: RequestBuilder, body: Value| {
        request.json(&body).send().await.unwrap().text().await.unwrap()
    };
    let said = text(anthropic(&fake), body(json!({"max_tokens": 10, "stream": true}))).await;
    let names: Vec<&str> = said.lines().filter_map(|line| line.strip_prefix("event: ")).collect();
    let expected = [
        "message_start",
        "content_block_start",
        "ping",
        "content_block_delta",
        "content_block_stop",
        "message_delta",
        "message_stop",
    ];
    assert_eq!(names, expected);
    let said = text(openai(&fake), body(json!({"stream": true}))).await;
    assert!(said.ends_with("data: [DONE]\n\n") && said.contains("\"finish_reason\":\"stop\""), "{said}");
    let said = text(ollama(&fake), body(json!({}))).await;
    let last: Value = serde_json::from_str(said.lines().last().unwrap()).unwrap();
    assert_eq!((&last["done"], &last["done_reason"]), (&json!(true), &json!("stop")));
}

#[tokio::test]
async fn what_a_real_provider_refuses_is_refused() {
    let fake = FakeLlm::start().unwrap();
    let long = json!({"type": "object", "additionalProperties": false, "required": ["a"], "properties": {"a": {"type": "string", "maxLength": 9}}});
    let optional = json!({"type": "object", "additionalProperties": false, "required": [], "properties": {"a": {"type": "string"}}});
    let format = |schema: &Value| json!({"response_format": {"type": "json_schema", "json_schema": {"name": "n", "strict": true, "schema": schema}}});
    let config = |schema: &Value| json!({"max_tokens": 10, "output_config": {"format": {"type": "json_schema", "schema": schema}}});
    let plain =
        client().post(format!("{}/v1/messages", fake.anthropic_url())).header("x-api-key", FakeLlm::KEY);
    for (request, body, words) in [
        (openai(&fake), body(format(&long)), "maxLength"),
        (openai(&fake), body(format(&optional)), "missing 'a'"),
        (anthropic(&fake), body(config(&long)), "maxLength"),
        (anthropic(&fake), body(json!({})), "max_tokens"),
        (plain, body(json!({"max_tokens": 10})), "anthropic-version"),
    ] {
        let (status, said) = send(request, &body).await;
        assert_eq!(status, 400);
        assert!(said["error"]["message"].as_str().unwrap().contains(words), "{said}");
    }
    let (status, _) = send(anthropic(&fake), &body(config(&optional))).await;
    assert_eq!(status, 200, "an optional key is one of OpenAI's troubles only");
}

#[test]
fn the_port_is_free_again_when_the_fake_is_dropped() {
    let fake = FakeLlm::start().unwrap();
    let address = fake.ollama_url().trim_start_matches("http://").to_owned();
    assert!(TcpStream::connect(&address).is_ok());
    drop(fake);
    let deadline = Instant::now() + Duration::from_secs(20);
    while TcpStream::connect(&address).is_ok() {
        assert!(Instant::now() < deadline, "still listening");
        std::thread::yield_now();
    }
}
