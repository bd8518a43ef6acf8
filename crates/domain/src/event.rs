//! Events: the numbered log of a run that streams, webhooks and the audit trail all read.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{JobId, RunId};

/// Something to be logged; it gets its number in the transaction that makes it true.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct NewEvent {
    /// `noun.verb`: `page.kept`, `job.done`, `run.failed`.
    pub kind: String,
    pub data: Value,
}

impl NewEvent {
    #[must_use]
    pub fn new(kind: impl Into<String>, data: Value) -> Self {
        Self { kind: kind.into(), data }
    }
}

/// One row of a run's log. Numbers start at 1 and have no gaps.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Event {
    pub run: RunId,
    pub seq: i64,
    pub job: Option<JobId>,
    #[serde(rename = "type")]
    pub kind: String,
    pub at: DateTime<Utc>,
    pub data: Value,
}
