//! The report as a value. Its JSON is the JSON export, versioned by [`SCHEMA`]; what is absent is null, so that a
//! template may ask for it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use domain::{DocumentId, Entity, Evidence, Finding, FindingId, Level, MicroUsd, RunId, SubjectId, Tokens};
use serde::{Deserialize, Serialize};
use serde_json::Value;

/// Raised when a reader of the old shape would misread the new one.
pub const SCHEMA: &str = "assay.report/1";

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Report {
    pub schema: String,
    pub title: String,
    pub pipeline: PipelineRef,
    pub subject: SubjectRef,
    pub run: RunRef,
    /// The key facts, in the pipeline's order.
    pub facts: Vec<Fact>,
    /// What the rules computed besides the facts: stage, size class …
    #[serde(default)]
    pub scores: Value,
    /// In the pipeline's order.
    pub sections: Vec<Section>,
    pub entities: Vec<Entity>,
    /// What was read, by URL.
    pub sources: Vec<Source>,
    /// What was not, and why.
    pub not_seen: Vec<NotSeen>,
    pub pages: Pages,
    pub cost: Cost,
    /// Every quote with its number in the footnotes and the text around it.
    pub citations: Vec<Cited>,
    /// What a reader should know of how this came about: limits hit, warnings, signals respected.
    pub notes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PipelineRef {
    pub name: String,
    pub title: String,
    pub hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubjectRef {
    pub id: SubjectId,
    pub key: String,
    pub name: String,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RunRef {
    pub id: RunId,
    /// The number of this report among the subject's.
    pub version: u32,
    /// With every field resolved.
    pub input: Value,
    /// `extractive`, or the models that answered.
    pub method: String,
    pub started_at: DateTime<Utc>,
    pub published_at: DateTime<Utc>,
}

/// Whether a key fact is known, known to be missing, or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FactState {
    Found,
    /// The pages that would say so were read, and do not.
    Absent,
    NotLookedAt,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Fact {
    pub id: String,
    pub label: String,
    pub state: FactState,
    #[serde(default)]
    pub value: Option<String>,
    #[serde(default)]
    pub level: Option<Level>,
    /// The findings that carry it.
    #[serde(default)]
    pub findings: Vec<FindingId>,
    /// The page kinds that were read for it.
    #[serde(default)]
    pub looked_in: Vec<String>,
    /// Why nobody looked.
    #[serde(default)]
    pub reason: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SectionState {
    Done,
    Failed,
    Skipped,
}

/// What one job of the pipeline found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Section {
    /// The job's id in the manifest.
    pub id: String,
    pub title: String,
    pub state: SectionState,
    /// Why it was not analysed.
    #[serde(default)]
    pub reason: Option<String>,
    /// `extractive`, or the model's name.
    pub method: String,
    pub findings: Vec<Finding>,
    /// What the job says of itself: page kinds read, claims dropped, blocks not read.
    #[serde(default)]
    pub output: Value,
}

#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Source {
    pub id: DocumentId,
    pub url: Option<String>,
    pub title: Option<String>,
    pub kind: String,
    pub kind_confidence: f64,
    pub kind_reason: String,
    pub language: Option<String>,
    pub content_type: String,
    pub words: u32,
    pub fetched_at: DateTime<Utc>,
    #[serde(default)]
    pub injection_suspect: bool,
    #[serde(default)]
    pub warnings: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotSeen {
    pub url: String,
    /// The verdict, or `skipped`.
    pub verdict: String,
    #[serde(default)]
    pub reason: Option<String>,
}

/// How many addresses ended how.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pages {
    pub kept: u64,
    pub by_verdict: BTreeMap<String, u64>,
    pub by_kind: BTreeMap<String, u64>,
    /// The limits that kept a crawl from more: `max_pages`, `max_depth`, `time` …
    #[serde(default)]
    pub limits_hit: Vec<String>,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cost {
    pub settled_micro_usd: MicroUsd,
    pub calls: u64,
    pub tokens: Tokens,
    pub by_section: Vec<SectionCost>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SectionCost {
    pub section: String,
    pub model: String,
    pub calls: u64,
    pub tokens: Tokens,
    pub micro_usd: MicroUsd,
}

/// A quote with its footnote number.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Cited {
    /// From 1, in order of the sections.
    pub number: u32,
    #[serde(flatten)]
    pub evidence: Evidence,
    pub context: Context,
}

/// The stored text around a quote.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Context {
    pub before: String,
    pub after: String,
}

impl Report {
    /// The footnote numbers of a finding's quotes, or of the findings it cites; ascending, each once.
    #[must_use]
    pub fn numbers(&self, finding: &Finding) -> Vec<u32> {
        let mut numbers: Vec<u32> =
            finding.evidence.iter().filter_map(|evidence| self.number(evidence)).collect();
        for id in &finding.cites {
            let cited = self.finding(*id).map(|cited| &cited.evidence);
            numbers.extend(cited.into_iter().flatten().filter_map(|evidence| self.number(evidence)));
        }
        numbers.sort_unstable();
        numbers.dedup();
        numbers
    }

    fn number(&self, evidence: &Evidence) -> Option<u32> {
        self.citations
            .iter()
            .find(|cited| crate::notes::place(&cited.evidence) == crate::notes::place(evidence))
            .map(|cited| cited.number)
    }

    #[must_use]
    pub fn finding(&self, id: FindingId) -> Option<&Finding> {
        self.sections.iter().flat_map(|section| &section.findings).find(|finding| finding.id == id)
    }

    #[must_use]
    pub fn source(&self, id: DocumentId) -> Option<&Source> {
        self.sources.iter().find(|source| source.id == id)
    }

    /// Numbers every quote of the findings, in order; `context` gives the text around one.
    pub fn cite(&mut self, context: impl Fn(&Evidence) -> Context) {
        self.citations = crate::notes::number(&self.sections, context);
    }
}
