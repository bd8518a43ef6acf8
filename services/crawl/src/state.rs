//! What a crawl remembers between two claims, besides its rows. Saved with every commit, so both always agree.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use chrono::{DateTime, Utc};
use domain::Verdict;
use serde::{Deserialize, Serialize};
use xxhash_rust::xxh3::xxh3_64;

use crate::scope::Site;
use crate::verdict::{Fingerprint, Ruling};

/// After so many variants with one text a parameter says nothing.
const SAME_VARIANTS: u32 = 3;

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct State {
    pub(crate) opening: Opening,
    pub(crate) site: Option<Site>,
    /// The start address after its redirects.
    pub(crate) start_url: Option<String>,
    /// The site answers under another domain than the one that was asked.
    pub(crate) moved: Option<Moved>,
    /// How start and home page ended: why a crawl without a page failed.
    pub(crate) start_ruling: Option<Ended>,
    pub(crate) home_ruling: Option<Ended>,
    /// The key of what answers at the home address: itself, or where its redirects lead.
    pub(crate) home_lands: Option<String>,
    /// The language of what answers there: the site's own.
    pub(crate) language: Option<String>,
    /// The start page's language: the site's own as long as its home page says nothing.
    pub(crate) start_language: Option<String>,
    /// Hashes of the keys of everything that was requested: nothing is asked for twice.
    pub(crate) asked: BTreeSet<u64>,
    /// By host and port.
    pub(crate) hosts: BTreeMap<String, Host>,
    pub(crate) maps: Maps,
    pub(crate) tally: Tally,
    pub(crate) limits_hit: BTreeSet<String>,
    /// Query variants fetched, by host and path.
    pub(crate) variants: BTreeMap<String, u32>,
    /// What is known of parameters, by path pattern, other parameters and name; emptied once settled.
    pub(crate) parameters: BTreeMap<String, Parameter>,
    /// `pattern?name` of parameters that change nothing.
    pub(crate) idle_parameters: BTreeSet<String>,
    pub(crate) time: ActiveTime,
}

/// The start addresses still to be tried, in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Opening {
    pub(crate) begun: bool,
    pub(crate) urls: Vec<String>,
    pub(crate) attempts: u32,
}

/// A site that answers under another registrable domain than the one that was asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Moved {
    pub from: String,
    pub to: String,
}

/// A verdict as it is kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Ended {
    pub(crate) verdict: Verdict,
    pub(crate) reason: Option<String>,
}

impl From<&Ruling> for Ended {
    fn from(ruling: &Ruling) -> Self {
        Self { verdict: ruling.verdict, reason: ruling.reason.clone() }
    }
}

/// What is known of a host.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Host {
    /// How often its robots.txt could not be had.
    pub(crate) robots_tries: u32,
    /// How often no connection for it came about.
    pub(crate) silent_tries: u32,
    /// Not to be asked before.
    pub(crate) due: Option<DateTime<Utc>>,
    /// Why none of its pages is requested: `robots_unreachable`, `dns`.
    pub(crate) closed: Option<String>,
    /// Probes still to be sent, the next one last; none before they were planned.
    pub(crate) probes: Option<Vec<Probe>>,
    pub(crate) probes_sent: usize,
    pub(crate) fingerprint: Option<Fingerprint>,
    /// The key of the page that stands for "not here", if addresses are redirected to one.
    pub(crate) missing_key: Option<String>,
}

/// A question that a host is asked besides its pages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Probe {
    /// An address that cannot exist.
    NotFound,
    /// A sitemap at a usual place; the next one is tried only if this is none.
    GuessedMap(String),
    /// Links for models.
    Llms,
}

/// Sitemaps: what is still to be read, and the best of what was.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Maps {
    pub(crate) waiting: Vec<MapFile>,
    /// Files asked for.
    pub(crate) files: u32,
    /// Addresses that wait to become rows, in order of discovery.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(crate) found: Vec<MapEntry>,
    /// Became rows.
    pub(crate) rows: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MapFile {
    pub(crate) url: String,
    /// 0: named by robots.txt or guessed; 1: by an index; 2: by an index of indexes.
    pub(crate) level: u32,
    pub(crate) attempts: u32,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct MapEntry {
    pub(crate) url: String,
    pub(crate) is_feed: bool,
}

/// What was counted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct Tally {
    /// Requests for pages, retries included.
    pub(crate) fetches: u32,
    /// Documents.
    pub(crate) kept: u32,
    /// Of them PDF and DOCX.
    pub(crate) files: u32,
    pub(crate) size_bytes: u64,
    pub(crate) by_verdict: BTreeMap<String, u32>,
    pub(crate) by_kind: BTreeMap<String, u32>,
    /// Documents by host.
    pub(crate) by_host: BTreeMap<String, u32>,
    pub(crate) warnings: u32,
}

/// What the variants of one parameter showed so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Parameter {
    text_hash: String,
    variants: u32,
}

/// Crawl time: work and waits on the host count, pauses and waits in queues do not.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub(crate) struct ActiveTime {
    millis: u64,
    /// A wait on the host that the last claim ended with.
    host_wait: Option<(DateTime<Utc>, DateTime<Utc>)>,
}

