//! Workers of the analyze stage: sections of an analysis, rules and scores, the report.
//!
//! For the process that runs them ([`workers`]). Not for prompts, hints or rules themselves: those are data in the
//! pipelines' folders. What a section may say is decided in `ask::check`, what it weighs in `confidence`.
//! Read first: [`workers`], then `ask` (a model, checked), `extractive` (no model), `score` (rules).

mod affirmed;
mod ask;
mod attributes;
#[cfg(test)]
mod builtin;
mod confidence;
mod defaults;
mod draft;
mod extractive;
mod hints;
mod known;
mod names;
mod readers;
mod reading;
mod report;
#[cfg(test)]
mod sample;
pub mod score;
mod sources;
mod text;
mod units;

use std::sync::Arc;

use pipelines::Readers;
use worker::Registry;

/// What the workers need from the process.
#[derive(Debug, Clone)]
pub struct Deps {
    /// Who answers questions; one per process.
    pub desk: llm::Desk,
}

/// The service cannot start.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The embedded numbers do not fit; a build that passed its tests has none of this.
    #[error("defaults of the analyze stage: {0}")]
    Defaults(#[from] toml::de::Error),
}

/// How the workers of the stage read the files of a pipeline that only they can judge.
#[must_use]
pub fn readers() -> Readers {
    readers::readers()
}

/// Every worker of the stage.
///
/// # Errors
/// [`Error::Defaults`] if the embedded numbers do not fit.
pub fn workers(deps: Deps) -> Result<Registry, Error> {
    let defaults = Arc::new(defaults::Defaults::load()?);
    Ok(Registry::new()
        .with(ask::Ask { desk: deps.desk.clone(), defaults: Arc::clone(&defaults) })
        .with(score::Score { defaults })
        .with(report::Report { desk: deps.desk }))
}
