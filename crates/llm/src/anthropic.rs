//! Anthropic Messages: `POST /v1/messages`, streamed.

use async_trait::async_trait;
use domain::Tokens;
use reqwest::RequestBuilder;
use reqwest::header::HeaderValue;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::complaint::Complaint;
use crate::frames::Framing;
use crate::provider::{Completion, Failure, Kind, Prompt, Provider};
use crate::reply::{self, Ending, Reply};
use crate::schema::{Dialect, Lowered, lower};
use crate::wire::{Flow, Wire, count, text};
use crate::{Endpoint, Error};

/// The version of the wire format that this file speaks.
const VERSION: &str = "2023-06-01";

#[derive(Debug)]
pub(crate) struct Anthropic {
    wire: Wire,
    effort: String,
    reasoning_tokens: u32,
}

impl Anthropic {
    pub(crate) fn new(endpoint: &Endpoint) -> Result<Self, Error> {
        Ok(Self {
            wire: Wire::new(Kind::Anthropic, endpoint)?,
            effort: endpoint.effort.clone(),
            reasoning_tokens: endpoint.reasoning_tokens,
        })
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        let request = request.header("anthropic-version", VERSION);
        match self.wire.key().map(HeaderValue::from_str) {
            Some(Ok(mut key)) => {
                key.set_sensitive(true);
                request.header("x-api-key", key)
            }
            _ => request,
        }
    }

    fn body(&self, prompt: &Prompt) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), prompt.model.as_str().into());
        let most = self.output_bound(&prompt.model, prompt.max_output_tokens);
        body.insert("max_tokens".to_owned(), most.into());
        body.insert("stream".to_owned(), true.into());
        let system = prompt.instructions();
        if !system.is_empty() {
            body.insert("system".to_owned(), system.into());
        }
        body.insert("messages".to_owned(), prompt.messages().collect());
        let mut output = Map::new();
        if let Some(schema) = prompt.enforced() {
            output.insert("format".to_owned(), json!({"type": "json_schema", "schema": schema}));
        }
        if thinks(&prompt.model) && !self.effort.is_empty() {
            output.insert("effort".to_owned(), self.effort.as_str().into());
        }
        if !output.is_empty() {
            body.insert("output_config".to_owned(), output.into());
        }
        body.into()
    }
}

/// Whether a model thinks unless it is told not to: from Claude 5 on. Thoughts count towards `max_tokens`.
fn thinks(model: &str) -> bool {
    model.split('-').find_map(|part| part.parse::<u32>().ok()).is_some_and(|version| version >= 5)
}

/// What a stream has said so far.
#[derive(Debug, Default)]
struct Said {
    text: String,
    stop: Option<String>,
    usage: Option<Tokens>,
}

impl Reply for Said {
    const FRAMING: Framing = Framing::ServerSent;
    const REASON: &'static str = "stop reason";

    fn hear(&mut self, event: &Value, wire: &Wire, model: &str) -> Result<Flow, Error> {
        match text(event, "/type").unwrap_or_default() {
            "message_start" => self.count(event.pointer("/message/usage")),
            "content_block_delta" => self.text.extend(text(event, "/delta/text")),
            "message_delta" => {
                self.stop = text(event, "/delta/stop_reason").map(str::to_owned).or(self.stop.take());
                self.count(event.get("usage"));
            }
            "message_stop" => return Ok(Flow::End),
            "error" => {
                let complaint = Complaint::in_body(event).unwrap_or_default();
                return Err(wire.error(model, status(&complaint.code), &complaint));
            }
            _ => {}
        }
        Ok(Flow::More)
    }

    fn ending(&self) -> Ending {
        match self.stop.as_deref() {
            Some("end_turn" | "stop_sequence") => Ending::Whole,
            Some("max_tokens" | "model_context_window_exceeded") => Ending::CutOff,
            Some("refusal") => Ending::Refused("stop reason `refusal`".to_owned()),
            other => Ending::other(other),
        }
    }

    /// While the answer streams only its beginning is counted.
    fn spent(&self, prompt: &Prompt, whole: bool) -> Tokens {
        let estimate = || prompt.estimate.spent(&self.text);
        match self.usage {
            Some(usage) if whole => usage,
            Some(usage) => Tokens { output: usage.output.max(estimate().output), ..usage },
            None => estimate(),
        }
    }

