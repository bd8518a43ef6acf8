//! The extract service: from documents to what they say and whom they name.
//!
//! `extract.content` reads one document; `extract.entities` reads all of a run together. Not for fetching and not for
//! judging: those are the crawl's and the analysis'. The reading itself is in the crates `content` and `entities`, which
//! know nothing of jobs. Read first: [`workers`].

mod content;
mod entities;

use worker::Registry;

/// Every worker of the service.
#[must_use]
pub fn workers() -> Registry {
    Registry::new().with(content::ContentWorker::default()).with(entities::EntitiesWorker)
}
