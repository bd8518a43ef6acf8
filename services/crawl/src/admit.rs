//! Whether a found address joins the frontier, and as what.

use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;

use chrono::{DateTime, Utc};
use content::kinds::Kinds;
use domain::{Candidate, FrontierState};
use pipelines::uses::CrawlSite;
use serde_json::{Map, Value};

use crate::normal::Normal;
use crate::priority::Signs;
use crate::scope::{Rank, Site, Wanted};
use crate::tables::{Addresses, Tables};
use crate::trap;

/// Longer link texts are sentences, not names.
const MAX_ANCHOR: usize = 120;

/// An address as it was found.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) url: String,
    pub(crate) anchor: Option<String>,
    pub(crate) in_navigation: bool,
    /// Hops from a seed.
    pub(crate) depth: u32,
    pub(crate) via: &'static str,
    pub(crate) from: Option<String>,
}

/// What becomes of it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Admission {
    /// A row of the frontier: waiting, or skipped with a reason.
    Row(Box<Candidate>),
    /// Further from the seeds than is followed.
    TooDeep,
    /// Not of the site, or no page.
    Foreign,
}

/// Everything that the answer depends on. Cheap to clone.
#[derive(Debug, Clone)]
pub(crate) struct Policy {
    pub(crate) site: Site,
    pub(crate) args: Arc<CrawlSite>,
    pub(crate) kinds: Arc<Kinds>,
    pub(crate) tables: Arc<Tables>,
    pub(crate) wanted: Arc<Wanted>,
    /// Primary languages; empty while the site's own is not known.
    pub(crate) languages: BTreeSet<String>,
    pub(crate) now: DateTime<Utc>,
}

/// The rows of many addresses, each key once, in order of discovery.
#[derive(Debug, Default)]
pub(crate) struct Admitted {
    pub(crate) rows: Vec<Candidate>,
    /// Some were further away than is followed.
    pub(crate) some_too_deep: bool,
}

impl Policy {
    /// Of addresses with one key the most promising row counts, in the first one's place.
    pub(crate) fn admit_all(&self, found: &[Found]) -> Admitted {
        let mut admitted = Admitted::default();
        let mut places: HashMap<String, usize> = HashMap::new();
        for one in found {
            match self.admit(one) {
                Admission::Foreign => {}
                Admission::TooDeep => admitted.some_too_deep = true,
                Admission::Row(row) => {
                    match places.get(&row.url_key).and_then(|at| admitted.rows.get_mut(*at)) {
                        Some(first) if row.priority > first.priority => *first = *row,
                        Some(_) => {}
                        None => {
                            places.insert(row.url_key.clone(), admitted.rows.len());
                            admitted.rows.push(*row);
                        }
                    }
                }
            }
        }
        admitted
    }

    fn addresses(&self) -> &Addresses {
        &self.tables.addresses
    }

    pub(crate) fn admit(&self, found: &Found) -> Admission {
        let Some(normal) = Normal::parse(&found.url, self.addresses()) else { return Admission::Foreign };
        let normal = self.site.own(normal, self.args.scope, self.addresses());
        if self.site.rank(&normal.url, self.args.scope, self.addresses()).is_none()
            || self.addresses().is_asset(&normal.url)
        {
            return Admission::Foreign;
        }
        if found.depth > self.args.max_depth {
            return Admission::TooDeep;
        }
        let mut row = self.candidate(&normal, found);
        if let Some(reason) = self.refusal(&normal) {
            row.state = FrontierState::Skipped;
            row.reason = Some(reason);
        }
        Admission::Row(Box::new(row))
    }

    /// Why an address of the site is not fetched, as far as the address alone says.
    pub(crate) fn refusal(&self, normal: &Normal) -> Option<String> {
        if trap::is_trap(&normal.url, self.addresses(), self.now) {
            return Some("trap".to_owned());
        }
        if trap::is_faceted(&normal.url, self.addresses()) {
            return Some("facets".to_owned());
        }
        if trap::page_number(&normal.url, self.addresses())
            .is_some_and(|number| number > self.args.page_numbers)
        {
            return Some("limit:page_numbers".to_owned());
        }
        self.wanted.refusal(&normal.url).map(str::to_owned)
    }

    /// A waiting row.
    pub(crate) fn candidate(&self, normal: &Normal, found: &Found) -> Candidate {
        let guess = self.kinds.guess(&normal.url, found.anchor.as_deref(), self.args.name.as_deref());
        let rank = self.site.rank(&normal.url, self.args.scope, self.addresses());
        let signs = Signs {
            weight: guess.weight,
            depth: found.depth,
            rank: rank.unwrap_or(Rank::Sibling),
            has_query: normal.url.query().is_some(),
            unwanted_language: self.is_unwanted(self.kinds.language(&normal.url).as_deref()),
            in_navigation: found.in_navigation,
        };
        Candidate {
            url_key: normal.key.clone(),
            url: normal.url.to_string(),
            host: normal.host().to_owned(),
            kind_guess: guess.kind,
            priority: signs.priority(),
            depth: found.depth,
            via: found.via.to_owned(),
            discovered_from: found.from.clone(),
            state: FrontierState::Waiting,
            verdict: None,
            reason: None,
            status: None,
            document: None,
            due_at: self.now,
            attempts: 0,
            notes: notes(found),
        }
    }

