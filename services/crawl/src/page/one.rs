//! One page of a list: fetched, judged, committed.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, Utc};
use content::kinds::Kinds;
use domain::{BlockedOn, Candidate, DocumentId, FrontierState, NewEvent, Problem, Verdict};
use net::{Access, Cause, Fetched, Paced, Robots};
use serde_json::json;
use store::Effects;
use worker::{Context, Error};

use super::Progress;
use crate::deps::Shared;
use crate::fetch::{Terms, fetch};
use crate::file::{Making, Signals};
use crate::hops::{HopEnd, Hops};
use crate::kept::{Kept, KeptOne};
use crate::look::Look;
use crate::normal::Normal;
use crate::trouble::{
    MAX_RETRIES, Vain, Without, is_outage, is_passing, is_worth_retrying, outage, without_rules,
};
use crate::verdict::{Question, Ruling, failed, judge};

/// Whether to go on with the next address.
pub(super) enum Next {
    Page,
    Yield(Duration),
}

/// One claim of a list of pages.
pub(super) struct Single<'c> {
    pub(super) ctx: &'c Context,
    pub(super) shared: &'c Shared,
    pub(super) kinds: Kinds,
    pub(super) kept: Kept,
    pub(super) progress: Progress,
    /// Crawl time at the most.
    pub(super) limit: Duration,
    pub(super) began: DateTime<Utc>,
    /// Up to here time was counted.
    pub(super) counted: DateTime<Utc>,
}

/// The rules of the hosts that a fetch came by.
type Rules = HashMap<String, Arc<Robots>>;

