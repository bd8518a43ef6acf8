//! One page: fetched, looked at, judged; or put off, or given up.

use std::sync::Arc;
use std::time::Duration;

use domain::{Candidate, FrontierState, NewEvent, Verdict};
use net::{Fetched, Paced};
use serde_json::json;
use url::Url;

use super::pick::path_key;
use super::{Crawl, Step, Stop, waiting_for};
use crate::fetch::{Terms, fetch};
use crate::hops::HopEnd;
use crate::look::Look;
use crate::scope::Site;
use crate::trouble::{MAX_RETRIES, is_outage, is_passing, is_worth_retrying, outage};
use crate::verdict::{Question, Ruling, failed, judge};

impl Crawl<'_> {
    pub(super) async fn visit(&mut self, candidate: Candidate) -> Step<()> {
        let Ok(url) = Url::parse(&candidate.url) else { return self.fail(candidate, &invalid()).await };
        let key = net::host_key(&url);
        if self.robots.get(&key).is_some_and(|robots| !robots.allows(&url)) {
            // The host's rules came to be known only now; the frontier settles it.
            return Ok(());
        }
        self.slice.requests += 1;
        let mut hops = self.hops(candidate.url_key.clone());
        let terms = self.terms(&url);
        let paced = fetch(&self.shared.polite, &url, &terms, &mut hops, self.ctx.cancelled()).await;
        let (end, robots) = (hops.end, hops.robots);
        self.robots.extend(robots);
        match paced {
            Ok(Paced::Wait { after, .. }) => self.put_off(&key, after).await,
            Ok(Paced::Fetched(fetched)) => {
                let end = HopEnd::of(&fetched, end);
                self.answered(candidate, &fetched, end).await
            }
            Err(error) if is_outage(&error) => Err(Stop::Error(outage(error))),
            Err(error) if is_worth_retrying(&error) && candidate.attempts < MAX_RETRIES => {
                self.state.tally.fetches += 1;
                let wait = self.retry_wait(candidate.attempts + 1);
                self.retry(candidate, wait).await
            }
            Err(error) => {
                self.state.tally.fetches += 1;
                self.fail(candidate, &failed(&error)).await
            }
        }
    }

    pub(super) fn terms(&self, url: &Url) -> Terms<'_> {
        Terms {
            crawl_delay: self.robots.get(&net::host_key(url)).and_then(|robots| robots.crawl_delay()),
            patience: self.patience(),
            files_left: self.state.tally.files < self.args.max_files,
            languages: self.languages.iter().map(String::as_str).collect(),
        }
    }

    /// The host's turn is not now: a short wait ends the claim, during a long one other hosts are asked.
    pub(super) async fn put_off(&mut self, host: &str, after: Duration) -> Step<()> {
        if after <= self.shared.settings.slice {
            return Err(self.wait_for_host(after, waiting_for(host)).await);
        }
        let due = self.ctx.now() + after;
        self.state.host(host).due = Some(due);
        self.commit_rows().await
    }

    async fn answered(&mut self, candidate: Candidate, fetched: &Fetched, end: Option<HopEnd>) -> Step<()> {
        let Some(site) = self.state.site.clone() else { return Ok(()) };
        let Ok(requested) = Url::parse(&candidate.url) else { return Ok(()) };
        let (look, ruling) = self.judge(&site, &requested, fetched, end.as_ref()).await?;
        if let Some(closed_for) = fetched.closed_for {
            let due = self.ctx.now() + closed_for;
            self.state.host(&net::host_key(&fetched.url)).due = Some(due);
        }
        let put_off = match &end {
            Some(HopEnd::NotNow(after)) => Some(*after),
            _ => is_passing(&ruling)
                .then(|| fetched.closed_for.unwrap_or_default().max(self.retry_wait(candidate.attempts + 1))),
        };
        match put_off.filter(|_| candidate.attempts < MAX_RETRIES) {
            Some(wait) => {
                self.state.tally.fetches += 1;
                self.retry(candidate, wait).await
            }
            None => self.settle_answer(candidate, fetched, &look, ruling, end.as_ref()).await,
        }
    }

    /// Looks at an answer and gives the verdict on it, or on a redirect that was not followed: that one has nothing to
    /// look at.
    pub(super) async fn judge(
        &self,
        site: &Site,
        requested: &Url,
        fetched: &Fetched,
        end: Option<&HopEnd>,
    ) -> Step<(Look, Ruling)> {
        if let Some(end) = end {
            return Ok((Look::Broken, self.hop_ruling(requested, end)));
        }
        let tables = Arc::clone(&self.shared.tables);
        let landed = self.own_normal(&fetched.url);
        let (of, scope) = (site.clone(), self.args.scope);
        let question = Question {
            requested: requested.clone(),
            is_home: landed.is_some_and(|landed| site.is_home(&landed)),
            fingerprint: self.state.fingerprint(&net::host_key(&fetched.url)).cloned(),
            tables: Arc::clone(&tables),
            counts: Box::new(move |link| {
                Url::parse(&link.href).is_ok_and(|url| of.rank(&url, scope, &tables.addresses).is_some())
            }),
        };
        Ok(judge(fetched, question).await?)
    }

    fn hop_ruling(&self, requested: &Url, end: &HopEnd) -> Ruling {
        let addresses = &self.shared.tables.addresses;
        match end {
            HopEnd::Robots => Ruling::new(Verdict::Blocked, "robots"),
            HopEnd::NotNow(_) => Ruling::new(Verdict::Blocked, "robots_unreachable"),
            HopEnd::Excluded => Ruling::new(Verdict::Missing, "leads_to_excluded"),
            HopEnd::Leaves(to) if addresses.is_sign_in(to) || is_sign_in_host(to, addresses) => {
                Ruling::new(Verdict::Login, "redirected_to_sign_in")
            }
            HopEnd::Leaves(to) => Ruling::new(Verdict::Missing, format!("leaves_site:{to}")),
            HopEnd::Asked(to) if addresses.is_sign_in(&to.url) && !addresses.is_sign_in(requested) => {
                Ruling::new(Verdict::Login, "redirected_to_sign_in")
            }
            HopEnd::Asked(to) if self.stands_for_missing(requested, to.key.as_str(), &to.url) => {
                Ruling::new(Verdict::Soft404, "redirected_away")
            }
            HopEnd::Asked(to) => Ruling::new(Verdict::Content, format!("duplicate_of:{}", to.url)),
        }
    }

    /// Whether being sent there says "not here": a deep address to the start page, or to the host's page for that.
    fn stands_for_missing(&self, requested: &Url, key: &str, to: &Url) -> bool {
        let is_missing_page = self
            .state
            .hosts
            .get(&net::host_key(requested))
            .is_some_and(|host| host.missing_key.as_deref() == Some(key));
        let is_home = to.path() == "/" && to.query().is_none();
        let was_home = self.kinds.guess(requested, None, None).kind == content::kinds::HOME;
        (is_missing_page || is_home) && !was_home
    }

    /// Back into the frontier.
    async fn retry(&mut self, candidate: Candidate, wait: Duration) -> Step<()> {
        let due_at = self.ctx.now() + wait;
        let attempts = candidate.attempts + 1;
        let data = json!({ "url": candidate.url, "attempt": attempts, "due_at": due_at });
        self.rows.push(Candidate { due_at, attempts, ..candidate });
        self.commit_event(NewEvent::new("page.retried", data)).await
    }

    /// No answer, for good.
    async fn fail(&mut self, candidate: Candidate, ruling: &Ruling) -> Step<()> {
        self.state.ask(&candidate.url_key);
        self.state.count_verdict(ruling.verdict);
        self.note_home(&candidate, ruling);
        let data =
            json!({ "url": candidate.url, "verdict": ruling.verdict.as_str(), "reason": ruling.reason });
        self.rows.push(Candidate {
            state: FrontierState::Done,
            verdict: Some(ruling.verdict),
            reason: ruling.reason.clone(),
            ..candidate
        });
        self.commit_event(NewEvent::new("page.not_seen", data)).await
    }

    /// How the start page of the site ended decides what is said of a crawl without a page.
    pub(super) fn note_home(&mut self, candidate: &Candidate, ruling: &Ruling) {
        if candidate.via == "seed" && candidate.kind_guess == content::kinds::HOME {
            self.state.home_ruling = Some(ruling.into());
        }
    }

    /// A fetched address with a query is one variant more of its path.
    pub(super) fn count_variant(&mut self, url: &Url) {
        if url.query().is_some() {
            *self.state.variants.entry(path_key(url)).or_default() += 1;
        }
    }
}

fn invalid() -> Ruling {
    Ruling::new(Verdict::Error, "invalid")
}

/// `login.acme.example`, `sso.other.example`.
fn is_sign_in_host(url: &Url, addresses: &crate::tables::Addresses) -> bool {
    let label = url.domain().and_then(|host| host.split('.').next());
    label.is_some_and(|label| addresses.sign_in.has(label) || label == "accounts")
}