impl ActiveTime {
    pub(crate) fn add(&mut self, from: DateTime<Utc>, to: DateTime<Utc>) {
        self.millis += u64::try_from((to - from).num_milliseconds()).unwrap_or(0);
    }

    pub(crate) fn wait_on_host(&mut self, from: DateTime<Utc>, until: DateTime<Utc>) {
        self.host_wait = Some((from, until));
    }

    /// Counts the wait that ended with this claim; the time beyond it was spent in a queue or a pause.
    pub(crate) fn resume(&mut self, now: DateTime<Utc>) {
        if let Some((from, until)) = self.host_wait.take() {
            self.add(from, now.min(until));
        }
    }

    pub(crate) fn so_far(&self) -> Duration {
        Duration::from_millis(self.millis)
    }
}

/// The hash that stands for a key.
pub(crate) fn key_hash(url_key: &str) -> u64 {
    xxh3_64(url_key.as_bytes())
}

impl State {
    pub(crate) fn was_asked(&self, url_key: &str) -> bool {
        self.asked.contains(&key_hash(url_key))
    }

    pub(crate) fn ask(&mut self, url_key: &str) {
        self.asked.insert(key_hash(url_key));
    }

    pub(crate) fn host(&mut self, host: &str) -> &mut Host {
        self.hosts.entry(host.to_owned()).or_default()
    }

    pub(crate) fn fingerprint(&self, host: &str) -> Option<&Fingerprint> {
        self.hosts.get(host).and_then(|host| host.fingerprint.as_ref())
    }

    pub(crate) fn count_verdict(&mut self, verdict: Verdict) {
        *self.tally.by_verdict.entry(verdict.as_str().to_owned()).or_default() += 1;
    }

    /// Learns from one variant: a parameter whose first three values bring one text is idle for the path pattern.
    pub(crate) fn learn_parameter(
        &mut self,
        pattern: &str,
        parameters: &[(String, String)],
        text_hash: &str,
    ) {
        for (name, _) in parameters {
            let idle = format!("{pattern}?{name}");
            if self.idle_parameters.contains(&idle) {
                continue;
            }
            let rest: Vec<String> = parameters
                .iter()
                .filter(|(other, _)| other != name)
                .map(|(n, v)| format!("{n}={v}"))
                .collect();
            let key = format!("{idle}&{}", rest.join("&"));
            let seen = self
                .parameters
                .entry(key.clone())
                .or_insert_with(|| Parameter { text_hash: text_hash.to_owned(), variants: 0 });
            if seen.text_hash != text_hash {
                // It changes the text: never looked at again.
                seen.variants = SAME_VARIANTS + 1;
                continue;
            }
            seen.variants += 1;
            if seen.variants == SAME_VARIANTS {
                self.parameters.remove(&key);
                self.idle_parameters.insert(idle);
            }
        }
    }

    pub(crate) fn is_idle(&self, pattern: &str, name: &str) -> bool {
        self.idle_parameters.contains(&format!("{pattern}?{name}"))
    }
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;

    use super::*;

    fn at(seconds: i64) -> DateTime<Utc> {
        Utc.timestamp_opt(seconds, 0).unwrap()
    }

    #[test]
    fn waits_on_the_host_count_and_what_follows_them_does_not() {
        let mut time = ActiveTime::default();
        time.add(at(0), at(10));
        time.wait_on_host(at(10), at(70));
        time.resume(at(700));
        assert_eq!(time.so_far(), Duration::from_secs(70));
        time.resume(at(900));
        assert_eq!(time.so_far(), Duration::from_secs(70));
    }

    #[test]
    fn three_variants_with_one_text_make_a_parameter_idle() {
        let mut state = State::default();
        let pair = |value: &str| vec![("ref".to_owned(), value.to_owned())];
        for (value, idle) in [("a", false), ("b", false), ("c", true)] {
            state.learn_parameter("acme.example/list", &pair(value), "same");
            assert_eq!(state.is_idle("acme.example/list", "ref"), idle);
        }
        assert!(!state.is_idle("acme.example/other", "ref"));
    }

    #[test]
    fn a_parameter_that_changes_the_text_stays() {
        let mut state = State::default();
        for (value, hash) in [("1", "a"), ("2", "b"), ("3", "b"), ("4", "b"), ("5", "b"), ("6", "a")] {
            state.learn_parameter("acme.example/list", &[("page".to_owned(), value.to_owned())], hash);
        }
        assert!(!state.is_idle("acme.example/list", "page"));
    }

    #[test]
    fn a_state_survives_being_saved() {
        let mut state = State::default();
        state.ask("acme.example/");
        state.host("acme.example:443").probes = Some(vec![Probe::NotFound, Probe::GuessedMap("x".into())]);
        state.count_verdict(Verdict::Soft404);
        let saved = serde_json::to_value(&state).unwrap();
        assert_eq!(serde_json::from_value::<State>(saved).unwrap(), state);
        assert!(state.was_asked("acme.example/") && !state.was_asked("acme.example/a"));
    }
}
