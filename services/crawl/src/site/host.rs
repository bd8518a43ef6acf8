//! What a host is asked besides its pages: its robots.txt, where its pages are, and what "not here" looks like.

use std::sync::Arc;

use domain::{Candidate, NewEvent};
use net::{Access, Cause, Fetched, Limits, Manners, Over, Paced, Request, Robots};
use serde_json::json;
use url::Url;
use xxhash_rust::xxh3::xxh3_64;

use super::{Crawl, Step, Stop};
use crate::admit::Found;
use crate::hops::HopEnd;
use crate::look::look_aside;
use crate::sitemap::MAX_UNPACKED;
use crate::state::{MapFile, Probe};
use crate::trouble::{Vain, Without, is_outage, outage, without_rules};
use crate::verdict::Fingerprint;

/// Requests to usual places per host, robots.txt included.
const MAX_PROBES: usize = 4;
const MAX_LLMS: u64 = 1 << 20;
const MAX_PAGE: u64 = 5 << 20;

/// What became of a question to a host.
pub(super) enum Asked {
    Answer(Box<Fetched>, Option<HopEnd>),
    /// No answer, for good.
    Nothing,
    /// The host is not to be asked for a while; its state says until when.
    Later,
}

impl Crawl<'_> {
    /// Knows the candidate's host: its robots, its probes. False if the frontier has to be looked at again.
    pub(super) async fn prepare(&mut self, candidate: &Candidate) -> Step<bool> {
        let Ok(url) = Url::parse(&candidate.url) else { return Ok(true) };
        let Some(robots) = self.host_robots(&url).await? else { return Ok(false) };
        self.plan_probes(&url, &robots);
        Ok(!self.probe(&url).await?)
    }

    /// Asks the primary host's next question. True if something was asked.
    pub(super) async fn probe_home(&mut self) -> Step<bool> {
        let Some(home) = self.state.site.as_ref().map(|site| site.home.clone()) else { return Ok(false) };
        let now = self.ctx.now();
        let host = self.state.host(&net::host_key(&home));
        let is_asked_out = host.probes.as_ref().is_some_and(Vec::is_empty);
        if is_asked_out || host.closed.is_some() || host.due.is_some_and(|due| due > now) {
            return Ok(false);
        }
        let Some(robots) = self.host_robots(&home).await? else { return Ok(false) };
        self.plan_probes(&home, &robots);
        self.probe(&home).await
    }

    /// The rules of a host. None: it is not to be asked now, or not any more; its state says which.
    pub(super) async fn host_robots(&mut self, url: &Url) -> Step<Option<Arc<Robots>>> {
        let key = net::host_key(url);
        if let Some(known) = self.robots.get(&key) {
            return Ok(Some(Arc::clone(known)));
        }
        let (polite, cancel) = (&self.shared.polite, self.ctx.cancelled());
        match polite.robots(url, self.patience(), cancel).await.map_err(|error| Stop::Error(outage(error)))? {
            Access::Known(robots) => {
                let host = self.state.host(&key);
                (host.robots_tries, host.silent_tries) = (0, 0);
                self.robots.insert(key, Arc::clone(&robots));
                Ok(Some(robots))
            }
            Access::Wait { after, .. } => {
                self.put_off(&key, after).await?;
                Ok(None)
            }
            Access::Unreachable(cause) => {
                self.robots_missing(&key, &cause);
                self.commit_rows().await?;
                Ok(None)
            }
        }
    }

    /// The host is asked again later, or closed.
    fn robots_missing(&mut self, key: &str, cause: &Cause) {
        let now = self.ctx.now();
        let host = self.state.hosts.entry(key.to_owned()).or_default();
        let vain = Vain { answered: &mut host.robots_tries, silent: &mut host.silent_tries };
        match without_rules(cause, vain, &self.shared.settings) {
            Without::GivenUp(ruling) => host.closed = ruling.reason,
            Without::Again(wait) => {
                let due = now + wait;
                host.due = Some(due);
                let why = match cause {
                    Cause::Fetch(error) => error.to_string(),
                    Cause::Status { status, .. } => format!("the robots.txt of {key} has status {status}"),
                };
                let data =
                    json!({ "host": key, "detail": format!("{why}; it is asked again"), "due_at": due });
                self.events.push(NewEvent::new("host.retried", data));
            }
        }
    }

    /// Robots and at most three more: the fingerprint, the sitemap at one or two places, links for models.
    fn plan_probes(&mut self, url: &Url, robots: &Robots) {
        let key = net::host_key(url);
        if self.state.host(&key).probes.is_some() {
            return;
        }
        let listed: Vec<String> =
            robots.sitemaps().iter().filter_map(|map| url.join(map).ok()).map(String::from).collect();
        let mut probes = vec![Probe::Llms];
        if listed.is_empty() {
            probes.extend(
                ["/sitemap_index.xml", "/sitemap.xml"].map(|path| Probe::GuessedMap(path.to_owned())),
            );
        }
        probes.push(Probe::NotFound);
        self.state.maps.waiting.extend(listed.into_iter().map(|url| MapFile { url, level: 0, attempts: 0 }));
        let host = self.state.host(&key);
        (host.probes, host.probes_sent) = (Some(probes), 1);
    }

    /// Asks a host's next question and commits the answer. False if there is none left.
    async fn probe(&mut self, at: &Url) -> Step<bool> {
        let key = net::host_key(at);
        let probe = self.state.host(&key).probes.as_ref().and_then(|probes| probes.last().cloned());
        let Some(probe) = probe else { return Ok(false) };
        let path = match &probe {
            Probe::NotFound => missing_path(&self.ctx.run().id.to_string(), &key),
            Probe::GuessedMap(path) => path.clone(),
            Probe::Llms => "/llms.txt".to_owned(),
        };
        let spent = self.state.host(&key).probes_sent >= MAX_PROBES;
        let url =
            at.join(&path).ok().filter(|url| self.robots.get(&key).is_none_or(|robots| robots.allows(url)));
        let asked = match url.filter(|_| !spent) {
            Some(url) => self.ask(&url, probe_bytes(&probe)).await?,
            None => Asked::Nothing,
        };
        if matches!(asked, Asked::Later) {
            return Ok(true);
        }
        let host = self.state.host(&key);
        host.probes_sent += 1;
        if let Some(probes) = host.probes.as_mut() {
            probes.pop();
        }
        if let Asked::Answer(fetched, end) = asked {
            match probe {
                Probe::NotFound => self.learn_missing(&key, &fetched, end.as_ref()).await?,
                Probe::GuessedMap(_) => self.take_guessed_map(&key, &fetched).await?,
                Probe::Llms => self.take_llms(&fetched).await?,
            }
        }
        self.commit_rows().await?;
        Ok(true)
    }

    /// One request for something that is no page. A short wait ends the claim.
    pub(super) async fn ask(&mut self, url: &Url, max_bytes: u64) -> Step<Asked> {
        let key = net::host_key(url);
        let crawl_delay = self.robots.get(&key).and_then(|robots| robots.crawl_delay());
        let request = Request::get(url.clone()).with_limits(Limits::up_to(max_bytes).with_over(Over::Cut));
        let manners = Manners { crawl_delay, patience: self.patience() };
        self.slice.requests += 1;
        let mut hops = self.hops(String::new());
        // A probe that is sent to the start page has its answer: the start page itself is fetched as a page.
        let home = self.state.site.as_ref().and_then(|site| self.own_normal(&site.home));
        hops.dead_ends.extend(home.map(|home| home.key));
        let paced = self.shared.polite.fetch(&request, &manners, &mut hops, self.ctx.cancelled()).await;
        let (end, robots) = (hops.end, hops.robots);
        self.robots.extend(robots);
        match paced {
            Ok(Paced::Fetched(fetched)) => Ok(Asked::Answer(fetched, end)),
            Ok(Paced::Wait { after, .. }) => {
                self.put_off(&key, after).await?;
                Ok(Asked::Later)
            }
            Err(error) if is_outage(&error) => Err(Stop::Error(outage(error))),
            Err(error) => {
                tracing::debug!(
                    net.host = key,
                    error = &error as &dyn std::error::Error,
                    "a probe brought no answer"
                );
                Ok(Asked::Nothing)
            }
        }
    }

    /// A success where there is nothing: pages that look like it are not there either.
    async fn learn_missing(&mut self, key: &str, fetched: &Fetched, end: Option<&HopEnd>) -> Step<()> {
        if let Some(HopEnd::Asked(normal)) = end {
            self.state.host(key).missing_key = Some(normal.key.clone());
        }
        if !fetched.is_success() {
            return Ok(());
        }
        if !fetched.redirects.is_empty() {
            // It may be a page in its own right (`/en/`): only being sent there says something.
            self.state.host(key).missing_key = self.own_normal(&fetched.url).map(|landed| landed.key);
            return Ok(());
        }
        let look = look_aside(fetched).await?;
        let Some(page) = look.page() else { return Ok(()) };
        let fingerprint = Fingerprint {
            simhash: page.outline.simhash,
            text_hash: page.outline.text_hash.clone(),
            words: page.outline.visible_words,
        };
        self.state.host(key).fingerprint = Some(fingerprint);
        Ok(())
    }

    /// The first of the usual places that has a sitemap ends the guessing.
    async fn take_guessed_map(&mut self, key: &str, fetched: &Fetched) -> Step<()> {
        if fetched.is_success()
            && self.take_map(fetched, 0).await?
            && let Some(probes) = self.state.host(key).probes.as_mut()
        {
            probes.retain(|probe| !matches!(probe, Probe::GuessedMap(_)));
        }
        Ok(())
    }

    /// The links of an llms.txt (Markdown), as if they stood one hop from the start page.
    async fn take_llms(&mut self, fetched: &Fetched) -> Step<()> {
        if !fetched.is_success() || content::sniff(&fetched.body).is_html() {
            return Ok(());
        }
        let text = String::from_utf8_lossy(&fetched.body);
        let found = markdown_links(&text).into_iter().filter_map(|(label, href)| {
            let url = fetched.url.join(&href).ok()?.to_string();
            let (anchor, from) = (Some(label), Some(fetched.url.to_string()));
            Some(Found { url, anchor, in_navigation: false, depth: 1, via: "llms_txt", from })
        });
        let rows = self.enlist(found.collect()).await?;
        self.rows.extend(rows);
        Ok(())
    }
}

