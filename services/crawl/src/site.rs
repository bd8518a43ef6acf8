//! `crawl.site`: keeps the pages of one site that matter most, politely, within the limits.
//!
//! One job for the whole site. Everything it knows is in its rows and its checkpoint, so any process goes on where the
//! last one stopped; each address is committed once, with its document, its links and its event, and never asked for
//! again. Read in order: `open.rs` (which site is it), `host.rs` (what a host is asked besides its pages), `pick.rs` (what
//! comes next), `visit.rs` (one page), `keep.rs` (what becomes of it), `end.rs`.

mod discover;
mod end;
mod host;
mod keep;
mod maps;
mod open;
mod pick;
mod visit;

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use content::kinds::Kinds;
use domain::{BlockedOn, Candidate, NewEvent, Problem};
use net::Robots;
use pipelines::uses::CrawlSite;
use store::Effects;
use url::Url;
use worker::{Context, Outcome, Worker};

pub use end::{Output, Pages};
use pick::Next;

use crate::admit::{Policy, primary};
use crate::deps::Shared;
use crate::hops::Hops;
use crate::kept::Kept;
use crate::normal::Normal;
use crate::scope::{Site, Wanted};
use crate::state::State;

/// The worker.
#[derive(Debug)]
pub(crate) struct SiteWorker {
    pub(crate) shared: Arc<Shared>,
}

#[async_trait]
impl Worker for SiteWorker {
    type Args = CrawlSite;
    type Output = Output;

    async fn run(&self, ctx: &Context, args: CrawlSite) -> Result<Outcome<Output>, worker::Error> {
        let mut crawl = Crawl::load(ctx, &self.shared, args).await?;
        let ended = match crawl.work().await {
            Ok(()) => crawl.end().await,
            Err(stop) => Err(stop),
        };
        match ended {
            Ok((output, effects)) => Ok(Outcome::with(output, effects)),
            Err(Stop::Yield(after)) => Ok(Outcome::Yield { after }),
            Err(Stop::Error(error)) => Err(error),
        }
    }
}

/// Why a claim ends before the crawl does.
#[derive(Debug)]
pub(crate) enum Stop {
    Yield(Duration),
    Error(worker::Error),
}

pub(crate) type Step<T> = Result<T, Stop>;

impl From<worker::Error> for Stop {
    fn from(error: worker::Error) -> Self {
        Self::Error(error)
    }
}

impl From<store::Error> for Stop {
    fn from(error: store::Error) -> Self {
        Self::Error(error.into())
    }
}

/// One claim of a crawl.
pub(crate) struct Crawl<'c> {
    ctx: &'c Context,
    shared: &'c Shared,
    args: Arc<CrawlSite>,
    kinds: Arc<Kinds>,
    wanted: Arc<Wanted>,
    languages: BTreeSet<String>,
    state: State,
    kept: Kept,
    robots: HashMap<String, Arc<Robots>>,
    /// Rows that were decided without a request; they go with the next commit.
    rows: Vec<Candidate>,
    /// Events that go with the next commit.
    events: Vec<NewEvent>,
    slice: Slice,
}

/// How much of a claim is used up.
struct Slice {
    began: DateTime<Utc>,
    /// Up to here time was counted.
    counted: DateTime<Utc>,
    requests: u32,
}

impl<'c> Crawl<'c> {
    async fn load(ctx: &'c Context, shared: &'c Shared, args: CrawlSite) -> Result<Self, worker::Error> {
        let kinds = Kinds::parse(ctx.file(&args.kinds.0)?)
            .map_err(|error| worker::Error::fatal("invalid_pipeline", error.to_string()))?;
        let wanted = Wanted::new(&args.include, &args.exclude)
            .map_err(|detail| worker::Error::fatal("invalid_input", detail))?;
        let mut state: State = match &ctx.job().checkpoint {
            Some(saved) => serde_json::from_value(saved.clone())
                .map_err(|error| worker::Error::fatal("invalid_checkpoint", error.to_string()))?,
            None => State::default(),
        };
        let now = ctx.now();
        state.time.resume(now);
        let kept = Kept::of(&ctx.tenant().documents(ctx.run().id).await?, &shared.tables.addresses);
        let slice = Slice { began: now, counted: now, requests: 0 };
        let mut crawl = Self {
            ctx,
            shared,
            args: Arc::new(args),
            kinds: Arc::new(kinds),
            wanted: Arc::new(wanted),
            languages: BTreeSet::new(),
            state,
            kept,
            robots: HashMap::new(),
            rows: Vec::new(),
            events: Vec::new(),
            slice,
        };
        crawl.know_languages();
        Ok(crawl)
    }

    /// Until everything worth it was fetched, or a limit was reached.
    async fn work(&mut self) -> Step<()> {
        while self.state.site.is_none() {
            self.ctx.check()?;
            if self.is_out_of_time() {
                self.state.limits_hit.insert("time".to_owned());
                return Ok(());
            }
            if !self.open().await? {
                return Ok(());
            }
        }
        loop {
            self.ctx.check()?;
            if let Some(limit) = self.limit() {
                self.state.limits_hit.insert(limit.to_owned());
                return Ok(());
            }
            self.breathe()?;
            if self.probe_home().await? || self.read_map().await? {
                continue;
            }
            match self.pick().await? {
                Next::Page(candidate) => {
                    if self.prepare(&candidate).await? {
                        self.visit(*candidate).await?;
                    }
                }
                Next::Look => {}
                Next::Nothing => return Ok(()),
            }
        }
    }

