//! The frontier: every address a run knows of, and what became of it. Rows, not memory: a crawl goes on from them.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{DocumentId, Verdict};

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum FrontierState {
    /// To be fetched, from `due_at` on.
    Waiting,
    /// Fetched, with a verdict.
    Done,
    /// Not fetched and not going to be; `reason` says why (`trap`, `scope`, `limit`, `duplicate`).
    Skipped,
}

impl FrontierState {
    pub const ALL: [Self; 3] = [Self::Waiting, Self::Done, Self::Skipped];

    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Done => "done",
            Self::Skipped => "skipped",
        }
    }
}

/// One address of a run's frontier; unique by `(run, url_key)`.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Candidate {
    /// The normal form that makes two spellings one.
    pub url_key: String,
    /// The address as it will be requested.
    pub url: String,
    pub host: String,
    pub kind_guess: String,
    /// Greater first.
    pub priority: f64,
    pub depth: u32,
    /// `seed`, `link`, `sitemap`, `feed`, `llms_txt`, `canonical`, `next`.
    pub via: String,
    pub discovered_from: Option<String>,
    pub state: FrontierState,
    pub verdict: Option<Verdict>,
    /// Finer than the verdict: `robots`, `http_403`, `timeout`, `needs_js`, `trap`, `duplicate_of:<url>`.
    pub reason: Option<String>,
    pub status: Option<u16>,
    pub document: Option<DocumentId>,
    pub due_at: DateTime<Utc>,
    /// Fetches that ended in something worth another try.
    pub attempts: u32,
    /// What the crawl wants to remember of it: anchor text, simhash, aliases.
    pub notes: Value,
}