const fn probe_bytes(probe: &Probe) -> u64 {
    match probe {
        Probe::NotFound => MAX_PAGE,
        Probe::GuessedMap(_) => MAX_UNPACKED,
        Probe::Llms => MAX_LLMS,
    }
}

/// Sixteen hexadecimal digits that no page has for its name: random to the host, the same whenever this run asks.
fn missing_path(run: &str, host: &str) -> String {
    format!("/{:016x}", xxh3_64(format!("{run} {host}").as_bytes()))
}

/// `[text](href)` of a Markdown file, in order.
fn markdown_links(text: &str) -> Vec<(String, String)> {
    let mut links = Vec::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("](") {
        let label = before.rsplit_once('[').map_or("", |(_, label)| label);
        let Some((href, tail)) = after.split_once(')') else { break };
        let href = href.split_whitespace().next().unwrap_or_default();
        if !href.is_empty() {
            links.push((label.to_owned(), href.to_owned()));
        }
        rest = tail;
    }
    links
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_missing_path_is_the_same_for_a_run_and_host_and_looks_like_nothing() {
        let path = missing_path("run_1", "a.example:443");
        assert_eq!(path, missing_path("run_1", "a.example:443"));
        assert_ne!(path, missing_path("run_2", "a.example:443"));
        assert_ne!(path, missing_path("run_1", "b.example:443"));
        assert_eq!(path.len(), 17);
    }

    #[test]
    fn links_of_a_markdown_file_are_found_in_order() {
        let links = markdown_links(
            "# Acme\n- [Pricing](https://a.example/pricing): plans\n- [Docs](/docs \"x\")\n[broken](",
        );
        let expected = [("Pricing", "https://a.example/pricing"), ("Docs", "/docs")];
        assert_eq!(links, expected.map(|(text, href)| (text.to_owned(), href.to_owned())));
    }
}