impl Single<'_> {
    /// Settles the next address, or says when to come back to it.
    pub(super) async fn settle(&mut self, text: &str) -> Result<Next, Error> {
        let Some(normal) = Normal::parse(text, &self.shared.tables.addresses) else {
            let detail = format!("`{text}` is no web address");
            return Err(Error::fatal("invalid_input", detail));
        };
        if content::network(&normal.url).is_some() {
            return self.skip(&normal, None, "profile_not_crawled").await;
        }
        if let Some(kept) = self.kept.at(&normal.key) {
            let reason = format!("duplicate_of:{}", kept.url);
            self.progress.output.skipped += 1;
            return self
                .done(
                    None,
                    NewEvent::new("page.duplicate", json!({ "url": normal.url, "reason": reason })),
                    None,
                )
                .await;
        }
        let access = self.shared.polite.robots(&normal.url, self.patience(), self.ctx.cancelled()).await;
        let robots = match access.map_err(outage)? {
            Access::Known(robots) => robots,
            Access::Wait { after, .. } => return self.later(&normal, after).await,
            Access::Unreachable(cause) => return self.without_robots(&normal, &cause).await,
        };
        if !robots.allows(&normal.url) {
            return self.skip(&normal, Some(Verdict::Blocked), "robots").await;
        }
        self.fetch(&normal, robots).await
    }

    async fn fetch(&mut self, normal: &Normal, robots: Arc<Robots>) -> Result<Next, Error> {
        let asked = BTreeSet::new();
        let crawl_delay = robots.crawl_delay();
        let mut hops = Hops {
            polite: &self.shared.polite,
            cancel: self.ctx.cancelled(),
            addresses: &self.shared.tables.addresses,
            site: None,
            wanted: None,
            asked: &asked,
            own_key: normal.key.clone(),
            dead_ends: Vec::new(),
            patience: self.patience(),
            retry: self.shared.settings.retry,
            robots: HashMap::from([(net::host_key(&normal.url), robots)]),
            end: None,
        };
        let terms = Terms { crawl_delay, patience: self.patience(), files_left: true, languages: Vec::new() };
        let paced = fetch(&self.shared.polite, &normal.url, &terms, &mut hops, self.ctx.cancelled()).await;
        let (end, rules) = (hops.end, hops.robots);
        match paced {
            Ok(Paced::Wait { after, .. }) => self.later(normal, after).await,
            Ok(Paced::Fetched(fetched)) => {
                let end = HopEnd::of(&fetched, end);
                self.answered(normal, &fetched, end.as_ref(), &rules).await
            }
            Err(error) if is_outage(&error) => Err(outage(error)),
            Err(error) if is_worth_retrying(&error) && self.progress.attempts < MAX_RETRIES => {
                self.again(normal, self.shared.settings.retry).await
            }
            Err(error) => self.not_seen(normal, None, &failed(&error)).await,
        }
    }

    async fn answered(
        &mut self,
        normal: &Normal,
        fetched: &Fetched,
        end: Option<&HopEnd>,
        rules: &Rules,
    ) -> Result<Next, Error> {
        let (look, ruling) = match end {
            Some(HopEnd::Robots) => (Look::Broken, Ruling::new(Verdict::Blocked, "robots")),
            Some(HopEnd::NotNow(_)) => (Look::Broken, Ruling::new(Verdict::Blocked, "robots_unreachable")),
            Some(_) => (Look::Broken, Ruling::new(Verdict::Missing, "leaves_site")),
            None => judge(fetched, self.question(normal)).await?,
        };
        let passing = is_passing(&ruling) || matches!(end, Some(HopEnd::NotNow(_)));
        if passing && self.progress.attempts < MAX_RETRIES {
            let wait = fetched.closed_for.unwrap_or_default().max(self.shared.settings.retry);
            return self.again(normal, wait).await;
        }
        if ruling.verdict == Verdict::Content {
            self.keep(normal, fetched, &look, rules).await
        } else {
            self.not_seen(normal, Some(fetched.status), &ruling).await
        }
    }

    fn question(&self, normal: &Normal) -> Question {
        Question {
            requested: normal.url.clone(),
            is_home: false,
            fingerprint: None,
            tables: Arc::clone(&self.shared.tables),
            counts: Box::new(|_| true),
        }
    }

    async fn keep(
        &mut self,
        normal: &Normal,
        fetched: &Fetched,
        look: &Look,
        rules: &Rules,
    ) -> Result<Next, Error> {
        let summary = look.summary().cloned().unwrap_or_default();
        let landed =
            Normal::of(&fetched.url, &self.shared.tables.addresses).unwrap_or_else(|| normal.clone());
        let mut row = self.row(&landed, FrontierState::Done, Some(Verdict::Content));
        row.status = Some(fetched.status);
        let twin = self.kept.with_text(&summary.text_hash).or_else(|| self.kept.at(&landed.key));
        if let Some(twin) = twin.map(|twin| twin.url.clone()) {
            row.reason = Some(format!("duplicate_of:{twin}"));
            self.count(Verdict::Content);
            let event = NewEvent::new("page.duplicate", json!({ "url": row.url, "duplicate_of": twin }));
            return self.done(Some(row), event, None).await;
        }
        let raw = self.ctx.store().blobs().put(fetched.body.clone()).await?;
        let guess = self.kinds.guess(&landed.url, None, None);
        let robots = rules.get(&net::host_key(&fetched.url)).map(AsRef::as_ref);
        let aliases: Vec<String> = fetched.redirects.iter().map(|hop| hop.from.to_string()).collect();
        let making = Making {
            job: self.ctx.job(),
            id: DocumentId::new(),
            fetched,
            look,
            raw,
            url: &landed.url,
            aliases: &aliases,
            anchor: None,
            kind: &guess.kind,
            kind_confidence: guess.score,
            depth: 0,
            via: &row.via,
            signals: Signals::of(&fetched.url, robots, &fetched.headers, look.robots()),
            respects_ai: self.shared.settings.respect_ai_signals,
            canonical: None,
            syndicated_from: None,
            canonical_note: None,
        };
        let document = making.document();
        row.document = Some(document.id);
        let one = KeptOne::new(document.id, &row.url, &summary.text_hash, summary.simhash, summary.words);
        let keys = [landed.key.clone(), normal.key.clone()];
        self.count(Verdict::Content);
        self.progress.output.kept += 1;
        let event =
            NewEvent::new("page.kept", json!({ "url": row.url, "kind": guess.kind, "words": summary.words }));
        let next = self.done(Some(row), event, Some(document)).await?;
        self.kept.add(one, keys);
        Ok(next)
    }

    async fn not_seen(
        &mut self,
        normal: &Normal,
        status: Option<u16>,
        ruling: &Ruling,
    ) -> Result<Next, Error> {
        let mut row = self.row(normal, FrontierState::Done, Some(ruling.verdict));
        (row.status, row.reason) = (status, ruling.reason.clone());
        self.count(ruling.verdict);
        let data = json!({ "url": row.url, "verdict": ruling.verdict.as_str(), "reason": ruling.reason });
        self.done(Some(row), NewEvent::new("page.not_seen", data), None).await
    }

    async fn skip(&mut self, normal: &Normal, verdict: Option<Verdict>, reason: &str) -> Result<Next, Error> {
        let mut row = self.row(normal, FrontierState::Skipped, verdict);
        row.reason = Some(reason.to_owned());
        self.progress.output.skipped += 1;
        let data = json!({ "url": row.url, "verdict": verdict.map(Verdict::as_str), "reason": reason });
        self.done(Some(row), NewEvent::new("page.not_seen", data), None).await
    }

    /// What is left when the time is up is listed.
    pub(super) async fn give_up(&mut self, urls: &[String]) -> Result<(), Error> {
        let rest = urls.get(self.progress.settled..).unwrap_or_default();
        let rest = rest.iter().filter_map(|url| Normal::parse(url, &self.shared.tables.addresses));
        let rest: Vec<Normal> = rest.filter(|normal| self.kept.at(&normal.key).is_none()).collect();
        let rows: Vec<Candidate> = rest.iter().map(|normal| self.too_late(normal)).collect();
        self.progress.output.skipped += u32::try_from(rows.len()).unwrap_or(u32::MAX);
        self.progress.settled = urls.len();
        self.save(Effects { frontier: rows, ..Effects::default() }).await
    }

    fn too_late(&mut self, normal: &Normal) -> Candidate {
        self.progress.output.limits_hit.insert("time".to_owned());
        let row = self.row(normal, FrontierState::Skipped, None);
        Candidate { reason: Some("limit:time".to_owned()), ..row }
    }

    /// The rules are not to be had: asked for again as for a site, then the page is given up.
    async fn without_robots(&mut self, normal: &Normal, cause: &Cause) -> Result<Next, Error> {
        let host = net::host_key(&normal.url);
        let vain = Vain {
            answered: self.progress.robots_tries.entry(host.clone()).or_default(),
            silent: self.progress.silent_tries.entry(host).or_default(),
        };
        match without_rules(cause, vain, &self.shared.settings) {
            Without::Again(wait) => self.later(normal, wait).await,
            Without::GivenUp(ruling) if ruling.verdict == Verdict::Blocked => {
                self.skip(normal, Some(ruling.verdict), "robots_unreachable").await
            }
            Without::GivenUp(ruling) => self.not_seen(normal, None, &ruling).await,
        }
    }

    async fn again(&mut self, normal: &Normal, wait: Duration) -> Result<Next, Error> {
        self.progress.attempts += 1;
        self.later(normal, wait).await
    }

    /// Ends the claim until the host may be asked. A wait that the time does not allow is not begun: pages of other
    /// hosts may still be had.
    async fn later(&mut self, normal: &Normal, after: Duration) -> Result<Next, Error> {
        if after >= self.time_left() {
            let row = self.too_late(normal);
            self.progress.output.skipped += 1;
            let data = json!({ "url": row.url, "reason": row.reason });
            return self.done(Some(row), NewEvent::new("page.not_seen", data), None).await;
        }
        let now = self.ctx.now();
        let until = now + after;
        self.progress.time.wait_on_host(now, until);
        self.save(Effects::default()).await?;
        if after <= self.shared.settings.slice {
            return Ok(Next::Yield(after));
        }
        let problem =
            Problem::new("host_busy", format!("{} is to be asked later", normal.host())).retryable();
        Err(Error::Blocked { on: BlockedOn::Host, until: Some(until), problem })
    }

    pub(super) fn time_left(&self) -> Duration {
        let uncounted = (self.ctx.now() - self.counted).to_std().unwrap_or_default();
        self.limit.saturating_sub(self.progress.time.so_far() + uncounted)
    }

    /// How long this claim may still wait at a gate.
    fn patience(&self) -> Duration {
        let used = (self.ctx.now() - self.began).to_std().unwrap_or_default();
        self.shared.settings.slice.saturating_sub(used).min(self.time_left())
    }

    fn count(&mut self, verdict: Verdict) {
        self.progress.output.fetched += 1;
        *self.progress.output.by_verdict.entry(verdict.as_str().to_owned()).or_default() += 1;
    }

    fn row(&self, normal: &Normal, state: FrontierState, verdict: Option<Verdict>) -> Candidate {
        Candidate {
            url_key: normal.key.clone(),
            url: normal.url.to_string(),
            host: normal.host().to_owned(),
            kind_guess: self.kinds.guess(&normal.url, None, None).kind,
            priority: 1.0,
            depth: 0,
            via: "extra".to_owned(),
            discovered_from: None,
            state,
            verdict,
            reason: None,
            status: None,
            document: None,
            due_at: self.ctx.now(),
            attempts: self.progress.attempts,
            notes: json!({}),
        }
    }

    /// The address is settled: everything about it in one commit.
    async fn done(
        &mut self,
        row: Option<Candidate>,
        event: NewEvent,
        document: Option<domain::Document>,
    ) -> Result<Next, Error> {
        self.progress.settled += 1;
        self.progress.attempts = 0;
        self.save(Effects {
            frontier: row.into_iter().collect(),
            events: vec![event],
            documents: document.into_iter().collect(),
            ..Effects::default()
        })
        .await?;
        Ok(Next::Page)
    }

    async fn save(&mut self, effects: Effects) -> Result<(), Error> {
        let now = self.ctx.now();
        self.progress.time.add(self.counted, now);
        self.counted = now;
        let checkpoint = serde_json::to_value(&self.progress)
            .map_err(|error| Error::fatal("invalid_checkpoint", error.to_string()))?;
        self.ctx.commit(Effects { checkpoint: Some(checkpoint), ..effects }).await
    }
}
