//! A job: one unit of a run's work, waiting on one stage's queue.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{DocumentId, JobId, Problem, RunId, Stage, SubjectId, TenantId};

/// `waiting → ready → running → done | failed | cancelled | skipped`; a retry or a yield goes back to `ready`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum JobState {
    /// Some job it needs has not ended.
    Waiting,
    /// Is announced from `due_at` on; whoever is rung may claim it.
    Ready,
    /// Held by a worker until its lease ends.
    Running,
    Done,
    Failed,
    Cancelled,
    Skipped,
}

impl JobState {
    pub const ALL: [Self; 7] =
        [Self::Waiting, Self::Ready, Self::Running, Self::Done, Self::Failed, Self::Cancelled, Self::Skipped];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Ready => "ready",
            Self::Running => "running",
            Self::Done => "done",
            Self::Failed => "failed",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }

    #[must_use]
    pub const fn is_terminal(self) -> bool {
        matches!(self, Self::Done | Self::Failed | Self::Cancelled | Self::Skipped)
    }
}

/// Why nothing moves although nothing is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum BlockedOn {
    Admission,
    Budget,
    Provider,
    Host,
}

impl BlockedOn {
    pub const ALL: [Self; 4] = [Self::Admission, Self::Budget, Self::Provider, Self::Host];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Admission => "admission",
            Self::Budget => "budget",
            Self::Provider => "provider",
            Self::Host => "host",
        }
    }
}

/// What a write must show to be accepted: the job and the attempt that was claimed. An older attempt is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Fence {
    pub job: JobId,
    pub attempt: i32,
}

/// A job as a worker gets it: claimed, fenced, with its place in the graph.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Job {
    pub id: JobId,
    pub run: RunId,
    pub tenant: TenantId,
    pub subject: SubjectId,
    /// The job's id in the manifest: `site`, `page`, `business_model`.
    pub node: String,
    /// The worker's name: `crawl.site`.
    pub uses: String,
    pub stage: Stage,
    pub state: JobState,
    /// Raised by every claim; the fence.
    pub attempt: i32,
    /// How many attempts ended in an error that counts (yields and blocks do not).
    pub failures: i32,
    /// The document it is for, when its node is a `for_each`.
    pub document: Option<DocumentId>,
    /// What the worker saved when it last yielded.
    pub checkpoint: Option<Value>,
    pub output: Option<Value>,
    pub problem: Option<Problem>,
    pub blocked_on: Option<BlockedOn>,
    pub due_at: DateTime<Utc>,
    pub created_at: DateTime<Utc>,
    pub started_at: Option<DateTime<Utc>>,
    pub ended_at: Option<DateTime<Utc>>,
}

impl Job {
    #[must_use]
    pub const fn fence(&self) -> Fence {
        Fence { job: self.id, attempt: self.attempt }
    }
}
