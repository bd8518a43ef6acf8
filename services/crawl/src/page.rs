//! `crawl.page`: single pages elsewhere. Their links are not followed; everything else holds as for a site.

mod one;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use content::kinds::Kinds;
use pipelines::uses::CrawlPage;
use serde::{Deserialize, Serialize};
use worker::{Context, Outcome, Worker};

use crate::deps::Shared;
use crate::kept::Kept;
use crate::state::ActiveTime;
use one::{Next, Single};

/// The worker.
#[derive(Debug)]
pub(crate) struct PageWorker {
    pub(crate) shared: Arc<Shared>,
}

/// What later jobs see of it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Output {
    pub kept: u32,
    pub fetched: u32,
    pub skipped: u32,
    pub by_verdict: BTreeMap<String, u32>,
    pub limits_hit: BTreeSet<String>,
}

/// What is remembered between two claims.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Progress {
    /// How many of the addresses are settled.
    settled: usize,
    /// Of the next one.
    attempts: u32,
    /// How often each host's robots.txt could not be had: it is waited for once, not once per page.
    robots_tries: BTreeMap<String, u32>,
    /// How often no connection for it came about.
    silent_tries: BTreeMap<String, u32>,
    time: ActiveTime,
    output: Output,
}

#[async_trait]
impl Worker for PageWorker {
    type Args = CrawlPage;
    type Output = Output;

    async fn run(&self, ctx: &Context, args: CrawlPage) -> Result<Outcome<Output>, worker::Error> {
        let kinds = Kinds::parse(ctx.file(&args.kinds.0)?)
            .map_err(|error| worker::Error::fatal("invalid_pipeline", error.to_string()))?;
        let mut progress: Progress = match &ctx.job().checkpoint {
            Some(saved) => serde_json::from_value(saved.clone())
                .map_err(|error| worker::Error::fatal("invalid_checkpoint", error.to_string()))?,
            None => Progress::default(),
        };
        let kept = Kept::of(&ctx.tenant().documents(ctx.run().id).await?, &self.shared.tables.addresses);
        let now = ctx.now();
        progress.time.resume(now);
        let limit = Duration::from_secs(u64::from(args.time_limit_minutes) * 60);
        let mut single =
            Single { ctx, shared: &self.shared, kinds, kept, progress, limit, began: now, counted: now };
        while let Some(url) = args.urls.get(single.progress.settled) {
            ctx.check()?;
            if single.time_left().is_zero() {
                single.give_up(&args.urls).await?;
                break;
            }
            if let Next::Yield(after) = single.settle(url).await? {
                return Ok(Outcome::Yield { after });
            }
        }
        Ok(Outcome::done(single.progress.output))
    }
}
