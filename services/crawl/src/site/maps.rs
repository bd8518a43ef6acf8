//! Sitemaps and feeds: all files first, then the best of what they name becomes rows.

use chrono::{DateTime, Utc};
use domain::NewEvent;
use net::Fetched;
use serde_json::json;
use url::Url;

use super::host::Asked;
use super::{Crawl, Step};
use crate::admit::{Admission, Found, Policy};
use crate::aside::aside;
use crate::scope::Site;
use crate::sitemap::{self, Entry, Form, MAX_UNPACKED, Reading};
use crate::state::{MapEntry, MapFile};

const MAX_FILES: u32 = 50;
/// Indexes of indexes are as deep as it goes.
const MAX_LEVEL: u32 = 2;
/// How many addresses of all files become rows, the best ones.
const MAX_ROWS: u32 = 10_000;
/// Rows in one transaction.
const CHUNK: usize = 1000;
const RETRIES: u32 = 2;

impl Crawl<'_> {
    /// Reads the next file, or turns the next of what was found into rows. False if neither can be done now.
    pub(super) async fn read_map(&mut self) -> Step<bool> {
        if self.state.maps.files >= MAX_FILES && !self.state.maps.waiting.is_empty() {
            self.state.limits_hit.insert("sitemaps".to_owned());
            self.state.maps.waiting.clear();
        }
        let now = self.ctx.now();
        let waiting = &self.state.maps.waiting;
        let Some(at) = waiting.iter().position(|map| self.due(map).is_none_or(|due| due <= now)) else {
            return self.keep_found().await;
        };
        let Some(map) = self.state.maps.waiting.get(at).cloned() else { return Ok(true) };
        let asked = match Url::parse(&map.url) {
            Ok(url) => self.ask_for_map(&url).await?,
            Err(_) => Asked::Nothing,
        };
        if matches!(asked, Asked::Later) {
            return Ok(true);
        }
        self.state.maps.waiting.remove(at);
        match asked {
            Asked::Later => {}
            Asked::Answer(fetched, _) if fetched.is_success() => {
                self.state.maps.files += 1;
                if !self.take_map(&fetched, map.level).await? {
                    self.commit_broken(&map.url, "it is no sitemap").await?;
                }
            }
            Asked::Answer(fetched, _) if matches!(fetched.status, 429 | 500..) && map.attempts < RETRIES => {
                self.state.maps.waiting.push(MapFile { attempts: map.attempts + 1, ..map });
                self.commit_rows().await?;
            }
            Asked::Answer(fetched, _) => {
                self.state.maps.files += 1;
                self.commit_broken(&map.url, &format!("status {}", fetched.status)).await?;
            }
            Asked::Nothing => {
                self.state.maps.files += 1;
                self.commit_broken(&map.url, "no answer").await?;
            }
        }
        Ok(true)
    }

    /// Asks for a sitemap if its host lets itself be asked.
    async fn ask_for_map(&mut self, url: &Url) -> Step<Asked> {
        let key = net::host_key(url);
        if self.state.host(&key).closed.is_some() || content::network(url).is_some() {
            return Ok(Asked::Nothing);
        }
        match self.host_robots(url).await? {
            Some(robots) if robots.allows(url) => self.ask(url, MAX_UNPACKED).await,
            None if self.state.host(&key).closed.is_none() => Ok(Asked::Later),
            Some(_) | None => Ok(Asked::Nothing),
        }
    }

    /// Before when a sitemap's host is not to be asked.
    fn due(&self, map: &MapFile) -> Option<DateTime<Utc>> {
        let url = Url::parse(&map.url).ok()?;
        self.state.hosts.get(&net::host_key(&url))?.due
    }

    /// When the next sitemap can be asked for, if one waits that the time allows for.
    pub(super) fn map_due(&self) -> Option<DateTime<Utc>> {
        let now = self.ctx.now();
        let end = now + self.time_left();
        let dues = self.state.maps.waiting.iter().map(|map| self.due(map).unwrap_or(now).max(now));
        dues.filter(|due| *due < end).min()
    }

    /// Whether an index may send us there: to its own host and to the site, nowhere else.
    fn may_name(&self, index: &Url, map: &str) -> bool {
        let Ok(map) = Url::parse(map) else { return false };
        let addresses = &self.shared.tables.addresses;
        let is_of = |site: &Site| site.rank(&map, self.args.scope, addresses).is_some();
        (map.host_str() == index.host_str() && map.port() == index.port())
            || self.state.site.as_ref().is_some_and(is_of)
    }

    /// Takes what a file names. False if it is no sitemap.
    pub(super) async fn take_map(&mut self, fetched: &Fetched, level: u32) -> Step<bool> {
        let (body, policy) = (fetched.body.clone(), self.policy());
        let mut found = std::mem::take(&mut self.state.maps.found);
        let room = MAX_ROWS.saturating_sub(self.state.maps.rows);
        let read = aside(move || {
            let (mut maps, mut pages) = (Vec::new(), Vec::new());
            let reading = sitemap::read(&body, &mut |entry| match entry {
                Entry::Map(url) => maps.push(url.to_owned()),
                Entry::Page(url) => pages.push(MapEntry { url: url.to_owned(), is_feed: false }),
                Entry::Feed(url) => pages.push(MapEntry { url: url.to_owned(), is_feed: true }),
            });
            found.extend(pages);
            (reading, maps, best(found, policy.as_ref(), room))
        });
        let (reading, mut maps, found) = read.await?;
        self.state.maps.found = found;
        maps.retain(|map| self.may_name(&fetched.url, map));
        let is_map = reading.form.is_some() || reading.flaw.is_some();
        if reading.form == Some(Form::Index) && level < MAX_LEVEL {
            let waiting = maps.into_iter().map(|url| MapFile { url, level: level + 1, attempts: 0 });
            let room = usize::try_from(MAX_FILES).unwrap_or_default();
            self.state.maps.waiting.extend(waiting.take(room));
        }
        match reading {
            Reading { flaw: Some(flaw), .. } => self.commit_broken(fetched.url.as_str(), &flaw).await?,
            Reading { form: Some(_), entries, .. } => {
                let data = json!({ "url": fetched.url, "entries": entries });
                self.commit_event(NewEvent::new("sitemap.read", data)).await?;
            }
            Reading { form: None, .. } => {}
        }
        Ok(is_map)
    }

    /// One warning per file, and the crawl goes on.
    async fn commit_broken(&mut self, url: &str, detail: &str) -> Step<()> {
        self.state.tally.warnings += 1;
        self.commit_event(NewEvent::new("sitemap.broken", json!({ "url": url, "detail": detail }))).await
    }

    /// The next thousand of what sitemaps named become rows.
    async fn keep_found(&mut self) -> Step<bool> {
        if self.state.maps.found.is_empty() {
            return Ok(false);
        }
        let rest = self.state.maps.found.split_off(self.state.maps.found.len().min(CHUNK));
        let chunk = std::mem::replace(&mut self.state.maps.found, rest);
        let found = chunk.into_iter().map(|entry| Found {
            url: entry.url,
            depth: 1,
            via: if entry.is_feed { "feed" } else { "sitemap" },
            ..Found::default()
        });
        let rows = self.enlist(found.collect()).await?;
        let count = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        self.state.maps.rows = self.state.maps.rows.saturating_add(count);
        self.rows.extend(rows);
        self.commit_rows().await?;
        Ok(true)
    }
}

/// The addresses of the site, each once, in order; of too many the ones with the greatest priority.
fn best(found: Vec<MapEntry>, policy: Option<&Policy>, room: u32) -> Vec<MapEntry> {
    let Some(policy) = policy else { return Vec::new() };
    let mut seen = std::collections::HashSet::new();
    let mut ranked: Vec<(f64, usize, MapEntry)> = Vec::new();
    for (order, entry) in found.into_iter().enumerate() {
        let one = Found { url: entry.url.clone(), depth: 1, via: "sitemap", ..Found::default() };
        if let Admission::Row(row) = policy.admit(&one)
            && seen.insert(row.url_key)
        {
            ranked.push((row.priority, order, entry));
        }
    }
    let room = usize::try_from(room).unwrap_or(usize::MAX);
    if ranked.len() > room {
        ranked.sort_by(|a, b| b.0.total_cmp(&a.0).then(a.1.cmp(&b.1)));
        ranked.truncate(room);
        ranked.sort_by_key(|(_, order, _)| *order);
    }
    ranked.into_iter().map(|(_, _, entry)| entry).collect()
}
