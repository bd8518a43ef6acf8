//! What was asked, whichever wire format it came in.

use serde_json::Value;

use super::blocks::{Block, blocks};

/// A wire format.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Api {
    Anthropic,
    OpenAi,
    Ollama,
}

impl Api {
    pub const ALL: [Self; 3] = [Self::Anthropic, Self::OpenAi, Self::Ollama];
}

/// One message of the conversation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn {
    /// `user` or `assistant`.
    pub role: String,
    pub text: String,
}

/// A request in the words all formats share.
#[derive(Debug, Clone, PartialEq)]
pub struct Prompt {
    pub api: Api,
    pub model: String,
    pub system: String,
    pub turns: Vec<Turn>,
    /// The schema that is to be enforced, or the one written into the system text.
    pub schema: Option<Value>,
    pub max_tokens: u64,
    pub stream: bool,
    /// What it is counted as.
    pub tokens: u64,
}

impl Prompt {
    /// Reads a body; none if it is no request of this format.
    pub(super) fn read(api: Api, body: &Value) -> Option<Self> {
        let model = body.get("model")?.as_str()?.to_owned();
        let mut system = body.get("system").map(text_of).unwrap_or_default();
        let mut turns = Vec::new();
        for message in body.get("messages")?.as_array()? {
            let (role, text) = (message.get("role")?.as_str()?, text_of(message.get("content")?));
            match role {
                "system" | "developer" => system = text,
                "user" | "assistant" => turns.push(Turn { role: role.to_owned(), text }),
                _ => return None,
            }
        }
        let at = |pointer: &str| body.pointer(pointer);
        let enforced = match api {
            Api::Anthropic => at("/output_config/format/schema"),
            Api::OpenAi => at("/response_format/json_schema/schema"),
            Api::Ollama => at("/format").filter(|format| format.is_object()),
        };
        let limit = match api {
            Api::Anthropic => at("/max_tokens"),
            Api::OpenAi => at("/max_completion_tokens").or_else(|| at("/max_tokens")),
            Api::Ollama => at("/options/num_predict"),
        };
        let default_stream = api == Api::Ollama;
        let tokens = std::iter::once(&system)
            .chain(turns.iter().map(|turn| &turn.text))
            .map(|text| count(text) + 4)
            .sum();
        Some(Self {
            api,
            model,
            schema: enforced.cloned().or_else(|| written(&system)),
            system,
            turns,
            max_tokens: limit.and_then(Value::as_u64).unwrap_or(u64::MAX),
            stream: body.get("stream").and_then(Value::as_bool).unwrap_or(default_stream),
            tokens,
        })
    }

    /// Everything the user side said.
    #[must_use]
    pub fn user(&self) -> String {
        let texts = self.turns.iter().filter(|turn| turn.role == "user").map(|turn| turn.text.as_str());
        texts.collect::<Vec<_>>().join("\n\n")
    }

    /// The `<source id="S1" …>` blocks.
    #[must_use]
    pub fn sources(&self) -> Vec<Block> {
        blocks(&self.user(), "source")
    }

    /// The `<entity id="E1" …>` blocks.
    #[must_use]
    pub fn entities(&self) -> Vec<Block> {
        blocks(&self.user(), "entity")
    }

    /// The `<finding id="F1" …>` blocks.
    #[must_use]
    pub fn findings(&self) -> Vec<Block> {
        blocks(&self.user(), "finding")
    }
}

/// Tokens as the real APIs count text of this kind.
pub(super) fn count(text: &str) -> u64 {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len() as u64
}

/// A string, or the texts of content parts.
fn text_of(content: &Value) -> String {
    match content {
        Value::String(text) => text.clone(),
        Value::Array(parts) => {
            let texts = parts.iter().filter_map(|part| part.get("text")?.as_str());
            texts.collect::<Vec<_>>().join("\n")
        }
        _ => String::new(),
    }
}

/// A schema that stands in the instructions because no decoder can enforce it.
fn written(system: &str) -> Option<Value> {
    let (_, text) = system.rsplit_once("JSON Schema:")?;
    serde_json::Deserializer::from_str(text).into_iter().next()?.ok()
}
