//! A finding before its place and its weight are known.

use domain::{Evidence, Finding, FindingId, FindingKind};
use serde_json::{Value, json};

use crate::confidence::Weigher;

/// What a section has to say, whoever found it.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) id: FindingId,
    pub(crate) topic: String,
    pub(crate) kind: FindingKind,
    pub(crate) statement: String,
    pub(crate) value: Option<Value>,
    pub(crate) because: Option<String>,
    pub(crate) severity: Option<String>,
    pub(crate) looked_in: Vec<String>,
    pub(crate) cites: Vec<FindingId>,
    pub(crate) tags: Vec<String>,
    pub(crate) evidence: Vec<Evidence>,
}

impl Draft {
    pub(crate) fn new(topic: impl Into<String>, kind: FindingKind, statement: impl Into<String>) -> Self {
        Self {
            id: FindingId::new(),
            topic: topic.into(),
            kind,
            statement: statement.into(),
            value: None,
            because: None,
            severity: None,
            looked_in: Vec::new(),
            cites: Vec::new(),
            tags: Vec::new(),
            evidence: Vec::new(),
        }
    }

    pub(crate) fn with_evidence(mut self, evidence: Vec<Evidence>) -> Self {
        self.evidence = evidence;
        self
    }

    pub(crate) fn tagged(mut self, tag: &str) -> Self {
        if !self.tags.iter().any(|known| known == tag) {
            self.tags.push(tag.to_owned());
        }
        self
    }

    pub(crate) fn has_tag(&self, tag: &str) -> bool {
        self.tags.iter().any(|known| known == tag)
    }
}

/// Gives every draft its place in the section and its weight. What a summary stands on must come before it.
pub(crate) fn findings(
    section: &str,
    drafts: Vec<Draft>,
    earlier: &[Finding],
    weigher: &Weigher<'_>,
) -> Vec<Finding> {
    let mut made: Vec<Finding> = Vec::with_capacity(drafts.len());
    for (ordinal, draft) in drafts.into_iter().enumerate() {
        let cited: Vec<&Finding> = draft
            .cites
            .iter()
            .filter_map(|id| made.iter().chain(earlier).find(|finding| finding.id == *id))
            .collect();
        let (confidence, level) = weigher.of(&draft, &cited);
        made.push(Finding {
            id: draft.id,
            section: section.to_owned(),
            ordinal: u32::try_from(ordinal).unwrap_or(u32::MAX),
            topic: draft.topic,
            kind: draft.kind,
            statement: draft.statement,
            value: draft.value,
            because: draft.because,
            severity: draft.severity,
            confidence,
            level,
            looked_in: draft.looked_in,
            cites: draft.cites,
            tags: draft.tags,
            evidence: draft.evidence,
        });
    }
    made
}

/// What sort of value a statement has, as schemas and hints name it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub(crate) enum ValueType {
    Number,
    Date,
    Money,
    Text,
}

impl ValueType {
    /// The value in typed form: `{"type": "money", "amount": "49", "currency": "GBP"}`.
    pub(crate) fn of(self, value: &str, unit: Option<&str>) -> Value {
        let unit = unit.filter(|unit| !unit.is_empty());
        let mut typed = match self {
            Self::Number => json!({"type": "number", "number": value}),
            Self::Date => json!({"type": "date", "date": value}),
            Self::Money => json!({"type": "money", "amount": value}),
            Self::Text => json!({"type": "text", "text": value}),
        };
        if let (Some(object), Some(unit)) = (typed.as_object_mut(), unit) {
            let name = if self == Self::Money { "currency" } else { "unit" };
            object.insert(name.to_owned(), Value::from(unit));
        }
        typed
    }
}
