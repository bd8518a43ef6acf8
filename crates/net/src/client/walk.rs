//! From a request to its last answer: one hop after the other, each checked, asked for and let in.

use std::time::Duration;

use async_trait::async_trait;
use chrono::{DateTime, Utc};
use ephemeral::Permit;
use ephemeral::gate::Why;
use tokio::time::Instant;
use tokio_util::sync::CancellationToken;
use url::Url;

use super::{Answer, Client};
use crate::fetch::{Decision, Fetched, Follow, Redirect, Request, Stopped};
use crate::{Error, host_key};

/// Who is asked before a request is sent to a host, and told after it.
#[async_trait]
pub(crate) trait Door: Sync {
    /// `hop` counts from 0; `crawl_delay` is what the host asks for.
    async fn enter(
        &self,
        url: &Url,
        crawl_delay: Option<Duration>,
        hop: usize,
        cancel: &CancellationToken,
    ) -> Result<Entry, Error>;

    /// Returns for how long the host asked everyone to stay away.
    async fn leave(&self, permit: Permit, answer: &Result<Answer, Error>, took: Duration)
    -> Option<Duration>;
}

pub(crate) enum Entry {
    Go(Option<Permit>),
    Wait { after: Duration, why: Why },
}

/// The end of a walk.
pub(crate) enum Walked {
    Fetched(Box<Fetched>),
    /// The first host's door stays shut for longer than may be waited; nothing was sent.
    Wait {
        after: Duration,
        why: Why,
    },
}

/// No door at all.
pub(crate) struct Open;

#[async_trait]
impl Door for Open {
    async fn enter(
        &self,
        _url: &Url,
        _crawl_delay: Option<Duration>,
        _hop: usize,
        _cancel: &CancellationToken,
    ) -> Result<Entry, Error> {
        Ok(Entry::Go(None))
    }

    async fn leave(
        &self,
        _permit: Permit,
        _answer: &Result<Answer, Error>,
        _took: Duration,
    ) -> Option<Duration> {
        None
    }
}

pub(crate) async fn walk(
    client: &Client,
    door: &dyn Door,
    request: &Request,
    crawl_delay: Option<Duration>,
    follow: &mut dyn Follow,
    cancel: &CancellationToken,
) -> Result<Walked, Error> {
    let mut trail = Trail::new(request);
    let mut crawl_delay = crawl_delay;
    client.check(&trail.at)?;
    loop {
        let permit = match door.enter(&trail.at, crawl_delay, trail.redirects.len(), cancel).await? {
            Entry::Go(permit) => permit,
            Entry::Wait { after, why } => return Ok(trail.held_up(after, why)),
        };
        let left = client.timeouts.whole.saturating_sub(trail.spent);
        let started = Instant::now();
        let answer = client.hop(&trail.at, request, left, cancel).await;
        let closed_for = match permit {
            Some(permit) => door.leave(permit, &answer, started.elapsed()).await,
            None => None,
        };
        let answer = answer?;
        let Some(to) = answer.target(&trail.at)? else {
            return Ok(Walked::Fetched(Box::new(trail.end(answer, None, closed_for))));
        };
        let redirect = trail.next(to, answer.status, request.max_redirects)?;
        client.check(&redirect.to)?;
        let decision = tokio::select! {
            biased;
            () = cancel.cancelled() => return Err(Error::Cancelled),
            decision = follow.follow(&redirect) => decision?,
        };
        match decision {
            // Who forgets the delay on the way from one page of a host to another has not lifted it.
            Decision::Go { crawl_delay: asked } => {
                let known = crawl_delay.filter(|_| host_key(&redirect.to) == host_key(&redirect.from));
                crawl_delay = asked.or(known);
            }
            Decision::Stop => {
                let stopped = Stopped::Declined { to: redirect.to };
                return Ok(Walked::Fetched(Box::new(trail.end(answer, Some(stopped), closed_for))));
            }
        }
        trail.step(redirect, answer);
    }
}

/// Where a walk has come from and is now.
struct Trail {
    requested: Url,
    at: Url,
    redirects: Vec<Redirect>,
    /// The last redirect's own answer.
    last: Option<Answer>,
    started_at: Option<DateTime<Utc>>,
    spent: Duration,
}

impl Trail {
    fn new(request: &Request) -> Self {
        let mut at = request.url.clone();
        at.set_fragment(None);
        Self {
            requested: request.url.clone(),
            at,
            redirects: Vec::new(),
            last: None,
            started_at: None,
            spent: Duration::ZERO,
        }
    }

    /// The redirect that an answer asks for, unless it leads in circles or on for ever.
    fn next(&self, to: Url, status: u16, limit: usize) -> Result<Redirect, Error> {
        if to == self.at || self.redirects.iter().any(|hop| hop.from == to) {
            return Err(Error::RedirectLoop { url: to });
        }
        if self.redirects.len() >= limit {
            return Err(Error::TooManyRedirects { limit });
        }
        Ok(Redirect { from: self.at.clone(), to, status })
    }

    fn step(&mut self, redirect: Redirect, answer: Answer) {
        self.spent += answer.took;
        self.started_at.get_or_insert(answer.started_at);
        self.at = redirect.to.clone();
        self.redirects.push(redirect);
        self.last = Some(answer);
    }

    fn end(self, answer: Answer, stopped: Option<Stopped>, closed_for: Option<Duration>) -> Fetched {
        let Answer { status, headers, body, kept, started_at, took, .. } = answer;
        Fetched {
            tls: self.at.scheme() == "https",
            requested: self.requested,
            url: self.at,
            redirects: self.redirects,
            stopped,
            status,
            headers,
            body,
            kept,
            started_at: self.started_at.unwrap_or(started_at),
            duration: self.spent + took,
            closed_for,
        }
    }

    /// The door ahead stays shut: before the first hop nothing has happened, later the last redirect is the answer.
    fn held_up(mut self, after: Duration, why: Why) -> Walked {
        let (Some(answer), Some(redirect)) = (self.last.take(), self.redirects.pop()) else {
            return Walked::Wait { after, why };
        };
        self.spent = self.spent.saturating_sub(answer.took);
        self.at = redirect.from;
        let stopped = Stopped::Wait { to: redirect.to, after };
        Walked::Fetched(Box::new(self.end(answer, Some(stopped), None)))
    }
}
