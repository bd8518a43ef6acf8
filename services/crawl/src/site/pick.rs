//! What is fetched next: the best row whose host can be asked and whose limits are not used up.

use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::{Candidate, FrontierState, Verdict};
use url::Url;

use super::{Crawl, Step, waiting_for};
use crate::admit::Found;
use crate::normal::{Normal, parameters};
use crate::priority::{behind, is_behind};
use crate::scope::Rank;
use crate::trap::pattern;

/// Rows looked at in one go; more when none of them can be had now.
const FEW: u64 = 64;
const MANY: u64 = 4096;
/// The share of `max_pages` that a host beside the primary one may have: a fifth.
const HOST_SHARE: u32 = 5;

/// What is to be done next.
pub(super) enum Next {
    Page(Box<Candidate>),
    /// Time went by: limits and sitemaps are looked at again.
    Look,
    /// Nothing waits any more.
    Nothing,
}

/// What happens to a waiting row that came to its turn.
enum Turn {
    Fetch,
    /// It is decided without a request, or moves back.
    Settle(Box<Candidate>),
    Later(DateTime<Utc>),
    /// It says the same as an address that may be new.
    Instead(Box<Candidate>, Url),
}

impl Crawl<'_> {
    /// The next page, if it can be asked for now or soon.
    pub(super) async fn pick(&mut self) -> Step<Next> {
        let mut limit = FEW;
        loop {
            let now = self.ctx.now();
            let run = self.ctx.run().id;
            let batch = self.ctx.store().frontier_next(run, now, limit).await?;
            let is_all = u64::try_from(batch.len()).is_ok_and(|length| length < limit);
            let mut next_due: Option<DateTime<Utc>> = None;
            for candidate in batch {
                match self.turn(&candidate) {
                    Turn::Fetch => return Ok(Next::Page(Box::new(candidate))),
                    Turn::Settle(row) => self.settle(*row),
                    Turn::Instead(row, url) => self.replace(*row, &url).await?,
                    Turn::Later(due) => next_due = Some(next_due.map_or(due, |next| next.min(due))),
                }
            }
            if !self.rows.is_empty() {
                self.commit_rows().await?;
                continue;
            }
            if !is_all && limit < MANY {
                limit = MANY;
                continue;
            }
            let due = self.ctx.store().frontier_due(run).await?.filter(|due| *due > now);
            let Some(due) = [due, next_due, self.map_due()].into_iter().flatten().min() else {
                return Ok(Next::Nothing);
            };
            let after = (due - now).to_std().unwrap_or_default();
            self.rest(after).await?;
            return Ok(Next::Look);
        }
    }

    /// Sleeps when it is short, else ends the claim.
    async fn rest(&mut self, after: Duration) -> Step<()> {
        if after > self.patience() {
            return Err(self.wait_for_host(after, waiting_for("the site")).await);
        }
        let cancel = self.ctx.cancelled();
        tokio::select! {
            biased;
            () = cancel.cancelled() => Err(worker::Error::Cancelled.into()),
            () = tokio::time::sleep(after) => Ok(()),
        }
    }

    fn settle(&mut self, row: Candidate) {
        if let (FrontierState::Skipped, Some(verdict)) = (row.state, row.verdict) {
            self.state.count_verdict(verdict);
        }
        if let Some(limit) = row.reason.as_deref().and_then(|reason| reason.strip_prefix("limit:")) {
            self.state.limits_hit.insert(limit.to_owned());
        }
        self.rows.push(row);
    }

    /// A parameter that changes nothing is left out; what remains waits in its place if it is new.
    async fn replace(&mut self, row: Candidate, url: &Url) -> Step<()> {
        let (from, url) = (Some(row.url.clone()), url.to_string());
        let found = Found { url, depth: row.depth, via: "link", from, ..Found::default() };
        self.settle(row);
        let rows = self.enlist(vec![found]).await?;
        self.rows.extend(rows);
        Ok(())
    }

    fn turn(&self, candidate: &Candidate) -> Turn {
        let Some(normal) = Normal::parse(&candidate.url, &self.shared.tables.addresses) else {
            return skipped(candidate, "invalid");
        };
        if let Some(turn) = self.host_turn(candidate, &normal.url) {
            return turn;
        }
        if self.state.was_asked(&candidate.url_key) {
            return skipped(candidate, "duplicate");
        }
        let is_seed = candidate.via == "seed";
        if let Some(reason) = self.wanted.refusal(&normal.url).filter(|_| !is_seed) {
            return skipped(candidate, reason);
        }
        if let Some(limit) = self.used_up(&normal.url) {
            return skipped(candidate, &format!("limit:{limit}"));
        }
        if let Some(turn) = self.idle_turn(candidate, &normal) {
            return turn;
        }
        let had = self.state.tally.by_kind.get(&candidate.kind_guess).copied().unwrap_or_default();
        let cap = self.kinds.soft_cap(&candidate.kind_guess, self.args.max_pages);
        if cap.is_some_and(|cap| had >= cap) && !is_behind(candidate.priority) && !is_seed {
            let priority = behind(candidate.priority);
            return Turn::Settle(Box::new(Candidate { priority, ..candidate.clone() }));
        }
        Turn::Fetch
    }

    /// What the host says about it.
    fn host_turn(&self, candidate: &Candidate, url: &Url) -> Option<Turn> {
        let key = net::host_key(url);
        let host = self.state.hosts.get(&key)?;
        if let Some(reason) = &host.closed {
            let verdict = if reason == "robots_unreachable" { Verdict::Blocked } else { Verdict::Error };
            return Some(refused(candidate, verdict, reason));
        }
        if let Some(due) = host.due.filter(|due| *due > self.ctx.now()) {
            return Some(Turn::Later(due));
        }
        let forbidden = self.robots.get(&key).is_some_and(|robots| !robots.allows(url));
        forbidden.then(|| refused(candidate, Verdict::Blocked, "robots"))
    }

    /// The limit that the address falls under, if that is reached.
    fn used_up(&self, url: &Url) -> Option<&'static str> {
        let tally = &self.state.tally;
        let addresses = &self.shared.tables.addresses;
        if addresses.is_file(url) && tally.files >= self.args.max_files {
            return Some("max_files");
        }
        let rank = self.state.site.as_ref().and_then(|site| site.rank(url, self.args.scope, addresses));
        let had = tally.by_host.get(url.host_str().unwrap_or_default()).copied().unwrap_or_default();
        if rank != Some(Rank::Primary) && had >= (self.args.max_pages / HOST_SHARE).max(1) {
            return Some("host_share");
        }
        let variants = url.query().and_then(|_| self.state.variants.get(&path_key(url))).copied();
        (variants.unwrap_or_default() >= self.args.query_variants.max(1)).then_some("query_variants")
    }

    fn idle_turn(&self, candidate: &Candidate, normal: &Normal) -> Option<Turn> {
        let pattern = pattern(&normal.url);
        let (idle, rest): (Vec<_>, Vec<_>) =
            parameters(&normal.url).into_iter().partition(|(name, _)| self.state.is_idle(&pattern, name));
        if idle.is_empty() {
            return None;
        }
        let mut url = normal.url.clone();
        url.set_query(None);
        if !rest.is_empty() {
            url.query_pairs_mut().extend_pairs(rest);
        }
        let stripped = self.own_normal(&url)?;
        match skipped(candidate, &format!("duplicate_of:{}", stripped.url)) {
            Turn::Settle(row) => Some(Turn::Instead(row, stripped.url)),
            other => Some(other),
        }
    }
}

/// Host and path: what query variants are counted by.
pub(super) fn path_key(url: &Url) -> String {
    format!("{}{}", net::host_key(url), url.path().trim_end_matches('/'))
}

fn skipped(candidate: &Candidate, reason: &str) -> Turn {
    let reason = Some(reason.to_owned());
    Turn::Settle(Box::new(Candidate { state: FrontierState::Skipped, reason, ..candidate.clone() }))
}

fn refused(candidate: &Candidate, verdict: Verdict, reason: &str) -> Turn {
    let (verdict, reason) = (Some(verdict), Some(reason.to_owned()));
    Turn::Settle(Box::new(Candidate { state: FrontierState::Skipped, verdict, reason, ..candidate.clone() }))
}