    fn into_text(self) -> String {
        self.text
    }
}

impl Said {
    /// Counts are of the whole message so far; a class that an event leaves out has not changed.
    fn count(&mut self, usage: Option<&Value>) {
        let Some(usage) = usage.filter(|usage| usage.is_object()) else { return };
        let tokens = self.usage.get_or_insert_default();
        let set = |class: &mut u64, pointer: &str| *class = count(usage, pointer).unwrap_or(*class);
        set(&mut tokens.input, "/input_tokens");
        set(&mut tokens.cache_read, "/cache_read_input_tokens");
        set(&mut tokens.cache_write, "/cache_creation_input_tokens");
        set(&mut tokens.output, "/output_tokens");
        set(&mut tokens.reasoning, "/output_tokens_details/thinking_tokens");
    }
}

/// The status that an error inside a stream would have had before it.
fn status(code: &str) -> u16 {
    match code {
        "invalid_request_error" => 400,
        "authentication_error" => 401,
        "billing_error" => 402,
        "permission_error" => 403,
        "not_found_error" => 404,
        "request_too_large" => 413,
        "rate_limit_error" => 429,
        "timeout_error" => 504,
        "overloaded_error" => 529,
        _ => 500,
    }
}

#[async_trait]
impl Provider for Anthropic {
    fn kind(&self) -> Kind {
        self.wire.kind()
    }

    fn lower(&self, schema: &Value) -> Lowered {
        lower(schema, Dialect::Anthropic)
    }

    fn output_bound(&self, model: &str, visible: u32) -> u32 {
        if thinks(model) { visible.saturating_add(self.reasoning_tokens) } else { visible }
    }

    async fn complete(&self, prompt: &Prompt, cancel: &CancellationToken) -> Result<Completion, Failure> {
        let request = self.authorised(self.wire.post("/v1/messages", &self.body(prompt)));
        let limit = self.output_bound(&prompt.model, prompt.max_output_tokens);
        reply::ask(&self.wire, request, prompt, limit, Said::default(), cancel).await
    }

    async fn models(&self, cancel: &CancellationToken) -> Result<Vec<String>, Error> {
        let request = self.authorised(self.wire.get("/v1/models?limit=1000"));
        self.wire.names(request, ("data", "id"), cancel).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::provider::samples;

    fn adapter() -> Anthropic {
        Anthropic::new(&Settings::default().anthropic).unwrap()
    }

    #[test]
    fn what_is_sent_is_what_the_documentation_says() {
        let adapter = adapter();
        insta::assert_json_snapshot!("anthropic_plain", adapter.body(&samples::plain("claude-haiku-4-5")));
        insta::assert_json_snapshot!(
            "anthropic_schema",
            adapter.body(&samples::with_schema("claude-sonnet-5-5", &adapter))
        );
        insta::assert_json_snapshot!("anthropic_repair", adapter.body(&samples::repair("claude-haiku-4-5")));
        insta::assert_json_snapshot!(
            "anthropic_unenforced",
            adapter.body(&samples::recursive("claude-haiku-4-5", &adapter))
        );
    }

    #[test]
    fn models_from_claude_5_on_think_by_default() {
        for (model, expected) in [
            ("claude-opus-5-5", true),
            ("claude-opus-5", true),
            ("claude-sonnet-4-6", false),
            ("claude-3-5-haiku-20241022", false),
            ("claude-haiku-4-5-20251001", false),
            ("my-gateway-model", false),
        ] {
            assert_eq!(thinks(model), expected, "{model}");
        }
    }

    #[test]
    fn tokens_are_counted_in_disjoint_classes_and_the_last_count_holds() {
        let mut reply = Said::default();
        reply.count(Some(&json!({"input_tokens": 10, "cache_creation_input_tokens": 200, "cache_read_input_tokens": 3000, "output_tokens": 1})));
        reply.count(Some(&json!({"output_tokens": 50, "output_tokens_details": {"thinking_tokens": 40}})));
        let expected = Tokens { input: 10, cache_read: 3000, cache_write: 200, output: 50, reasoning: 40 };
        assert_eq!(reply.usage, Some(expected));
    }
}
