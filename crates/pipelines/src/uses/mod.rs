//! What a manifest may write under `uses` and `with`: one typed argument list per worker.
//!
//! This is the contract between a pipeline and the workers: the worker deserialises exactly what validation
//! checked, and whoever only validates (the gateway) needs no worker's code.

mod analyze;
mod crawl;
mod extract;

use schemars::{JsonSchema, Schema, schema_for};
use serde::{Deserialize, Serialize};

pub use analyze::{Ask, FindingsFrom, ModelTier, Report, Score, Scorer, Select, SourcesFrom};
pub use crawl::{CrawlPage, CrawlSite, People, Render, Scope};
pub use extract::{ExtractContent, ExtractEntities};

/// The arguments of one worker.
pub trait Arguments: JsonSchema + for<'de> Deserialize<'de> {
    /// The worker's name under `uses`; once shipped, never renamed.
    const USES: &'static str;
    /// Whether its jobs emit documents, so that others may name them in `for_each`.
    const EMITS_DOCUMENTS: bool = false;
    /// Whether a job of it reads one document, so that it must have a `for_each`.
    const TAKES_DOCUMENT: bool = false;
}

/// A file of the pipeline's folder, by its path inside it. Validation checks that it is there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("format" = "pipeline-file"))]
pub struct File(pub String);

/// A file of the pipeline's folder that must be the JSON Schema (draft 2020-12) of a section's answer: an object with a
/// list of `claims`, each with a `statement`, a `summary` of sentences, each with its `text`, or both.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("format" = "pipeline-answer"))]
pub struct SchemaFile(pub String);

/// A job before this one that makes findings, by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("format" = "pipeline-job", "x-uses" = ["analyze.ask", "analyze.score"]))]
pub struct FindingsJob(pub String);

/// A job of `analyze.score` before this one, by its id.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
#[schemars(extend("format" = "pipeline-job", "x-uses" = ["analyze.score"]))]
pub struct ScoreJob(pub String);

/// A worker as a manifest sees it.
#[derive(Debug, Clone)]
pub struct Declaration {
    pub uses: &'static str,
    /// JSON Schema of `with`.
    pub arguments: Schema,
    pub emits_documents: bool,
    pub takes_document: bool,
}

/// Every worker that a manifest may use.
#[must_use]
pub fn catalog() -> Vec<Declaration> {
    fn of<A: Arguments>() -> Declaration {
        Declaration {
            uses: A::USES,
            arguments: schema_for!(A),
            emits_documents: A::EMITS_DOCUMENTS,
            takes_document: A::TAKES_DOCUMENT,
        }
    }
    vec![
        of::<CrawlSite>(),
        of::<CrawlPage>(),
        of::<ExtractContent>(),
        of::<ExtractEntities>(),
        of::<Ask>(),
        of::<Score>(),
        of::<Report>(),
    ]
}
