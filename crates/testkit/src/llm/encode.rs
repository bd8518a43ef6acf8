//! Replies in the three wire formats, as their documentation shows them.

use domain::Tokens;
use serde_json::{Value, json};

use super::stream::Ending;
use super::{Api, Break, Prompt, Refusal, Reply, Stop};

/// Characters per event of a stream.
const PIECE_CHARS: usize = 24;

/// What goes over the wire.
#[derive(Debug)]
pub(super) struct Encoded {
    pub(super) status: u16,
    pub(super) retry_after: Option<u64>,
    pub(super) content_type: &'static str,
    pub(super) pieces: Vec<String>,
    pub(super) ending: Ending,
}

impl Encoded {
    fn json(status: u16, body: &Value) -> Self {
        Self {
            status,
            retry_after: None,
            content_type: "application/json",
            pieces: vec![body.to_string()],
            ending: Ending::Whole,
        }
    }
}

pub(super) fn encode(prompt: &Prompt, reply: &Reply, counted: u64) -> Encoded {
    match reply {
        Reply::Refusal(refusal) => refuse(prompt.api, &prompt.model, refusal),
        Reply::Text { text, stop, usage } => {
            let output = super::prompt::count(text);
            let tokens = usage.unwrap_or(Tokens { input: counted, output, ..Tokens::default() });
            let said = Said { prompt, text, stop: Some(*stop), tokens };
            if prompt.stream { said.stream(None) } else { Encoded::json(200, &said.whole()) }
        }
        Reply::Broken { text, how } => {
            let tokens = Tokens { input: counted, output: 1, ..Tokens::default() };
            Said { prompt, text, stop: None, tokens }.stream(Some(*how))
        }
    }
}

/// An error status as the provider documents it.
pub(super) fn refuse(api: Api, model: &str, refusal: &Refusal) -> Encoded {
    let by = |anthropic: u16, openai: u16, ollama: u16| match api {
        Api::Anthropic => anthropic,
        Api::OpenAi => openai,
        Api::Ollama => ollama,
    };
    let (status, kind, code, message) = match refusal {
        Refusal::WrongKey => (401, "authentication_error", "invalid_api_key", "invalid x-api-key".to_owned()),
        Refusal::Unpaid => (
            by(400, 429, 403),
            "invalid_request_error",
            "insufficient_quota",
            "Your credit balance is too low".to_owned(),
        ),
        Refusal::RateLimited { .. } => (
            429,
            "rate_limit_error",
            "rate_limit_exceeded",
            "This request would exceed your rate limit".to_owned(),
        ),
        Refusal::Overloaded { .. } => {
            (by(529, 503, 503), "overloaded_error", "overloaded", "server busy, please try again".to_owned())
        }
        Refusal::Internal => (500, "api_error", "server_error", "Internal server error".to_owned()),
        Refusal::ContextLength => (
            400,
            "invalid_request_error",
            "context_length_exceeded",
            "prompt is too long: it exceeds the context length".to_owned(),
        ),
        Refusal::UnknownModel => {
            (404, "not_found_error", "model_not_found", format!("model '{model}' not found"))
        }
        Refusal::BadRequest(message) => (400, "invalid_request_error", "invalid_value", message.clone()),
    };
    let body = match api {
        Api::Anthropic => {
            json!({"type": "error", "error": {"type": kind, "message": message}, "request_id": "req_fake"})
        }
        Api::OpenAi => json!({"error": {"message": message, "type": kind, "param": null, "code": code}}),
        Api::Ollama => json!({"error": message}),
    };
    let mut encoded = Encoded::json(status, &body);
    if let Refusal::RateLimited { retry_after } | Refusal::Overloaded { retry_after } = refusal {
        encoded.retry_after = *retry_after;
    }
    encoded
}

/// A text on its way out.
struct Said<'a> {
    prompt: &'a Prompt,
    text: &'a str,
    stop: Option<Stop>,
    tokens: Tokens,
}

