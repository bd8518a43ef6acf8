//! What a model answers, in the shape that every section's schema asks for.

use serde::{Deserialize, Serialize};

use crate::draft::ValueType;

/// The whole answer. A section may ask for claims, for a summary, or for both.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub(crate) struct Answer {
    #[serde(default)]
    pub(crate) claims: Vec<Claim>,
    #[serde(default)]
    pub(crate) summary: Vec<Sentence>,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Claim {
    /// What sentences of the summary name it by; a schema without ids gets them by place.
    #[serde(default)]
    pub(crate) id: String,
    #[serde(default = "Claim::no_topic")]
    pub(crate) topic: String,
    pub(crate) statement: String,
    #[serde(default)]
    pub(crate) kind: ClaimKind,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) value: Option<Value>,
    #[serde(default)]
    pub(crate) evidence: Vec<Citation>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) because: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) looked_in: Option<Vec<String>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) severity: Option<String>,
}

impl Answer {
    /// Reads an answer that fits the section's schema; fails when that schema asks for something else than claims and
    /// summary.
    pub(crate) fn read(value: serde_json::Value) -> Result<Self, serde_json::Error> {
        let mut answer: Self = serde_json::from_value(value)?;
        for (number, claim) in answer.claims.iter_mut().enumerate().filter(|(_, claim)| claim.id.is_empty()) {
            claim.id = format!("c{}", number + 1);
        }
        Ok(answer)
    }
}

impl Claim {
    fn no_topic() -> String {
        "claims".to_owned()
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ClaimKind {
    #[default]
    Fact,
    Inference,
    Conflict,
    Gap,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Value {
    #[serde(rename = "type")]
    pub(crate) kind: ValueName,
    pub(crate) value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) unit: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ValueName {
    Number,
    Date,
    Money,
    Text,
}

impl From<ValueName> for ValueType {
    fn from(name: ValueName) -> Self {
        match name {
            ValueName::Number => Self::Number,
            ValueName::Date => Self::Date,
            ValueName::Money => Self::Money,
            ValueName::Text => Self::Text,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Citation {
    pub(crate) source: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) quote: Option<String>,
}

/// A sentence of the summary. `topic` is its paragraph, where a section has paragraphs.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub(crate) struct Sentence {
    pub(crate) text: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) topic: Option<String>,
    #[serde(default)]
    pub(crate) claims: Vec<String>,
}
