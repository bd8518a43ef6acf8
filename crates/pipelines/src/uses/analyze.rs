//! Arguments of `analyze.ask`, `analyze.score` and `analyze.report`.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Arguments, File, FindingsJob, SchemaFile, ScoreJob};

/// Which class of model; the settings say which model that is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ModelTier {
    Fast,
    #[default]
    Standard,
    Deep,
}

/// Whose documents are read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum SourcesFrom {
    #[default]
    Run,
    Subject,
}

/// Which earlier findings are shown: all of the run, or those of the named jobs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum FindingsFrom {
    All(bool),
    Of(Vec<FindingsJob>),
}

impl Default for FindingsFrom {
    fn default() -> Self {
        Self::All(false)
    }
}

/// Which documents and findings a worker sees.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Select {
    /// Page kinds; `*` is every kind; empty = no documents.
    #[serde(default)]
    pub kinds: Vec<String>,
    /// The most that may be shown, in tokens.
    #[schemars(range(min = 200, max = 200_000))]
    pub tokens: u32,
    #[serde(default)]
    pub from: SourcesFrom,
    #[serde(default)]
    pub findings: FindingsFrom,
}

/// `analyze.ask`: one section of an analysis, answered by a model, or extractively without one.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ask {
    /// The section's heading in the report.
    pub title: String,
    pub prompt: File,
    /// The shape of the answer; its `x-extractive` hints serve when no model does.
    pub schema: SchemaFile,
    #[serde(default)]
    pub model: ModelTier,
    pub select: Select,
    /// The longest answer.
    #[serde(default = "Ask::default_max_output_tokens")]
    #[schemars(range(min = 100, max = 16_000))]
    pub max_output_tokens: u32,
    /// Multiplies `select.tokens`.
    #[serde(default = "Ask::default_token_scale")]
    #[schemars(range(min = 0.25, max = 2.0))]
    pub token_scale: f64,
    /// Show claims whose quotes failed, marked, instead of dropping them.
    #[serde(default)]
    pub keep_unsupported: bool,
    /// Questions of the user, answered as topics `question_1` …
    #[serde(default)]
    pub questions: Vec<String>,
}

impl Ask {
    const fn default_max_output_tokens() -> u32 {
        1500
    }
    const fn default_token_scale() -> f64 {
        1.0
    }
}

impl Arguments for Ask {
    const USES: &'static str = "analyze.ask";
}

/// Which named set of rules reads the file.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Scorer {
    #[default]
    Checks,
}

/// `analyze.score`: what rules and numbers say, without a model.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Score {
    #[serde(default)]
    pub scorer: Scorer,
    pub rules: File,
}

impl Arguments for Score {
    const USES: &'static str = "analyze.score";
}

/// `analyze.report`: publish the run's findings as the subject's next version.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Markdown with expressions (minijinja) over the run's findings, entities, facts and sources.
    #[schemars(extend("format" = "pipeline-template"))]
    pub template: File,
    /// The report's title; the subject's name if absent.
    #[serde(default)]
    pub title: Option<String>,
    /// The analyze.score job whose facts head the report.
    #[serde(default)]
    pub facts: Option<ScoreJob>,
}

impl Arguments for Report {
    const USES: &'static str = "analyze.report";
}
