//! A stored report and the template it was made for.

use pipelines::Snapshot;
use serde_json::Value;

use crate::Report;

/// A report that was published and cannot be shown.
#[derive(Debug, thiserror::Error)]
pub enum Unreadable {
    #[error("the stored report cannot be read: {0}")]
    Body(#[from] serde_json::Error),
    #[error("the pipeline of the run has no report template")]
    NoTemplate,
}

/// Reads what was published as this version by a run of this pipeline.
///
/// # Errors
/// If no version of Assay wrote the body, or the pipeline makes no report.
pub fn published(body: Value, version: u32, pipeline: &Snapshot) -> Result<(Report, &str), Unreadable> {
    let mut report: Report = serde_json::from_value(body)?;
    // Publishing decides the number; the body was written before.
    report.run.version = version;
    let template = pipeline
        .nodes
        .iter()
        .find(|node| node.uses == "analyze.report")
        .and_then(|node| node.with.get("template")?.as_str())
        .and_then(|path| pipeline.files.get(path))
        .ok_or(Unreadable::NoTemplate)?;
    Ok((report, template))
}
