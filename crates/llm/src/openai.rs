//! OpenAI chat completions: `POST {base_url}/chat/completions`, streamed. Many servers speak this format.

use async_trait::async_trait;
use domain::Tokens;
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::complaint::Complaint;
use crate::frames::Framing;
use crate::provider::{Completion, Failure, Kind, Prompt, Provider};
use crate::reply::{self, Ending, Reply};
use crate::schema::{Dialect, Lowered, lower};
use crate::wire::{Flow, Wire, count, text};
use crate::{Endpoint, Error};

#[derive(Debug)]
pub(crate) struct OpenAi {
    wire: Wire,
    effort: String,
    reasoning_tokens: u32,
}

impl OpenAi {
    pub(crate) fn new(endpoint: &Endpoint) -> Result<Self, Error> {
        Ok(Self {
            wire: Wire::new(Kind::OpenAi, endpoint)?,
            effort: endpoint.effort.clone(),
            reasoning_tokens: endpoint.reasoning_tokens,
        })
    }

    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        match self.wire.key() {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    fn body(&self, prompt: &Prompt) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), prompt.model.as_str().into());
        let most = self.output_bound(&prompt.model, prompt.max_output_tokens);
        body.insert(self.limit_field(&prompt.model).to_owned(), most.into());
        body.insert("stream".to_owned(), true.into());
        body.insert("stream_options".to_owned(), json!({"include_usage": true}));
        body.insert("messages".to_owned(), prompt.messages_after_system().collect());
        let format = match &prompt.schema {
            Some(Lowered::Enforced(schema)) => {
                let format = json!({"name": "answer", "strict": true, "schema": schema});
                Some(json!({"type": "json_schema", "json_schema": format}))
            }
            Some(Lowered::InPrompt(_)) => Some(json!({"type": "json_object"})),
            None => None,
        };
        body.extend(format.map(|format| ("response_format".to_owned(), format)));
        if reasons(&prompt.model) && !self.effort.is_empty() {
            body.insert("reasoning_effort".to_owned(), self.effort.as_str().into());
        }
        body.into()
    }

    /// OpenAI's reasoning models refuse the old name, other servers often know only that.
    fn limit_field(&self, model: &str) -> &'static str {
        let host = self.wire.host();
        if reasons(model) || host == "api.openai.com" || host.ends_with(".openai.azure.com") {
            "max_completion_tokens"
        } else {
            "max_tokens"
        }
    }
}

/// Whether a model thinks before it writes: the `o` series, and GPT from 5 on. Thoughts count towards the limit.
fn reasons(model: &str) -> bool {
    // Gateways put the vendor before the name.
    let name = model.rsplit_once('/').map_or(model, |(_, name)| name);
    let version = |rest: &str| {
        let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
        digits.parse::<u32>().ok()
    };
    match (name.strip_prefix("gpt-"), name.strip_prefix('o')) {
        (Some(rest), _) => version(rest).is_some_and(|version| version >= 5),
        (_, Some(rest)) => version(rest).is_some(),
        _ => false,
    }
}

/// What a stream has said so far.
#[derive(Debug, Default)]
struct Said {
    text: String,
    refusal: String,
    stop: Option<String>,
    usage: Option<Tokens>,
}

impl Reply for Said {
    const FRAMING: Framing = Framing::ServerSent;
    const REASON: &'static str = "finish reason";

    fn hear(&mut self, event: &Value, wire: &Wire, model: &str) -> Result<Flow, Error> {
        if let Some(complaint) = Complaint::in_body(event) {
            return Err(wire.error(model, status(&complaint.code), &complaint));
        }
        self.text.extend(text(event, "/choices/0/delta/content"));
        self.refusal.extend(text(event, "/choices/0/delta/refusal"));
        self.stop = text(event, "/choices/0/finish_reason").map(str::to_owned).or(self.stop.take());
        self.usage = event.get("usage").filter(|usage| usage.is_object()).map(tokens).or(self.usage);
        Ok(Flow::More)
    }

    fn ending(&self) -> Ending {
        if !self.refusal.is_empty() {
            return Ending::Refused(self.refusal.clone());
        }
        match self.stop.as_deref() {
            Some("stop") => Ending::Whole,
            Some("length") => Ending::CutOff,
            Some("content_filter") => Ending::Refused("content filter".to_owned()),
            other => Ending::other(other),
        }
    }

