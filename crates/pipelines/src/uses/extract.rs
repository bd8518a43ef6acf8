//! Arguments of `extract.content` and `extract.entities`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::crawl::People;
use super::{Arguments, File};

/// `extract.content`: what one document says; runs once per document (`for_each`).
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtractContent {
    /// The table of page kinds to judge with; without it the finder's guess stays.
    #[serde(default)]
    pub kinds: Option<File>,
}

impl Arguments for ExtractContent {
    const USES: &'static str = "extract.content";
    const TAKES_DOCUMENT: bool = true;
}

/// `extract.entities`: who and what the run's documents name.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct ExtractEntities {
    /// Titles, triggers, labels, precision per method.
    pub rules: File,
    /// Fingerprints of technologies.
    #[serde(default)]
    pub technologies: Option<File>,
    #[serde(default)]
    pub people: People,
}

impl Arguments for ExtractEntities {
    const USES: &'static str = "extract.entities";
}
