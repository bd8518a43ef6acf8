//! The redirects of a fetch: each hop is checked for scope, repetition and robots before it is requested.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use net::{Access, Decision, Fetched, Follow, Polite, Redirect, Robots, Stopped};
use pipelines::uses::Scope as Mode;
use tokio_util::sync::CancellationToken;
use url::Url;

use crate::normal::Normal;
use crate::scope::{Site, Wanted};
use crate::state::key_hash;
use crate::tables::Addresses;

/// Why a redirect was not followed.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum HopEnd {
    /// It leads off the site, or to a network where profiles live.
    Leaves(Url),
    /// What it leads to was asked for before, or stands for "not here".
    Asked(Normal),
    Excluded,
    Robots,
    /// The rules of the host it leads to are not to be had now.
    NotNow(Duration),
}

/// Decides about the redirects of one fetch.
#[derive(Debug)]
pub(crate) struct Hops<'a> {
    pub(crate) polite: &'a Polite,
    pub(crate) cancel: &'a CancellationToken,
    pub(crate) addresses: &'a Addresses,
    /// None: the redirects decide what the site is.
    pub(crate) site: Option<(&'a Site, Mode)>,
    pub(crate) wanted: Option<&'a Wanted>,
    pub(crate) asked: &'a BTreeSet<u64>,
    /// Of the fetch itself.
    pub(crate) own_key: String,
    /// Where a host sends those who ask for nothing: being sent there says "not here".
    pub(crate) dead_ends: Vec<String>,
    pub(crate) patience: Duration,
    pub(crate) retry: Duration,
    /// Rules that were learned on the way.
    pub(crate) robots: HashMap<String, Arc<Robots>>,
    pub(crate) end: Option<HopEnd>,
}

impl HopEnd {
    /// Why a fetch ended with a redirect, if it did: by our decision, or because the next host is busy.
    pub(crate) fn of(fetched: &Fetched, decided: Option<Self>) -> Option<Self> {
        match (&fetched.stopped, decided) {
            (Some(_), Some(end)) => Some(end),
            (Some(Stopped::Wait { after, .. }), None) => Some(Self::NotNow(*after)),
            (Some(Stopped::Declined { to }), None) => Some(Self::Leaves(to.clone())),
            (None, _) => None,
        }
    }
}

impl Hops<'_> {
    fn stop(&mut self, end: HopEnd) -> Decision {
        self.end = Some(end);
        Decision::Stop
    }

    /// Why the hop must not be requested, whatever its host's robots say.
    fn refusal(&self, to: &Url) -> Option<HopEnd> {
        let leaves = || Some(HopEnd::Leaves(to.clone()));
        let Some(normal) = Normal::of(to, self.addresses) else { return leaves() };
        if content::network(to).is_some() {
            return leaves();
        }
        let (site, mode) = self.site?;
        let normal = site.own(normal, mode, self.addresses);
        if site.rank(&normal.url, mode, self.addresses).is_none() {
            return leaves();
        }
        let was_asked = self.asked.contains(&key_hash(&normal.key)) || self.dead_ends.contains(&normal.key);
        if normal.key != self.own_key && was_asked {
            return Some(HopEnd::Asked(normal));
        }
        let refused = self.wanted.is_some_and(|wanted| wanted.refusal(&normal.url).is_some());
        refused.then_some(HopEnd::Excluded)
    }
}

#[async_trait]
impl Follow for Hops<'_> {
    async fn follow(&mut self, redirect: &Redirect) -> Result<Decision, net::Error> {
        if let Some(end) = self.refusal(&redirect.to) {
            return Ok(self.stop(end));
        }
        let host = net::host_key(&redirect.to);
        let robots = match self.robots.get(&host) {
            Some(known) => Arc::clone(known),
            None => match self.polite.robots(&redirect.to, self.patience, self.cancel).await? {
                Access::Known(robots) => {
                    self.robots.insert(host, Arc::clone(&robots));
                    robots
                }
                Access::Wait { after, .. } => return Ok(self.stop(HopEnd::NotNow(after))),
                Access::Unreachable(_) => return Ok(self.stop(HopEnd::NotNow(self.retry))),
            },
        };
        if !robots.allows(&redirect.to) {
            return Ok(self.stop(HopEnd::Robots));
        }
        Ok(Decision::Go { crawl_delay: robots.crawl_delay() })
    }
}
