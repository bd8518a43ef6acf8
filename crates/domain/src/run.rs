//! A run: one execution of a pipeline on a subject with an input.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{BlockedOn, MicroUsd, Problem, RunId, SubjectId, TenantId};

/// `queued → running → done | failed | cancelled`, `running ⇄ paused`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RunState {
    Queued,
    Running,
    Paused,
    Done,
    Failed,
    Cancelled,
}

impl RunState {
    pub const ALL: [Self; 6] =
        [Self::Queued, Self::Running, Self::Paused, Self::Done, Self::Failed, Self::Cancelled];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Running => "running",
            Self::Paused => "paused",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
        }
    }

    /// Whether nothing can change it any more.
    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled)
    }
}

/// A run as stored. Its graph (the manifest's snapshot) is read apart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Run {
    pub id: RunId,
    pub tenant: TenantId,
    pub subject: SubjectId,
    pub pipeline: String,
    /// The content hash of the manifest and every file it names.
    pub pipeline_hash: String,
    /// The input after presets: every field resolved.
    pub input: Value,
    /// How the run was asked for: model tier, whether a model may be used at all.
    pub options: RunOptions,
    pub state: RunState,
    /// Why nothing moves, and until when, if a time is known.
    pub blocked_on: Option<BlockedOn>,
    pub blocked_until: Option<DateTime<Utc>>,
    pub problem: Option<Problem>,
    /// The number of the subject's report that this run published.
    pub version: Option<u32>,
    /// What the run may spend; none = no cap.
    pub budget: Option<MicroUsd>,
    pub reserved: MicroUsd,
    pub settled: MicroUsd,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

/// Which models a run may use.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum ModelTier {
    /// As the manifest says; extractive when no provider is configured.
    #[default]
    Auto,
    /// `deep` and `standard` jobs run on `fast`.
    Fast,
    /// As the manifest says, and refused when no provider is configured.
    Deep,
    /// No model: the extractive way everywhere.
    None,
}

/// The choices of `POST /v1/runs {options}` and of the command line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RunOptions {
    pub model_tier: ModelTier,
    pub priority: i16,
}
