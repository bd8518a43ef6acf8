//! What becomes of an answer: a document, an alias of one, or an entry of what was not seen. One commit each.

use domain::{Candidate, DocumentId, FrontierState, NewEvent, Verdict};
use net::Fetched;
use serde_json::json;
use store::Effects;
use url::Url;

use super::{Crawl, Step};
use crate::admit::{Found, anchor, primary};
use crate::file::{Making, Signals, linked_canonical, size};
use crate::hops::HopEnd;
use crate::kept::KeptOne;
use crate::look::{Look, Summary, canonical};
use crate::normal::{Normal, parameters};
use crate::trap::pattern;
use crate::verdict::Ruling;

/// An answer and everything that was found out about it.
struct Settled<'a> {
    /// The row that was asked for.
    candidate: Candidate,
    fetched: &'a Fetched,
    look: &'a Look,
    ruling: Ruling,
    /// What answered, as the site writes it.
    landed: Normal,
    /// The row of what answered.
    row: Candidate,
    /// Rows of what led there.
    aliases: Vec<Candidate>,
    signals: Signals,
}

/// What a page's canonical link comes to (RFC 6596).
#[derive(Debug, Default)]
struct Canonical {
    /// Believed; `alias` is its row if it was not fetched yet.
    url: Option<String>,
    alias: Option<Normal>,
    /// The kept page that this one is a copy of.
    duplicate_of: Option<String>,
    syndicated_from: Option<String>,
    ignored: Option<&'static str>,
}

