//! The four stages of work. Their spelling is decided here and nowhere else.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// A stage: one queue, one service, one label.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Stage {
    Crawl,
    Extract,
    Analyze,
    Deliver,
}

impl Stage {
    pub const ALL: [Self; 4] = [Self::Crawl, Self::Extract, Self::Analyze, Self::Deliver];

    /// The only spelling: queue, folder, process, metric label, settings section.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Crawl => "crawl",
            Self::Extract => "extract",
            Self::Analyze => "analyze",
            Self::Deliver => "deliver",
        }
    }

    /// The stage of a worker by its name: `crawl.site` → `crawl`.
    #[must_use]
    pub fn of_worker(name: &str) -> Option<Self> {
        let (stage, rest) = name.split_once('.')?;
        if rest.is_empty() { None } else { stage.parse().ok() }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no stage.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no stage: expected crawl, extract, analyze or deliver")]
pub struct UnknownStage(pub String);

impl FromStr for Stage {
    type Err = UnknownStage;

    fn from_str(s: &str) -> Result<Self, Self::Err> {
        Self::ALL.into_iter().find(|stage| stage.as_str() == s).ok_or_else(|| UnknownStage(s.to_owned()))
    }
}