impl Said<'_> {
    fn reason(&self) -> &'static str {
        let by = |anthropic, openai, ollama| match self.prompt.api {
            Api::Anthropic => anthropic,
            Api::OpenAi => openai,
            Api::Ollama => ollama,
        };
        match self.stop.unwrap_or(Stop::Complete) {
            Stop::Complete => by("end_turn", "stop", "stop"),
            Stop::CutOff => by("max_tokens", "length", "length"),
            Stop::Refused => by("refusal", "stop", "stop"),
            Stop::Filtered => by("refusal", "content_filter", "stop"),
        }
    }

    fn usage(&self) -> Value {
        self.usage_of(self.tokens)
    }

    fn usage_of(&self, t: Tokens) -> Value {
        match self.prompt.api {
            Api::Anthropic => json!({
                "input_tokens": t.input,
                "cache_creation_input_tokens": t.cache_write,
                "cache_read_input_tokens": t.cache_read,
                "output_tokens": t.output,
                "output_tokens_details": {"thinking_tokens": t.reasoning},
            }),
            Api::OpenAi => {
                let prompt = t.input + t.cache_read + t.cache_write;
                json!({
                    "prompt_tokens": prompt,
                    "completion_tokens": t.output,
                    "total_tokens": prompt + t.output,
                    "prompt_tokens_details": {"cached_tokens": t.cache_read, "cache_write_tokens": t.cache_write},
                    "completion_tokens_details": {"reasoning_tokens": t.reasoning},
                })
            }
            Api::Ollama => json!({"prompt_eval_count": t.input, "eval_count": t.output}),
        }
    }

    /// OpenAI puts a refusal beside the content.
    fn refused(&self) -> bool {
        self.prompt.api == Api::OpenAi && self.stop == Some(Stop::Refused)
    }

    fn whole(&self) -> Value {
        let (model, text, reason) = (&self.prompt.model, self.text, self.reason());
        match self.prompt.api {
            Api::Anthropic => json!({
                "id": "msg_fake", "type": "message", "role": "assistant", "model": model,
                "content": [{"type": "text", "text": text}],
                "stop_reason": reason, "stop_sequence": null, "usage": self.usage(),
            }),
            Api::OpenAi => {
                let (content, refusal) = if self.refused() { (None, Some(text)) } else { (Some(text), None) };
                json!({
                    "id": "chatcmpl-fake", "object": "chat.completion", "created": 1_795_132_800, "model": model,
                    "choices": [{
                        "index": 0, "finish_reason": reason, "logprobs": null,
                        "message": {"role": "assistant", "content": content, "refusal": refusal},
                    }],
                    "usage": self.usage(),
                })
            }
            Api::Ollama => self.last_line(text),
        }
    }

    fn stream(&self, broken: Option<Break>) -> Encoded {
        let mut events: Vec<Value> = match self.prompt.api {
            Api::Anthropic => self.anthropic_opening(),
            Api::OpenAi => vec![self.chunk(&json!({"role": "assistant", "content": ""}), None)],
            Api::Ollama => Vec::new(),
        };
        events.extend(pieces(self.text).map(|piece| self.delta(&piece)));
        let mut ending = Ending::Whole;
        let mut garbage = None;
        match broken {
            None => events.extend(self.closing()),
            Some(Break::NoStopReason) => {}
            Some(Break::Abort) => ending = Ending::Abort,
            Some(Break::Silence) => ending = Ending::Silence,
            Some(Break::ErrorEvent) => events.push(self.error_event()),
            Some(Break::NotJson) => garbage = Some(self.framed("{\"type\": \"content_", None)),
        }
        let mut sent: Vec<String> = events.iter().map(|event| self.event(event)).collect();
        sent.extend(garbage);
        if self.prompt.api == Api::OpenAi && broken.is_none() {
            sent.push(self.framed("[DONE]", None));
        }
        let content_type = match self.prompt.api {
            Api::Ollama => "application/x-ndjson",
            _ => "text/event-stream; charset=utf-8",
        };
        Encoded { status: 200, retry_after: None, content_type, pieces: sent, ending }
    }

    fn event(&self, event: &Value) -> String {
        let name = event.get("type").and_then(Value::as_str);
        self.framed(&event.to_string(), name.filter(|_| self.prompt.api == Api::Anthropic))
    }

    fn framed(&self, data: &str, name: Option<&str>) -> String {
        match (self.prompt.api, name) {
            (Api::Ollama, _) => format!("{data}\n"),
            (_, Some(name)) => format!("event: {name}\ndata: {data}\n\n"),
            (_, None) => format!("data: {data}\n\n"),
        }
    }

    fn anthropic_opening(&self) -> Vec<Value> {
        // At the start hardly anything is written.
        let usage = self.usage_of(Tokens { output: 1, reasoning: 0, ..self.tokens });
        vec![
            json!({"type": "message_start", "message": {
                "id": "msg_fake", "type": "message", "role": "assistant", "model": self.prompt.model,
                "content": [], "stop_reason": null, "stop_sequence": null, "usage": usage,
            }}),
            json!({"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}}),
            json!({"type": "ping"}),
        ]
    }

    fn chunk(&self, delta: &Value, reason: Option<&str>) -> Value {
        let choice = json!({"index": 0, "delta": delta, "finish_reason": reason, "logprobs": null});
        self.chunk_of(&json!([choice]), &Value::Null)
    }

    fn chunk_of(&self, choices: &Value, usage: &Value) -> Value {
        json!({
            "id": "chatcmpl-fake", "object": "chat.completion.chunk", "created": 1_795_132_800,
            "model": self.prompt.model, "usage": usage, "choices": choices,
        })
    }

    fn delta(&self, piece: &str) -> Value {
        match self.prompt.api {
            Api::Anthropic => {
                json!({"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": piece}})
            }
            Api::OpenAi if self.refused() => self.chunk(&json!({"refusal": piece}), None),
            Api::OpenAi => self.chunk(&json!({"content": piece}), None),
            Api::Ollama => json!({
                "model": self.prompt.model, "created_at": "2026-11-20T00:00:00Z",
                "message": {"role": "assistant", "content": piece}, "done": false,
            }),
        }
    }

    fn closing(&self) -> Vec<Value> {
        match self.prompt.api {
            Api::Anthropic => vec![
                json!({"type": "content_block_stop", "index": 0}),
                json!({
                    "type": "message_delta", "usage": self.usage(),
                    "delta": {"stop_reason": self.reason(), "stop_sequence": null},
                }),
                json!({"type": "message_stop"}),
            ],
            Api::OpenAi => {
                let counts = self.chunk_of(&json!([]), &self.usage());
                vec![self.chunk(&json!({}), Some(self.reason())), counts]
            }
            Api::Ollama => vec![self.last_line("")],
        }
    }

    fn last_line(&self, text: &str) -> Value {
        let mut line = json!({
            "model": self.prompt.model, "created_at": "2026-11-20T00:00:00Z",
            "message": {"role": "assistant", "content": text}, "done": true, "done_reason": self.reason(),
            "total_duration": 5, "load_duration": 1, "prompt_eval_duration": 1, "eval_duration": 2,
        });
        if let (Some(line), Value::Object(usage)) = (line.as_object_mut(), self.usage()) {
            line.extend(usage);
        }
        line
    }

    fn error_event(&self) -> Value {
        match self.prompt.api {
            Api::Anthropic => {
                json!({"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}})
            }
            Api::OpenAi => {
                json!({"error": {"message": "Overloaded", "type": "overloaded_error", "code": null}})
            }
            Api::Ollama => json!({"error": "llama runner process has terminated"}),
        }
    }
}

/// The text in pieces of at most [`PIECE_CHARS`] characters.
fn pieces(text: &str) -> impl Iterator<Item = String> {
    let chars: Vec<char> = text.chars().collect();
    chars.chunks(PIECE_CHARS).map(|piece| piece.iter().collect()).collect::<Vec<String>>().into_iter()
}