impl Crawl<'_> {
    /// Settles what was asked for, in one commit.
    pub(super) async fn settle_answer(
        &mut self,
        candidate: Candidate,
        fetched: &Fetched,
        look: &Look,
        ruling: Ruling,
        end: Option<&HopEnd>,
    ) -> Step<()> {
        self.state.tally.fetches += 1;
        self.state.tally.size_bytes += size(&fetched.body);
        self.note_home(&candidate, &ruling);
        let Some(settled) = self.settled(candidate, fetched, look, ruling) else { return Ok(()) };
        if let Some(HopEnd::Asked(known)) = end
            && settled.ruling.verdict == Verdict::Content
        {
            return self.keep_redirect(settled, known).await;
        }
        if settled.ruling.verdict == Verdict::Content {
            self.keep(settled).await
        } else {
            self.not_seen(settled).await
        }
    }

    fn settled<'a>(
        &mut self,
        candidate: Candidate,
        fetched: &'a Fetched,
        look: &'a Look,
        ruling: Ruling,
    ) -> Option<Settled<'a>> {
        let landed = self.own_normal(&fetched.url)?;
        if let Ok(url) = Url::parse(&candidate.url) {
            self.count_variant(&url);
        }
        let mut row = Candidate { status: Some(fetched.status), ..candidate.clone() };
        if landed.key != candidate.url_key {
            let guess = self.kinds.guess(&landed.url, anchor(&candidate), self.args.name.as_deref());
            row.discovered_from = Some(candidate.url.clone());
            (row.url_key, row.url) = (landed.key.clone(), landed.url.to_string());
            (row.host, row.kind_guess) = (landed.host().to_owned(), guess.kind);
        }
        let hops = fetched.redirects.iter().filter_map(|hop| self.own_normal(&hop.from));
        let hops = hops.map(|hop| (hop.key, hop.url.to_string()));
        let asked: Vec<(String, String)> =
            std::iter::once((candidate.url_key.clone(), candidate.url.clone())).chain(hops).collect();
        let home = self.home_key();
        let keys = asked.iter().map(|(key, _)| key).chain([&landed.key]);
        if keys.into_iter().any(|key| home.as_ref() == Some(key)) {
            self.state.home_lands = Some(landed.key.clone());
        }
        let mut aliases: Vec<Candidate> = Vec::new();
        for (url_key, url) in asked {
            self.state.ask(&url_key);
            if url_key != landed.key && aliases.iter().all(|alias| alias.url_key != url_key) {
                let reason = Some(format!("duplicate_of:{}", landed.url));
                aliases.push(Candidate {
                    url_key,
                    url,
                    state: FrontierState::Skipped,
                    reason,
                    ..candidate.clone()
                });
            }
        }
        self.state.ask(&landed.key);
        let robots = self.robots.get(&net::host_key(&fetched.url)).map(AsRef::as_ref);
        let signals = Signals::of(&fetched.url, robots, &fetched.headers, look.robots());
        Some(Settled { candidate, fetched, look, ruling, landed, row, aliases, signals })
    }

    /// Listed with its verdict; a page without text may still lead somewhere.
    async fn not_seen(&mut self, settled: Settled<'_>) -> Step<()> {
        let Settled { look, ruling, landed, row, aliases, signals, .. } = settled;
        let leads_on = matches!(ruling.reason.as_deref(), Some("no_text" | "needs_js"));
        let page = look.page().filter(|_| leads_on && !signals.nofollow);
        let links = match page {
            Some(page) => self.links_of(page, &landed, row.depth).await?,
            None => Vec::new(),
        };
        // What led there was not seen for the same reason.
        let unseen: Vec<Candidate> = aliases
            .into_iter()
            .chain([row.clone()])
            .map(|row| Candidate {
                state: FrontierState::Done,
                verdict: Some(ruling.verdict),
                reason: ruling.reason.clone(),
                ..row
            })
            .collect();
        unseen.iter().for_each(|_| self.state.count_verdict(ruling.verdict));
        if ruling.reason.as_deref() == Some("max_files") {
            self.state.limits_hit.insert("max_files".to_owned());
        }
        let data = json!({ "url": row.url, "verdict": ruling.verdict.as_str(), "reason": ruling.reason });
        let frontier = unseen.into_iter().chain(links).collect();
        let events = vec![NewEvent::new("page.not_seen", data)];
        self.commit(Effects { frontier, events, ..Effects::default() }).await
    }

    /// What was asked for leads to a known address: to one that was asked for before, or to the one where the host
    /// sends those who ask for nothing. That one may never have been asked for as a page of its own.
    async fn keep_redirect(&mut self, settled: Settled<'_>, to: &Normal) -> Step<()> {
        let row = &settled.row;
        if self.home_key().as_ref() == Some(&row.url_key) {
            self.state.home_lands = Some(to.key.clone());
        }
        if !self.state.was_asked(&to.key) {
            let (url, from) = (to.url.to_string(), Some(row.url.clone()));
            let found = Found { url, depth: row.depth, via: "link", from, ..Found::default() };
            let rows = self.enlist(vec![found]).await?;
            self.rows.extend(rows);
        }
        self.keep_alias(settled, to.url.as_str(), FrontierState::Skipped).await
    }

    /// No second document: what was asked for is (a copy of) one that is kept.
    async fn keep_alias(&mut self, settled: Settled<'_>, of: &str, state: FrontierState) -> Step<()> {
        let Settled { mut row, aliases, .. } = settled;
        row.state = state;
        row.reason = Some(format!("duplicate_of:{of}"));
        if state == FrontierState::Done {
            row.verdict = Some(Verdict::Content);
            self.state.count_verdict(Verdict::Content);
        }
        let data = json!({ "url": row.url, "duplicate_of": of });
        let frontier = aliases.into_iter().chain([row]).collect();
        let events = vec![NewEvent::new("page.duplicate", data)];
        self.commit(Effects { frontier, events, ..Effects::default() }).await
    }

    /// A document, unless its text is there already.
    async fn keep(&mut self, settled: Settled<'_>) -> Step<()> {
        let summary = settled.look.summary().cloned().unwrap_or_default();
        let landed = settled.landed.clone();
        self.learn_language(&landed, &summary);
        if landed.url.query().is_some() {
            self.state.learn_parameter(&pattern(&landed.url), &parameters(&landed.url), &summary.text_hash);
        }
        if let Some(twin) = self.kept.with_text(&summary.text_hash).map(|twin| twin.url.clone()) {
            return self.keep_alias(settled, &twin, FrontierState::Done).await;
        }
        let canonical = self.canonical(&settled, &summary);
        if let Some(original) = &canonical.duplicate_of {
            return self.keep_alias(settled, original, FrontierState::Done).await;
        }
        let raw = self.ctx.store().blobs().put(settled.fetched.body.clone()).await?;
        let mut links = Vec::new();
        if let Some(page) = settled.look.page().filter(|_| !settled.signals.nofollow) {
            links.extend(self.links_of(page, &landed, settled.row.depth).await?);
            links.extend(self.twins_of(page, &landed, settled.row.depth).await?);
        }
        // Only now: the twins of the start page are not yet judged by its language, the home page may have another.
        if self.is_seed(&settled.candidate.url_key) && self.state.start_language.is_none() {
            self.state.start_language = summary.language.as_deref().map(primary);
            self.know_languages();
        }
        self.keep_document(settled, &summary, canonical, raw, links).await
    }

    async fn keep_document(
        &mut self,
        settled: Settled<'_>,
        summary: &Summary,
        canonical: Canonical,
        raw: domain::BlobId,
        links: Vec<Candidate>,
    ) -> Step<()> {
        let Settled { candidate, fetched, look, landed, mut row, mut aliases, signals, .. } = settled;
        let guess = self.kinds.guess(&landed.url, anchor(&candidate), self.args.name.as_deref());
        if let Some(target) = &canonical.alias {
            self.state.ask(&target.key);
            aliases.push(canonical_row(target, &landed, &candidate));
        }
        let names: Vec<String> = aliases.iter().map(|alias| alias.url.clone()).collect();
        let making = Making {
            job: self.ctx.job(),
            id: DocumentId::new(),
            fetched,
            look,
            raw,
            url: &landed.url,
            aliases: &names,
            anchor: anchor(&candidate),
            kind: &guess.kind,
            kind_confidence: guess.score,
            depth: row.depth,
            via: &row.via,
            signals,
            respects_ai: self.shared.settings.respect_ai_signals,
            canonical: canonical.url.as_deref(),
            syndicated_from: canonical.syndicated_from.as_deref(),
            canonical_note: canonical.ignored,
        };
        let document = making.document();
        row.state = FrontierState::Done;
        row.verdict = Some(Verdict::Content);
        row.document = Some(document.id);
        self.count_kept(&row, look);
        let tally = &self.state.tally;
        let data = json!({ "url": row.url, "kind": guess.kind, "words": summary.words, "kept": tally.kept, "fetched": tally.fetches });
        let one = KeptOne::new(document.id, &row.url, &summary.text_hash, summary.simhash, summary.words);
        let keys: Vec<String> =
            aliases.iter().map(|alias| alias.url_key.clone()).chain([row.url_key.clone()]).collect();
        let effects = Effects {
            documents: vec![document],
            frontier: aliases.into_iter().chain([row]).chain(links).collect(),
            events: vec![NewEvent::new("page.kept", data)],
            ..Effects::default()
        };
        self.commit(effects).await?;
        self.kept.add(one, keys);
        Ok(())
    }

    fn count_kept(&mut self, row: &Candidate, look: &Look) {
        self.state.count_verdict(Verdict::Content);
        let tally = &mut self.state.tally;
        tally.kept += 1;
        tally.files += u32::from(look.is_file());
        *tally.by_kind.entry(row.kind_guess.clone()).or_default() += 1;
        *tally.by_host.entry(row.host.clone()).or_default() += 1;
    }

    /// The language of what answers at the home address is the site's own.
    fn learn_language(&mut self, landed: &Normal, summary: &Summary) {
        let is_home = self.state.home_lands.as_ref() == Some(&landed.key);
        if is_home && self.state.language.is_none() {
            self.state.language = summary.language.as_deref().map(primary);
            self.know_languages();
        }
    }

    fn canonical(&self, settled: &Settled<'_>, summary: &Summary) -> Canonical {
        let linked = || settled.fetched.url.join(&linked_canonical(&settled.fetched.headers)?).ok();
        let target = canonical(settled.look).cloned().or_else(linked);
        let (Some(target), Some(site)) = (target, &self.state.site) else { return Canonical::default() };
        let Some(normal) = self.own_normal(&target) else { return Canonical::default() };
        let url = Some(normal.url.to_string());
        let ignored = |why| Canonical { ignored: Some(why), ..Canonical::default() };
        if normal.key == settled.landed.key {
            return Canonical { url, ..Canonical::default() };
        }
        if site.rank(&normal.url, self.args.scope, &self.shared.tables.addresses).is_none() {
            return Canonical { syndicated_from: url, ..Canonical::default() };
        }
        if site.is_home(&normal) {
            return ignored("names_the_start_page");
        }
        match self.kept.at(&normal.key) {
            Some(kept) if kept.is_like(&summary.text_hash, summary.simhash, summary.words) => {
                Canonical { duplicate_of: Some(kept.url.clone()), ..Canonical::default() }
            }
            Some(_) => ignored("has_another_text"),
            None if self.state.was_asked(&normal.key) => ignored("is_not_there"),
            None => Canonical { url, alias: Some(normal), ..Canonical::default() },
        }
    }
}

/// The row of a canonical address that is never going to be asked for: the page that names it was kept.
fn canonical_row(target: &Normal, landed: &Normal, candidate: &Candidate) -> Candidate {
    Candidate {
        url_key: target.key.clone(),
        url: target.url.to_string(),
        host: target.host().to_owned(),
        via: "canonical".to_owned(),
        state: FrontierState::Skipped,
        reason: Some(format!("duplicate_of:{}", landed.url)),
        ..candidate.clone()
    }
}
