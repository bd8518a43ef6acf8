//! The beginning: the start address's redirects decide which site it is.

use std::time::Duration;

use domain::{Candidate, FrontierState, NewEvent, Problem, Verdict};
use net::{Fetched, Paced};
use serde_json::json;
use url::Url;

use super::{Crawl, Step, Stop, waiting_for};
use crate::admit::Found;
use crate::hops::HopEnd;
use crate::normal::Normal;
use crate::scope::{Site, domain_of};
use crate::state::{Ended, Moved};
use crate::trouble::{MAX_RETRIES, is_outage, is_passing, is_worth_retrying, outage};
use crate::verdict::{Ruling, failed};

impl Crawl<'_> {
    /// Tries the next start address. False if none is left and nothing answered.
    pub(super) async fn open(&mut self) -> Step<bool> {
        if !self.state.opening.begun {
            self.state.opening.begun = true;
            self.state.opening.urls = vec![self.args.url.clone()];
        }
        let Some(text) = self.state.opening.urls.first().cloned() else { return Ok(false) };
        let addresses = &self.shared.tables.addresses;
        let start = Normal::parse(&text, addresses).filter(|normal| content::network(&normal.url).is_none());
        let Some(start) = start else {
            return Err(Stop::Error(worker::Error::fatal(
                "invalid_input",
                format!("`{text}` is no web site"),
            )));
        };
        let key = net::host_key(&start.url);
        self.wait_until_due(&key).await?;
        let Some(robots) = self.host_robots(&start.url).await? else {
            return self.without_robots(&start, &key).await;
        };
        if !robots.allows(&start.url) {
            return self.forbidden(&start).await;
        }
        self.breathe()?;
        self.slice.requests += 1;
        let mut hops = self.hops(start.key.clone());
        hops.site = None;
        let terms = self.terms(&start.url);
        let (polite, cancel) = (&self.shared.polite, self.ctx.cancelled());
        let paced = crate::fetch::fetch(polite, &start.url, &terms, &mut hops, cancel).await;
        let (end, robots) = (hops.end, hops.robots);
        self.robots.extend(robots);
        match paced {
            Ok(Paced::Wait { after, .. }) => Err(self.wait_for_host(after, waiting_for(&key)).await),
            Ok(Paced::Fetched(fetched)) => {
                let end = HopEnd::of(&fetched, end);
                self.landed(&start, &fetched, end).await
            }
            Err(error) if is_outage(&error) => Err(Stop::Error(outage(error))),
            Err(error) => self.unreached(&start, &error).await,
        }
    }

    /// The claim ends here when the host is not to be asked yet.
    async fn wait_until_due(&mut self, key: &str) -> Step<()> {
        let now = self.ctx.now();
        let Some(due) = self.state.host(key).due.filter(|due| *due > now) else { return Ok(()) };
        let after = (due - now).to_std().unwrap_or_default();
        Err(self.wait_for_host(after, waiting_for(key)).await)
    }

    /// The rules are not to be had: wait, or try another address, or give up.
    async fn without_robots(&mut self, start: &Normal, key: &str) -> Step<bool> {
        let host = self.state.host(key);
        let (closed, due, lacks_rules) = (host.closed.clone(), host.due, host.robots_tries > 0);
        match closed.as_deref() {
            Some("robots_unreachable") => {
                self.state.start_ruling =
                    Some(Ended::from(&Ruling::new(Verdict::Blocked, "robots_unreachable")));
                self.state.opening.urls.clear();
                Ok(false)
            }
            Some(reason) => self.try_next(start, &Ruling::new(Verdict::Error, reason)).await,
            None => {
                let now = self.ctx.now();
                let after = due.map(|due| (due - now).to_std().unwrap_or_default()).unwrap_or_default();
                let problem = if lacks_rules {
                    let detail = format!("the robots.txt of {key} cannot be had; it will be asked for again");
                    Problem::new("robots_unreachable", detail).retryable()
                } else {
                    waiting_for(key)
                };
                Err(self.wait_for_host(after, problem).await)
            }
        }
    }

    /// The start page is not for us; the rest of the site may be.
    async fn forbidden(&mut self, start: &Normal) -> Step<bool> {
        let ruling = Ruling::new(Verdict::Blocked, "robots");
        self.settle_site(Site::new(&start.url), start, &ruling);
        let mut row = self.seed(start);
        (row.state, row.verdict, row.reason) =
            (FrontierState::Skipped, Some(ruling.verdict), ruling.reason.clone());
        self.state.count_verdict(ruling.verdict);
        self.rows.insert(0, row);
        self.commit_event(NewEvent::new(
            "page.not_seen",
            json!({ "url": start.url, "verdict": "blocked", "reason": "robots" }),
        ))
        .await?;
        Ok(true)
    }

    /// No answer: again, then the same host by its other scheme, then its start page.
    async fn unreached(&mut self, start: &Normal, error: &net::Error) -> Step<bool> {
        self.state.tally.fetches += 1;
        let ruling = failed(error);
        if is_worth_retrying(error) && self.state.opening.attempts < MAX_RETRIES {
            self.state.opening.attempts += 1;
            let wait = self.retry_wait(self.state.opening.attempts);
            return Err(self.wait_for_host(wait, waiting_for(start.host())).await);
        }
        self.try_next(start, &ruling).await
    }

    async fn try_next(&mut self, start: &Normal, ruling: &Ruling) -> Step<bool> {
        let reason = ruling.reason.clone().unwrap_or_default();
        let opening = &mut self.state.opening;
        opening.attempts = 0;
        opening.urls.remove(0);
        let is_first = opening.urls.is_empty() && self.state.start_ruling.is_none();
        if is_first && !matches!(reason.as_str(), "dns" | "refused_address" | "invalid") {
            opening.urls = alternatives(&start.url);
        }
        self.state.start_ruling.get_or_insert_with(|| Ended::from(ruling));
        let data = json!({ "url": start.url, "verdict": ruling.verdict.as_str(), "reason": reason });
        let is_last = self.state.opening.urls.is_empty();
        if is_last {
            let mut row = self.seed(start);
            (row.state, row.verdict, row.reason) =
                (FrontierState::Done, Some(ruling.verdict), ruling.reason.clone());
            self.state.count_verdict(ruling.verdict);
            self.rows.push(row);
        }
        self.commit_event(NewEvent::new("site.unreached", data)).await?;
        Ok(!is_last)
    }

    /// Something answered: this is the site.
    async fn landed(&mut self, start: &Normal, fetched: &Fetched, end: Option<HopEnd>) -> Step<bool> {
        let site = Site::new(&fetched.url);
        let (look, ruling) = self.judge(&site, &start.url, fetched, end.as_ref()).await?;
        if let Some(wait) = self.opening_retry(fetched, &ruling, end.as_ref()) {
            self.state.opening.attempts += 1;
            self.state.tally.fetches += 1;
            return Err(self.wait_for_host(wait, waiting_for(start.host())).await);
        }
        let is_page = ruling.verdict == Verdict::Content
            || matches!(ruling.reason.as_deref(), Some("no_text" | "needs_js"));
        let moves = domain_of(&fetched.url) != domain_of(&start.url);
        let site = if moves && !is_page { Site::new(&start.url) } else { site };
        self.events
            .push(NewEvent::new("site.reached", json!({ "url": fetched.url, "status": fetched.status })));
        if moves && is_page {
            let moved = Moved { from: domain_of(&start.url), to: site.domain.clone() };
            self.events.push(NewEvent::new("site.moved", json!(moved)));
            self.state.moved = Some(moved);
        }
        self.settle_site(site, start, &ruling);
        let candidate = self.seed(start);
        self.settle_answer(candidate, fetched, &look, ruling, end.as_ref()).await?;
        Ok(true)
    }

    /// A host that is busy or broken for the moment is asked again.
    fn opening_retry(&self, fetched: &Fetched, ruling: &Ruling, end: Option<&HopEnd>) -> Option<Duration> {
        let attempts = self.state.opening.attempts;
        if attempts >= MAX_RETRIES {
            return None;
        }
        match end {
            Some(HopEnd::NotNow(after)) => Some(*after),
            _ if is_passing(ruling) => {
                Some(fetched.closed_for.unwrap_or_default().max(self.retry_wait(attempts + 1)))
            }
            _ => None,
        }
    }

    /// From here on the site is known; its start page is a seed, too.
    fn settle_site(&mut self, site: Site, start: &Normal, ruling: &Ruling) {
        let home = site.home.clone();
        self.state.start_ruling = Some(Ended::from(ruling));
        self.state.start_url = Some(start.url.to_string());
        self.state.opening.urls.clear();
        self.state.site = Some(site);
        if let Some(home) = self.own_normal(&home)
            && self.own_normal(&start.url).is_none_or(|start| start.key != home.key)
        {
            let row = self.seed(&home);
            self.rows.push(row);
        }
    }

    /// The row of a start address.
    fn seed(&self, normal: &Normal) -> Candidate {
        let normal = self.own_normal(&normal.url).unwrap_or_else(|| normal.clone());
        let found = Found { url: normal.url.to_string(), via: "seed", ..Found::default() };
        let site = self.state.site.clone().unwrap_or_else(|| Site::new(&normal.url));
        self.policy_for(site).candidate(&normal, &found)
    }
}

/// Where else a site may answer when its start address does not.
fn alternatives(start: &Url) -> Vec<String> {
    let mut urls = Vec::new();
    let mut plain = start.clone();
    if start.scheme() == "https" && start.port().is_none() && plain.set_scheme("http").is_ok() {
        urls.push(plain.to_string());
    }
    let home = Site::new(start).home;
    if home != *start {
        urls.push(home.to_string());
    }
    urls
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_site_that_does_not_answer_is_tried_by_its_other_scheme_and_its_start_page() {
        let of = |url: &str| alternatives(&Url::parse(url).unwrap());
        assert_eq!(of("https://a.example/"), ["http://a.example/"]);
        assert_eq!(of("https://a.example/x?y=1"), ["http://a.example/x?y=1", "https://a.example/"]);
        assert_eq!(of("http://a.example/"), Vec::<String>::new());
        assert_eq!(of("https://a.example:8443/"), Vec::<String>::new());
    }
}