    fn spent(&self, prompt: &Prompt, _whole: bool) -> Tokens {
        self.usage.unwrap_or_else(|| prompt.estimate.spent(&self.text))
    }

    fn into_text(self) -> String {
        self.text
    }
}

/// `prompt_tokens` holds the cached ones and `completion_tokens` the hidden ones: taken apart here.
fn tokens(usage: &Value) -> Tokens {
    let count = |pointer| count(usage, pointer).unwrap_or(0);
    let cache_read = count("/prompt_tokens_details/cached_tokens");
    let cache_write = count("/prompt_tokens_details/cache_write_tokens");
    Tokens {
        input: count("/prompt_tokens").saturating_sub(cache_read).saturating_sub(cache_write),
        cache_read,
        cache_write,
        output: count("/completion_tokens"),
        reasoning: count("/completion_tokens_details/reasoning_tokens"),
    }
}

/// The status that an error inside a stream would have had before it.
fn status(code: &str) -> u16 {
    let says = |words: &[&str]| words.iter().any(|word| code.contains(word));
    if says(&["rate_limit", "insufficient_quota"]) {
        429
    } else if says(&["overloaded"]) {
        503
    } else if says(&["invalid_request", "context_length_exceeded", "content_filter"]) {
        400
    } else if says(&["authentication", "invalid_api_key"]) {
        401
    } else {
        500
    }
}

#[async_trait]
impl Provider for OpenAi {
    fn kind(&self) -> Kind {
        self.wire.kind()
    }

    fn lower(&self, schema: &Value) -> Lowered {
        lower(schema, Dialect::OpenAi)
    }

    fn output_bound(&self, model: &str, visible: u32) -> u32 {
        if reasons(model) { visible.saturating_add(self.reasoning_tokens) } else { visible }
    }

    async fn complete(&self, prompt: &Prompt, cancel: &CancellationToken) -> Result<Completion, Failure> {
        let request = self.authorised(self.wire.post("/chat/completions", &self.body(prompt)));
        let limit = self.output_bound(&prompt.model, prompt.max_output_tokens);
        reply::ask(&self.wire, request, prompt, limit, Said::default(), cancel).await
    }

    async fn models(&self, cancel: &CancellationToken) -> Result<Vec<String>, Error> {
        self.wire.names(self.authorised(self.wire.get("/models")), ("data", "id"), cancel).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::provider::samples;

    #[test]
    fn what_is_sent_is_what_the_documentation_says() {
        let adapter = OpenAi::new(&Settings::default().openai).unwrap();
        insta::assert_json_snapshot!("openai_plain", adapter.body(&samples::plain("gpt-4.1-mini")));
        insta::assert_json_snapshot!(
            "openai_schema",
            adapter.body(&samples::with_schema("gpt-6-luna", &adapter))
        );
        insta::assert_json_snapshot!("openai_repair", adapter.body(&samples::repair("gpt-4.1-mini")));
        insta::assert_json_snapshot!(
            "openai_unenforced",
            adapter.body(&samples::recursive("gpt-4.1-mini", &adapter))
        );
    }

    #[test]
    fn another_server_gets_the_old_name_of_the_limit() {
        let endpoint = Endpoint { base_url: "http://127.0.0.1:8000/v1".into(), ..Settings::default().openai };
        let body = OpenAi::new(&endpoint).unwrap().body(&samples::plain("qwen3-8b"));
        assert_eq!(body["max_tokens"], 500);
        assert!(body.get("max_completion_tokens").is_none() && body.get("reasoning_effort").is_none());
    }

    #[test]
    fn reasoning_models_are_known_by_name() {
        for (model, expected) in [
            ("gpt-6.1-terra", true),
            ("openai/gpt-5-mini", true),
            ("o3", true),
            ("o4-mini", true),
            ("gpt-4.1", false),
            ("gpt-oss-20b", false),
            ("olmo-2", false),
            ("llama3.1", false),
        ] {
            assert_eq!(reasons(model), expected, "{model}");
        }
    }

    #[test]
    fn cached_tokens_are_taken_out_of_the_prompt() {
        let usage = json!({"prompt_tokens": 1200, "completion_tokens": 7, "prompt_tokens_details": {"cached_tokens": 1024, "cache_write_tokens": 100}, "completion_tokens_details": {"reasoning_tokens": 2}});
        let expected = Tokens { input: 76, cache_read: 1024, cache_write: 100, output: 7, reasoning: 2 };
        assert_eq!(tokens(&usage), expected);
    }
}
