//! Ollama's own API: `POST /api/chat`, streamed as one JSON value per line. Free of cost.
//!
//! Ollama cuts prompts that are longer than `num_ctx` without a word. So `num_ctx` is always sent, as large as the
//! prompt can be, newer servers are told not to cut, and the counted prompt is compared with the estimate.

use async_trait::async_trait;
use domain::Tokens;
use reqwest::RequestBuilder;
use serde_json::{Map, Value, json};
use tokio_util::sync::CancellationToken;

use crate::complaint::Complaint;
use crate::estimate::Estimate;
use crate::frames::Framing;
use crate::provider::{Completion, Failure, Kind, Prompt, Provider};
use crate::reply::{self, Ending, Reply};
use crate::schema::{Dialect, Lowered, lower};
use crate::wire::{Flow, Wire, count, text};
use crate::{Endpoint, Error};

/// The smallest context asked for. Ollama loads a model anew for every other size, so sizes are powers of two.
const SMALLEST_CONTEXT: u64 = 4_096;
/// Below this, the chat format around the text decides the count.
const TOO_SHORT_TO_TELL: u64 = 256;

#[derive(Debug)]
pub(crate) struct Ollama {
    wire: Wire,
    most_context: u64,
}

impl Ollama {
    pub(crate) fn new(endpoint: &Endpoint) -> Result<Self, Error> {
        let wire = Wire::new(Kind::Ollama, endpoint)?;
        Ok(Self { wire, most_context: endpoint.context_tokens.into() })
    }

    /// For an Ollama behind a proxy that wants a key.
    fn authorised(&self, request: RequestBuilder) -> RequestBuilder {
        match self.wire.key() {
            Some(key) => request.bearer_auth(key),
            None => request,
        }
    }

    fn context(&self, prompt: &Prompt) -> u64 {
        let needed = prompt.estimate.bound + u64::from(prompt.max_output_tokens);
        needed.next_power_of_two().max(SMALLEST_CONTEXT).min(self.most_context)
    }

    fn body(&self, prompt: &Prompt) -> Value {
        let mut body = Map::new();
        body.insert("model".to_owned(), prompt.model.as_str().into());
        body.insert("stream".to_owned(), true.into());
        // Models that can think would spend the answer's tokens on it.
        body.insert("think".to_owned(), false.into());
        // Newer servers answer with an error instead of cutting; older ones ignore both.
        body.insert("truncate".to_owned(), false.into());
        body.insert("shift".to_owned(), false.into());
        body.insert("messages".to_owned(), prompt.messages_after_system().collect());
        let options = json!({
            "num_ctx": self.context(prompt),
            "num_predict": prompt.max_output_tokens,
            "temperature": 0,
        });
        body.insert("options".to_owned(), options);
        let format = match &prompt.schema {
            Some(Lowered::Enforced(schema)) => Some(schema.clone()),
            Some(Lowered::InPrompt(_)) => Some("json".into()),
            None => None,
        };
        body.extend(format.map(|format| ("format".to_owned(), format)));
        body.into()
    }
}

/// Whether the server read less than it was sent. `counted` is 0 when it does not say.
fn is_cut(counted: u64, context: u64, estimate: Estimate) -> bool {
    if counted == 0 || estimate.likely < TOO_SHORT_TO_TELL {
        return false;
    }
    // Other vocabularies make at least nearly as many tokens as o200k, which is among the largest. A server that cuts
    // at the model's own limit reports that limit, a multiple of 1,024.
    let few = counted * 100 < estimate.likely * 85;
    let at_a_limit = counted.is_multiple_of(1_024) && counted < estimate.likely;
    counted >= context || few || at_a_limit
}

/// What a stream has said so far.
#[derive(Debug, Default)]
struct Said {
    /// The `num_ctx` that was asked for.
    context: u64,
    text: String,
    stop: Option<String>,
    usage: Option<Tokens>,
}

impl Reply for Said {
    const FRAMING: Framing = Framing::Lines;
    const REASON: &'static str = "done reason";

