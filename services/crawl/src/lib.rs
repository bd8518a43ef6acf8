//! The crawl service: from an address to documents, politely.
//!
//! `crawl.site` keeps the pages of one site that matter most; `crawl.page` keeps single pages elsewhere. Both obey the
//! same rules of address (that is `net`'s), robots, pace and verdict. Not for reading what pages say: that is
//! `extract.content`.
//!
//! Read first: [`workers`] (what there is), then `site.rs` (the loop). The pure parts stand alone: `normal.rs` (when
//! two addresses are one), `scope.rs` (what belongs to the site), `admit.rs` and `priority.rs` (what joins the frontier
//! and when it is fetched), `verdict.rs` (how a fetch ended).

mod admit;
mod aside;
mod deps;
mod fetch;
mod file;
mod hops;
mod kept;
mod look;
mod normal;
mod page;
mod priority;
mod scope;
mod settings;
mod site;
mod sitemap;
mod state;
mod tables;
mod trap;
mod trouble;
mod verdict;

use std::sync::Arc;

use content::kinds::Kinds;
use pipelines::uses::{CrawlPage, CrawlSite};
use pipelines::{Readers, Unreadable};
use worker::Registry;

pub use deps::Deps;
pub use page::Output as PageOutput;
pub use settings::Settings;
pub use site::{Output, Pages};
pub use state::Moved;
pub use tables::Error;

use deps::Shared;

/// The settings of this service, every one with its meaning and its default.
pub const DEFAULTS: &str = include_str!("../defaults.toml");

/// How the workers of the service read the files of a pipeline that only they can judge.
#[must_use]
pub fn readers() -> Readers {
    let kinds = |text: &str| Kinds::parse(text).map(drop).map_err(|error| Unreadable::said(&error));
    Readers::default().with::<CrawlSite>("kinds", kinds).with::<CrawlPage>("kinds", kinds)
}

/// Every worker of the service.
///
/// # Errors
/// A data file of the service that cannot be read.
pub fn workers(deps: Deps) -> Result<Registry, Error> {
    let tables = Arc::new(tables::Tables::builtin()?);
    let shared = Arc::new(Shared { polite: deps.polite, settings: deps.settings, tables });
    Ok(Registry::new()
        .with(site::SiteWorker { shared: Arc::clone(&shared) })
        .with(page::PageWorker { shared }))
}
