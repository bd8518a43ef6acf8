//! The extract service: from documents to what they say and whom they name.
//!
//! `extract.content` reads one document; `extract.entities` reads all of a run together. Not for fetching and not for
//! judging: those are the crawl's and the analysis'. The reading itself is in the crates `content` and `entities`, which
//! know nothing of jobs. Read first: [`workers`].

mod content;
mod entities;
mod thread;

use ::content::kinds::Kinds;
use ::entities::{Extractor, Rules, Technologies};
use pipelines::uses::{ExtractContent, ExtractEntities};
use pipelines::{Readers, Unreadable};
use worker::Registry;

/// How the workers of the service read the files of a pipeline that only they can judge.
#[must_use]
pub fn readers() -> Readers {
    Readers::default()
        .with::<ExtractContent>("kinds", |text| {
            Kinds::parse(text).map(drop).map_err(|error| Unreadable::said(&error))
        })
        .with::<ExtractEntities>("rules", |text| {
            Rules::parse(text).and_then(|rules| Extractor::new(rules, None)).map(drop).map_err(at_line)
        })
        .with::<ExtractEntities>("technologies", |text| Technologies::parse(text).map(drop).map_err(at_line))
}

fn at_line(error: ::entities::Error) -> Unreadable {
    Unreadable { place: Some((error.line, 1)), reason: error.reason }
}

/// Every worker of the service.
#[must_use]
pub fn workers() -> Registry {
    Registry::new().with(content::ContentWorker::default()).with(entities::EntitiesWorker)
}
