//! What the desk and the adapters of the providers agree on.

use std::fmt;
use std::str::FromStr;

use async_trait::async_trait;
use domain::Tokens;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use tokio_util::sync::CancellationToken;

use crate::Error;
use crate::estimate::Estimate;
use crate::schema::Lowered;

/// Whose wire format is spoken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    Anthropic,
    OpenAi,
    Ollama,
}

impl Kind {
    /// In the order in which a configured one is chosen.
    pub const ALL: [Self; 3] = [Self::Anthropic, Self::OpenAi, Self::Ollama];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Anthropic => "anthropic",
            Self::OpenAi => "openai",
            Self::Ollama => "ollama",
        }
    }
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A name that is no provider.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no provider: write anthropic, openai, ollama or extractive")]
pub struct UnknownProvider(String);

impl FromStr for Kind {
    type Err = UnknownProvider;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == s).ok_or_else(|| UnknownProvider(s.to_owned()))
    }
}

impl Serialize for Kind {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.as_str())
    }
}

impl<'de> Deserialize<'de> for Kind {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Who answers: a model, or nobody and the sources speak for themselves.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Choice {
    Model(Kind),
    /// No model: sentences are selected from the sources by the hints in the schema.
    Extractive,
}

impl Choice {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Model(kind) => kind.as_str(),
            Self::Extractive => "extractive",
        }
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Choice {
    type Err = UnknownProvider;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        if s == Self::Extractive.as_str() { Ok(Self::Extractive) } else { s.parse().map(Self::Model) }
    }
}

/// Who speaks in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Role {
    User,
    Assistant,
}

impl Role {
    pub(crate) const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Assistant => "assistant",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Turn {
    pub(crate) role: Role,
    pub(crate) text: String,
}

/// One call as an adapter gets it.
#[derive(Debug, Clone)]
pub(crate) struct Prompt {
    pub(crate) model: String,
    pub(crate) system: String,
    pub(crate) turns: Vec<Turn>,
    /// Already lowered by the same adapter.
    pub(crate) schema: Option<Lowered>,
    /// The longest visible answer.
    pub(crate) max_output_tokens: u32,
    pub(crate) estimate: Estimate,
}

impl Prompt {
    /// The system text, with the schema when the provider cannot enforce it.
    pub(crate) fn instructions(&self) -> String {
        match &self.schema {
            Some(Lowered::InPrompt(schema)) => format!(
                "{}\n\nAnswer with one JSON value and nothing else. It must fit this JSON Schema:\n{schema}",
                self.system
            )
            .trim_start()
            .to_owned(),
            _ => self.system.clone(),
        }
    }

    /// The schema that the provider enforces while it writes.
    pub(crate) fn enforced(&self) -> Option<&Value> {
        match &self.schema {
            Some(Lowered::Enforced(schema)) => Some(schema),
            _ => None,
        }
    }

    /// The turns after the system text, where that is a message like the others.
    pub(crate) fn messages_after_system(&self) -> impl Iterator<Item = Value> + '_ {
        let system = Some(self.instructions()).filter(|system| !system.is_empty());
        system
            .map(|text| serde_json::json!({"role": "system", "content": text}))
            .into_iter()
            .chain(self.messages())
    }

    /// The turns in the shape all three formats share.
    pub(crate) fn messages(&self) -> impl Iterator<Item = Value> + '_ {
        self.turns.iter().map(|turn| serde_json::json!({"role": turn.role.as_str(), "content": turn.text}))
    }
}

/// A whole answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Completion {
    pub(crate) text: String,
    pub(crate) tokens: Tokens,
}

/// No answer, and what it cost all the same.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) error: Error,
    /// None: nothing was read or written by the model, so nothing is paid.
    pub(crate) spent: Option<Tokens>,
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self { error, spent: None }
    }
}

/// One provider's wire format.
#[async_trait]
pub(crate) trait Provider: fmt::Debug + Send + Sync {
    fn kind(&self) -> Kind;

    /// What of `schema` this provider can enforce.
    fn lower(&self, schema: &Value) -> Lowered;

    /// The most tokens an answer of `visible` tokens is billed as: some models think before they write.
    fn output_bound(&self, model: &str, visible: u32) -> u32;

    /// Asks and waits for the whole answer. Retries nothing.
    async fn complete(&self, prompt: &Prompt, cancel: &CancellationToken) -> Result<Completion, Failure>;

    /// The models this key may use; costs nothing.
    async fn models(&self, cancel: &CancellationToken) -> Result<Vec<String>, Error>;
}

/// Prompts that the request snapshots of all adapters are made from.
#[cfg(test)]
pub(crate) mod samples {
    use serde_json::json;

    use super::{Estimate, Prompt, Provider, Role, Turn};

    pub(crate) fn plain(model: &str) -> Prompt {
        Prompt {
            model: model.to_owned(),
            system: "You analyse companies.".to_owned(),
            turns: vec![Turn { role: Role::User, text: "<source id=\"S1\">Robots.</source>".to_owned() }],
            schema: None,
            max_output_tokens: 500,
            estimate: Estimate { likely: 40, bound: 200 },
        }
    }

    pub(crate) fn with_schema(model: &str, adapter: &dyn Provider) -> Prompt {
        let schema = json!({
            "type": "object", "required": ["text"],
            "properties": {"text": {"type": "string", "maxLength": 240}, "because": {"type": "string"}}
        });
        Prompt { schema: Some(adapter.lower(&schema)), ..plain(model) }
    }

    pub(crate) fn repair(model: &str) -> Prompt {
        let mut prompt = plain(model);
        prompt.turns.push(Turn { role: Role::Assistant, text: "Robots, I think".to_owned() });
        prompt.turns.push(Turn { role: Role::User, text: "That is no JSON.".to_owned() });
        prompt
    }

    pub(crate) fn recursive(model: &str, adapter: &dyn Provider) -> Prompt {
        let schema = json!({"type": "object", "properties": {"of": {"$ref": "#"}}, "required": ["of"]});
        Prompt { schema: Some(adapter.lower(&schema)), ..plain(model) }
    }
}