    /// The limit that ends the crawl, if one is reached.
    fn limit(&self) -> Option<&'static str> {
        let tally = &self.state.tally;
        if tally.kept >= self.args.max_pages {
            Some("max_pages")
        } else if tally.fetches >= max_fetches(&self.args) {
            Some("max_fetches")
        } else {
            self.is_out_of_time().then_some("time")
        }
    }

    fn is_out_of_time(&self) -> bool {
        self.time_left().is_zero()
    }

    fn time_left(&self) -> Duration {
        let limit = Duration::from_secs(u64::from(self.args.time_limit_minutes) * 60);
        let uncounted = (self.ctx.now() - self.slice.counted).to_std().unwrap_or_default();
        limit.saturating_sub(self.state.time.so_far() + uncounted)
    }

    /// Ends the claim when its share is used up, so that others get their turn.
    fn breathe(&self) -> Step<()> {
        let over = self.slice.requests >= self.shared.settings.slice_requests || self.patience().is_zero();
        if over { Err(Stop::Yield(Duration::ZERO)) } else { Ok(()) }
    }

    /// How long this claim may still wait at a gate.
    fn patience(&self) -> Duration {
        let used = (self.ctx.now() - self.slice.began).to_std().unwrap_or_default();
        self.shared.settings.slice.saturating_sub(used).min(self.time_left())
    }

    /// Writes what was decided, with the rows that wait for it, in one transaction.
    async fn commit(&mut self, mut effects: Effects) -> Step<()> {
        let now = self.ctx.now();
        self.state.time.add(self.slice.counted, now);
        self.slice.counted = now;
        let mut rows = std::mem::take(&mut self.rows);
        rows.append(&mut effects.frontier);
        effects.frontier = rows;
        let mut events = std::mem::take(&mut self.events);
        events.append(&mut effects.events);
        effects.events = events;
        effects.checkpoint = Some(
            serde_json::to_value(&self.state)
                .map_err(|error| worker::Error::fatal("invalid_checkpoint", error.to_string()))?,
        );
        self.ctx.commit(effects).await?;
        Ok(())
    }

    async fn commit_rows(&mut self) -> Step<()> {
        self.commit(Effects::default()).await
    }

    async fn commit_event(&mut self, event: NewEvent) -> Step<()> {
        self.commit(Effects { events: vec![event], ..Effects::default() }).await
    }

    /// Ends the claim because a host has to be waited for. Short waits go to the back of the queue, long ones say so.
    async fn wait_for_host(&mut self, after: Duration, problem: Problem) -> Stop {
        let (now, after) = (self.ctx.now(), after.min(self.time_left()));
        let until = now + after;
        self.state.time.wait_on_host(now, until);
        if let Err(stop) = self.commit_rows().await {
            return stop;
        }
        if after <= self.shared.settings.slice {
            return Stop::Yield(after);
        }
        Stop::Error(worker::Error::Blocked { on: BlockedOn::Host, until: Some(until), problem })
    }

    /// None before the site is known.
    fn policy(&self) -> Option<Policy> {
        self.state.site.clone().map(|site| self.policy_for(site))
    }

    fn policy_for(&self, site: Site) -> Policy {
        Policy {
            site,
            args: Arc::clone(&self.args),
            kinds: Arc::clone(&self.kinds),
            tables: Arc::clone(&self.shared.tables),
            wanted: Arc::clone(&self.wanted),
            languages: self.languages.clone(),
            now: self.ctx.now(),
        }
    }

    /// The address as the site writes it.
    fn own_normal(&self, url: &Url) -> Option<Normal> {
        let addresses = &self.shared.tables.addresses;
        let normal = Normal::of(url, addresses)?;
        Some(match &self.state.site {
            Some(site) => site.own(normal, self.args.scope, addresses),
            None => normal,
        })
    }

    /// Whether the key is that of a start address, or of the start page of the site.
    fn is_seed(&self, url_key: &str) -> bool {
        let start = self.state.start_url.as_deref().and_then(|url| Url::parse(url).ok());
        self.home_key().as_deref() == Some(url_key)
            || start.and_then(|url| self.own_normal(&url)).is_some_and(|start| start.key == url_key)
    }

    /// The key of the home address.
    fn home_key(&self) -> Option<String> {
        let home = self.state.site.as_ref().map(|site| &site.home)?;
        Some(self.own_normal(home)?.key)
    }

    /// Who decides about the redirects of a fetch.
    fn hops(&self, own_key: String) -> Hops<'_> {
        Hops {
            polite: &self.shared.polite,
            cancel: self.ctx.cancelled(),
            addresses: &self.shared.tables.addresses,
            site: self.state.site.as_ref().map(|site| (site, self.args.scope)),
            wanted: Some(&self.wanted),
            asked: &self.state.asked,
            own_key,
            dead_ends: self.state.hosts.values().filter_map(|host| host.missing_key.clone()).collect(),
            patience: self.patience(),
            retry: self.retry_wait(1),
            robots: self.robots.clone(),
            end: None,
        }
    }

    /// The pause before the given retry.
    fn retry_wait(&self, attempt: u32) -> Duration {
        self.shared.settings.retry.saturating_mul(2_u32.saturating_pow(attempt.saturating_sub(1)))
    }

    /// The languages asked for, and the site's own.
    fn know_languages(&mut self) {
        let asked = self.args.languages.iter().map(|language| primary(language));
        let own = self.state.language.clone().or_else(|| self.state.start_language.clone());
        self.languages = asked.chain(own).collect();
    }
}

/// Bounds what pages that are not kept may cost.
fn max_fetches(args: &CrawlSite) -> u32 {
    args.max_pages.saturating_mul(3).saturating_add(50)
}

/// What is said of a wait.
fn waiting_for(host: &str) -> Problem {
    Problem::new("host_busy", format!("{host} is to be asked later")).retryable()
}