    fn hear(&mut self, event: &Value, wire: &Wire, model: &str) -> Result<Flow, Error> {
        if let Some(complaint) = Complaint::in_body(event) {
            return Err(wire.error(model, 500, &complaint));
        }
        self.text.extend(text(event, "/message/content"));
        if event.get("done") != Some(&Value::Bool(true)) {
            return Ok(Flow::More);
        }
        self.stop = text(event, "/done_reason").map(str::to_owned);
        self.usage = Some(Tokens {
            input: count(event, "/prompt_eval_count").unwrap_or(0),
            output: count(event, "/eval_count").unwrap_or(0),
            ..Tokens::default()
        });
        Ok(Flow::End)
    }

    fn ending(&self) -> Ending {
        match self.stop.as_deref() {
            Some("stop") => Ending::Whole,
            Some("length") => Ending::CutOff,
            other => Ending::other(other),
        }
    }

    fn spent(&self, prompt: &Prompt, _whole: bool) -> Tokens {
        self.usage.unwrap_or_else(|| prompt.estimate.spent(&self.text))
    }

    fn cut_prompt(&self, prompt: &Prompt) -> Option<String> {
        let counted = self.usage?.input;
        is_cut(counted, self.context, prompt.estimate).then(|| {
            let (likely, context) = (prompt.estimate.likely, self.context);
            format!("the server read {counted} tokens of about {likely} (num_ctx was {context})")
        })
    }

    fn into_text(self) -> String {
        self.text
    }
}

#[async_trait]
impl Provider for Ollama {
    fn kind(&self) -> Kind {
        self.wire.kind()
    }

    fn lower(&self, schema: &Value) -> Lowered {
        lower(schema, Dialect::Ollama)
    }

    fn output_bound(&self, _model: &str, visible: u32) -> u32 {
        visible
    }

    async fn complete(&self, prompt: &Prompt, cancel: &CancellationToken) -> Result<Completion, Failure> {
        let request = self.authorised(self.wire.post("/api/chat", &self.body(prompt)));
        let said = Said { context: self.context(prompt), ..Said::default() };
        reply::ask(&self.wire, request, prompt, prompt.max_output_tokens, said, cancel).await
    }

    async fn models(&self, cancel: &CancellationToken) -> Result<Vec<String>, Error> {
        self.wire.names(self.authorised(self.wire.get("/api/tags")), ("models", "name"), cancel).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Settings;
    use crate::provider::samples;

    fn adapter() -> Ollama {
        let base_url = "http://127.0.0.1:11434".to_owned();
        Ollama::new(&Endpoint { base_url, ..Settings::default().ollama }).unwrap()
    }

    #[test]
    fn what_is_sent_is_what_the_documentation_says() {
        let adapter = adapter();
        insta::assert_json_snapshot!("ollama_plain", adapter.body(&samples::plain("llama3.1")));
        insta::assert_json_snapshot!(
            "ollama_schema",
            adapter.body(&samples::with_schema("llama3.1", &adapter))
        );
        insta::assert_json_snapshot!("ollama_repair", adapter.body(&samples::repair("llama3.1")));
        insta::assert_json_snapshot!(
            "ollama_unenforced",
            adapter.body(&samples::recursive("llama3.1", &adapter))
        );
    }

    #[test]
    fn the_context_is_as_large_as_the_prompt_needs_and_never_larger_than_allowed() {
        for (bound, expected) in [(100, 4_096), (4_000, 8_192), (9_000, 16_384), (200_000, 32_768)] {
            let mut prompt = samples::plain("llama3.1");
            prompt.estimate.bound = bound;
            assert_eq!(adapter().context(&prompt), expected, "{bound}");
        }
    }

    #[test]
    fn a_prompt_that_was_cut_is_noticed_and_another_vocabulary_is_not_mistaken_for_it() {
        let estimate = Estimate { likely: 10_000, bound: 15_000 };
        for (counted, cut) in [
            (10_400, false),
            (13_000, false),
            (9_000, false),
            (0, false),
            (4_096, true),
            (9_216, true),
            (16_384, true),
        ] {
            assert_eq!(is_cut(counted, 16_384, estimate), cut, "{counted}");
        }
        assert!(!is_cut(60, 4_096, Estimate { likely: 200, bound: 500 }), "too short to tell");
    }
}
