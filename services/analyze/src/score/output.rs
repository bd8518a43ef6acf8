//! What `analyze.score` says: its output, as later jobs, the report and programs read it. Fields are added, never
//! renamed.
//!
//! ```json
//! { "facts":      [ { "id": "founded", "label": "Founded", "state": "found", "value": "2014", "level": "high",
//!                     "confidence": 0.98, "findings": ["fnd_…"], "looked_in": ["about", "legal"] },
//!                   { "id": "board", "label": "Board", "state": "not_looked_at", "reason": "team: blocked (robots)", … } ],
//!   "coverage":   { "found": 17, "absent": 5, "not_looked_at": 2, "total": 24, "share": 0.708 },
//!   "stage":      { "value": "early", "label": "Early", "confidence": 0.8, "level": "medium",
//!                   "basis": [ { "signal": "round", "says": "Series A, 2024", "points_to": "early", "finding": null } ],
//!                   "missing": ["headcount"], "finding": "fnd_…" },
//!   "size_class": { "value": "small", "label": "Small", "headcount": 34, "finding": "fnd_…" },
//!   "flags":      [ { "id": "conflict_founded", "topic": "inconsistency", "severity": "medium", "finding": "fnd_…" } ],
//!   "metrics":    { "headcount": 34, "open_roles": 3, … },
//!   "notes":      [] }
//! ```

use std::collections::BTreeMap;

use domain::{FindingId, Level};
use serde::Serialize;

/// The whole output.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Scored {
    /// Every key fact, in the order of the rules.
    pub facts: Vec<Fact>,
    pub coverage: Coverage,
    pub stage: Stage,
    pub size_class: SizeClass,
    /// Raised, most severe first.
    pub flags: Vec<Flag>,
    /// Numbers that versions are compared by; what is not known is left out.
    pub metrics: BTreeMap<String, u64>,
    /// What a reader should know besides.
    pub notes: Vec<String>,
}

/// Whether a key fact is known, known to be missing, or unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Found,
    /// Pages that would say so were read, and none does.
    Absent,
    /// No page that would say so was read.
    NotLookedAt,
}

/// One key fact.
#[derive(Debug, Clone, Serialize)]
pub struct Fact {
    pub id: String,
    pub label: String,
    pub state: State,
    /// As a reader writes it; several values of one fact are joined by `; `.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confidence: Option<f64>,
    /// The findings that carry it, the first one first.
    pub findings: Vec<FindingId>,
    /// Kinds of pages that were read for it, of those it is expected on.
    pub looked_in: Vec<String>,
    /// Of `not_looked_at`: why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
}

/// How many of the key facts are known.
#[derive(Debug, Clone, Copy, Default, Serialize)]
pub struct Coverage {
    pub found: u32,
    pub absent: u32,
    pub not_looked_at: u32,
    pub total: u32,
    /// `found / total`, 0–1.
    pub share: f64,
}

/// How far the company has come.
#[derive(Debug, Clone, Default, Serialize)]
pub struct Stage {
    /// `unknown` when too few signals are known.
    pub value: String,
    pub label: String,
    pub confidence: f64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    pub basis: Vec<Basis>,
    /// Signals that are not known.
    pub missing: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingId>,
}

/// One signal and what it points to.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Basis {
    /// `explicit`, `round`, `headcount`, `age`, `footprint`.
    pub signal: String,
    /// In words: `Series A, 2024`, `34 people`, `11 years`.
    pub says: String,
    pub points_to: String,
}

/// Staff bands of the EU recommendation 2003/361/EC.
#[derive(Debug, Clone, Default, Serialize)]
pub struct SizeClass {
    /// `micro`, `small`, `medium`, `large`, `unknown`.
    pub value: String,
    pub label: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub headcount: Option<u64>,
    /// When the number was true, as stated.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub finding: Option<FindingId>,
}

/// A flag that was raised; the finding says it in words, with its evidence or where was looked.
#[derive(Debug, Clone, Serialize)]
pub struct Flag {
    /// The rule: `identifier_invalid`.
    pub id: String,
    pub topic: String,
    /// `high`, `medium`, `low`, `info`.
    pub severity: String,
    pub finding: FindingId,
}