    /// Whether a language is known and nobody asked for it.
    pub(crate) fn is_unwanted(&self, language: Option<&str>) -> bool {
        language.is_some_and(|language| {
            !self.languages.is_empty() && !self.languages.contains(&primary(language))
        })
    }
}

/// `en` of `en-GB`.
pub(crate) fn primary(language: &str) -> String {
    language.split(['-', '_']).next().unwrap_or_default().to_lowercase()
}

fn notes(found: &Found) -> Value {
    let mut notes = Map::new();
    let anchor = found
        .anchor
        .as_deref()
        .map(str::trim)
        .filter(|text| !text.is_empty() && text.chars().count() <= MAX_ANCHOR);
    if let Some(anchor) = anchor {
        notes.insert("anchor".to_owned(), anchor.into());
    }
    Value::Object(notes)
}

/// The link text that a candidate was found with.
pub(crate) fn anchor(candidate: &Candidate) -> Option<&str> {
    candidate.notes.get("anchor").and_then(Value::as_str)
}

#[cfg(test)]
mod tests {
    use chrono::TimeZone;
    use url::Url;

    use super::*;

    const KINDS: &str = include_str!("../../../crates/pipelines/builtin/company/kinds.toml");

    fn args(more: Value) -> CrawlSite {
        let mut args =
            serde_json::json!({"url": "https://acme.example/", "kinds": "kinds.toml", "scope": "site"});
        args.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        serde_json::from_value(args).unwrap()
    }

    fn policy(args: &CrawlSite) -> Policy {
        Policy {
            site: Site::new(&Url::parse("https://www.acme.example/").unwrap()),
            args: Arc::new(args.clone()),
            kinds: Arc::new(Kinds::parse(KINDS).unwrap()),
            tables: Arc::new(Tables::builtin().unwrap()),
            wanted: Arc::new(Wanted::new(&args.include, &args.exclude).unwrap()),
            languages: BTreeSet::from(["en".to_owned()]),
            now: Utc.with_ymd_and_hms(2026, 6, 1, 0, 0, 0).unwrap(),
        }
    }

    fn admit(args: &CrawlSite, url: &str, depth: u32) -> Admission {
        policy(args).admit(&Found { url: url.to_owned(), depth, via: "link", ..Found::default() })
    }

    fn row(args: &CrawlSite, url: &str) -> Candidate {
        match admit(args, url, 1) {
            Admission::Row(row) => *row,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn a_page_of_the_site_waits_with_its_kind_and_priority() {
        let row = row(&args(serde_json::json!({})), "http://acme.example/team?utm_source=x");
        assert_eq!(
            (row.url.as_str(), row.url_key.as_str()),
            ("https://www.acme.example/team", "www.acme.example/team")
        );
        assert_eq!((row.kind_guess.as_str(), row.state), ("team", FrontierState::Waiting));
        assert!((row.priority - 0.95 * 0.8).abs() < 1e-9);
    }

    #[test]
    fn strangers_and_pictures_never_join() {
        let args = args(serde_json::json!({}));
        for url in [
            "https://other.example/",
            "mailto:a@acme.example",
            "https://www.acme.example/a.png",
            "https://shop.acme.example/",
            "https://www.linkedin.com/company/acme",
        ] {
            assert_eq!(admit(&args, url, 1), Admission::Foreign, "{url}");
        }
        assert_eq!(admit(&args, "https://acme.example/x", 5), Admission::TooDeep);
    }

    #[test]
    fn what_is_refused_by_its_address_is_listed_with_the_reason() {
        let args = args(serde_json::json!({"exclude": ["*/private/*"], "page_numbers": 5}));
        for (url, reason) in [
            ("https://acme.example/a/a/a", "trap"),
            ("https://acme.example/shop?sort=a&color=b", "facets"),
            ("https://acme.example/list?page=6", "limit:page_numbers"),
            ("https://acme.example/private/x", "excluded"),
        ] {
            let row = row(&args, url);
            assert_eq!((row.state, row.reason.as_deref()), (FrontierState::Skipped, Some(reason)), "{url}");
        }
        assert_eq!(row(&args, "https://acme.example/list?page=5").state, FrontierState::Waiting);
    }

    #[test]
    fn of_two_links_to_one_page_the_more_promising_counts_in_the_place_of_the_first() {
        let args = args(serde_json::json!({}));
        let found = |url: &str, nav: bool| Found {
            url: format!("https://acme.example{url}"),
            depth: 1,
            via: "link",
            in_navigation: nav,
            ..Found::default()
        };
        let all = policy(&args).admit_all(&[
            found("/x", false),
            found("/y", false),
            found("/x/", true),
            found("/y", false),
        ]);
        let keys: Vec<&str> = all.rows.iter().map(|row| row.url_key.as_str()).collect();
        assert_eq!(keys, ["www.acme.example/x", "www.acme.example/y"]);
        assert!((all.rows[0].priority - 0.4 * 0.8 * 1.1).abs() < 1e-9);
    }

    #[test]
    fn an_unwanted_language_costs_half() {
        let args = args(serde_json::json!({}));
        let (english, french) =
            (row(&args, "https://acme.example/en/team"), row(&args, "https://acme.example/fr/equipe"));
        assert!((english.priority / french.priority - 2.0).abs() < 1e-9);
    }
}
