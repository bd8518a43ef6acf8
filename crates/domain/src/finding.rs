//! Findings: typed statements, each with the evidence that carries it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{DocumentId, FindingId, Layer};

/// What sort of statement it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FindingKind {
    /// A source says so.
    Fact,
    /// It follows from what sources say; `because` tells how.
    Inference,
    /// Sources disagree.
    Conflict,
    /// Looked for and not found; `looked_in` tells where.
    Gap,
    /// A sentence of a summary; its `cites` are findings.
    Summary,
    /// Something a rule raised; `severity` tells how much it matters.
    Flag,
}

impl FindingKind {
    pub const ALL: [Self; 6] =
        [Self::Fact, Self::Inference, Self::Conflict, Self::Gap, Self::Summary, Self::Flag];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Fact => "fact",
            Self::Inference => "inference",
            Self::Conflict => "conflict",
            Self::Gap => "gap",
            Self::Summary => "summary",
            Self::Flag => "flag",
        }
    }
}

/// What code found when it looked a quote up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum QuoteVerdict {
    /// Stands in the document word for word, after Unicode and white-space normalisation.
    Verified,
    /// Stands there with small differences; shown as such.
    Loose,
    /// Does not stand there.
    Unsupported,
}

impl QuoteVerdict {
    pub const ALL: [Self; 3] = [Self::Verified, Self::Loose, Self::Unsupported];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Verified => "verified",
            Self::Loose => "loose",
            Self::Unsupported => "unsupported",
        }
    }
}

/// How much a reader may lean on a finding; computed, never asked of a model.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Level {
    Low,
    Medium,
    High,
}

impl Level {
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Low => "low",
            Self::Medium => "medium",
            Self::High => "high",
        }
    }
}

/// A quote, where it stands, and what checking it found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Evidence {
    pub document: DocumentId,
    pub layer: Layer,
    /// Byte range in the layer. For `verified` and `loose`, `quote` is exactly what stands there.
    pub start: u64,
    pub end: u64,
    pub quote: String,
    pub verdict: QuoteVerdict,
    /// How it was found: `jsonld`, `card`, `pattern`, `model`, `extractive` …
    pub method: String,
    /// Of a paged source: from 1.
    #[serde(default)]
    pub page: Option<u32>,
}

/// One typed statement of an analysis. What is absent is written as null or empty, so that templates can ask for it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub id: FindingId,
    /// The manifest id of the job that made it: `overview`, `red_flags`.
    pub section: String,
    /// Its place in the section, from 0.
    pub ordinal: u32,
    pub topic: String,
    pub kind: FindingKind,
    pub statement: String,
    /// The statement's value in typed form: `{"type": "money", "amount": "49", "currency": "GBP"}`.
    #[serde(default)]
    pub value: Option<Value>,
    /// Of an inference: the reasoning. Of a flag: why it matters.
    #[serde(default)]
    pub because: Option<String>,
    #[serde(default)]
    pub severity: Option<String>,
    /// 0–1, from the evidence.
    pub confidence: f64,
    pub level: Level,
    /// Of a gap or flag: the page kinds that were read.
    #[serde(default)]
    pub looked_in: Vec<String>,
    /// Of a summary or an inference over findings: what it stands on.
    #[serde(default)]
    pub cites: Vec<FindingId>,
    /// `self_claim`, `extractive` …
    #[serde(default)]
    pub tags: Vec<String>,
    pub evidence: Vec<Evidence>,
}
