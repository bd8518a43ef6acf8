//! The end: what is left is listed, the sums are drawn, and a crawl without a page says why.

use std::collections::BTreeMap;

use chrono::TimeDelta;
use domain::{Candidate, FrontierState, NewEvent};
use serde::Serialize;
use serde_json::{Map, json};
use store::Effects;

use super::{Crawl, Step, Stop};
use crate::state::{Ended, Moved};

/// Rows closed in one transaction.
const CHUNK: u64 = 1000;

/// What later jobs see of the crawl.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Output {
    /// Where the crawl began, and the start page of the site that it came to.
    pub start_url: String,
    pub home_url: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub site_moved: Option<Moved>,
    pub pages: Pages,
    /// Of every address that was decided by a verdict.
    pub by_verdict: BTreeMap<String, u32>,
    /// Of the documents, by what their addresses promised.
    pub by_kind: BTreeMap<String, u32>,
    /// Those that documents came from.
    pub hosts: Vec<String>,
    pub limits_hit: Vec<String>,
    pub size_bytes: u64,
    /// Without pauses and without waits on anything but the hosts.
    pub active_seconds: u64,
    pub warnings: u32,
}

/// Addresses by what became of them: `found = fetched + skipped + waiting`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Pages {
    pub found: u64,
    pub kept: u64,
    pub fetched: u64,
    pub skipped: u64,
    pub waiting: u64,
}

impl Crawl<'_> {
    pub(super) async fn end(&mut self) -> Step<(Output, Effects)> {
        self.close_waiting().await?;
        if self.state.tally.kept == 0 {
            return Err(Stop::Error(worker::Error::Fatal(self.failure())));
        }
        let counts = self.ctx.store().frontier_counts(self.ctx.run().id).await?;
        let now = self.ctx.now();
        self.state.time.add(self.slice.counted, now);
        let state = &self.state;
        let home = state.site.as_ref().map(|site| site.home.to_string()).unwrap_or_default();
        let output = Output {
            start_url: state.start_url.clone().unwrap_or_else(|| self.args.url.clone()),
            home_url: home.clone(),
            site_moved: state.moved.clone(),
            pages: Pages {
                found: counts.waiting + counts.done + counts.skipped,
                kept: u64::from(state.tally.kept),
                fetched: counts.done,
                skipped: counts.skipped,
                waiting: counts.waiting,
            },
            by_verdict: state.tally.by_verdict.clone(),
            by_kind: state.tally.by_kind.clone(),
            hosts: state.tally.by_host.keys().cloned().collect(),
            limits_hit: state.limits_hit.iter().cloned().collect(),
            size_bytes: state.tally.size_bytes,
            active_seconds: state.time.so_far().as_secs(),
            warnings: state.tally.warnings,
        };
        let facts =
            Map::from_iter([("home_url".to_owned(), json!(home)), ("hosts".to_owned(), json!(output.hosts))]);
        let events = vec![NewEvent::new(
            "site.crawled",
            json!({ "pages": output.pages, "limits_hit": output.limits_hit }),
        )];
        Ok((output, Effects { facts, events, ..Effects::default() }))
    }

    /// What still waits is not going to be fetched; the reason names the limit.
    async fn close_waiting(&mut self) -> Step<()> {
        let ending = ["max_pages", "max_fetches", "time"];
        let limit =
            ending.into_iter().find(|limit| self.state.limits_hit.contains(*limit)).unwrap_or("unreached");
        let reason = Some(format!("limit:{limit}"));
        loop {
            let far = self.ctx.now() + TimeDelta::days(3650);
            let waiting = self.ctx.store().frontier_next(self.ctx.run().id, far, CHUNK).await?;
            if waiting.is_empty() && self.rows.is_empty() {
                return Ok(());
            }
            let closed = waiting.into_iter().map(|row| Candidate {
                state: FrontierState::Skipped,
                reason: reason.clone(),
                ..row
            });
            self.rows.extend(closed);
            self.commit_rows().await?;
        }
    }

    /// Why not a single page was kept.
    fn failure(&self) -> domain::Problem {
        let host = self.args.url.as_str();
        let lacks_robots = self.state.hosts.values().any(|host| host.robots_tries > 0);
        let ended = self.state.home_ruling.as_ref().or(self.state.start_ruling.as_ref());
        let (code, why) = match ended {
            _ if lacks_robots && self.state.tally.fetches == 0 => {
                ("robots_unreachable".to_owned(), "its robots.txt could not be had".to_owned())
            }
            Some(ended) => described(ended),
            None => ("no_answer".to_owned(), "nothing was answered within the limits".to_owned()),
        };
        domain::Problem::new(code, format!("no page of {host} could be kept: {why}"))
    }
}

/// A code and a clause for a verdict.
fn described(ended: &Ended) -> (String, String) {
    let verdict = ended.verdict.as_str();
    let code = ended.reason.as_deref().unwrap_or(verdict);
    let code = code.split(':').next().unwrap_or(verdict);
    let why = match code {
        "dns" => "the host has no address",
        "connect" => "the host does not accept connections",
        "tls" => "no trusted encrypted connection could be made",
        "timeout" => "the host did not answer in time",
        "refused_address" => "the host's address must not be reached from here",
        "redirect_loop" => "it redirects in circles",
        "http_5xx" => "the server fails",
        "missing" => "the page is not there (404)",
        "robots" => "robots.txt forbids it",
        "robots_unreachable" => "its robots.txt could not be had",
        "challenge" => "a bot wall stands before it",
        "password_field" | "redirected_to_sign_in" | "login" => "it asks for a password",
        "parked" => "the domain is parked",
        "needs_js" => "it shows nothing without a script engine",
        "no_text" => "it holds no text",
        "says_so" | "like_not_found" | "redirected_away" => "it says that the page is not there",
        "rate_limited" => "the host wants fewer requests",
        other => return (other.to_owned(), format!("{verdict} ({other})")),
    };
    (code.to_owned(), why.to_owned())
}
