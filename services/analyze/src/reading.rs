//! Which kinds of pages were read, and which were found and not read.

use std::collections::BTreeMap;

use domain::{Candidate, FrontierState, Verdict};

use crate::sources::Sources;

/// What a statement about something missing may lean on.
#[derive(Debug, Clone, Default, PartialEq)]
pub(crate) struct Reading {
    /// Documents read, by kind.
    pub(crate) read: BTreeMap<String, u32>,
    /// Kinds of which pages were found and none was read, with why.
    pub(crate) unread: BTreeMap<String, String>,
}

impl Reading {
    pub(crate) fn new(sources: &Sources<'_>, frontier: &[Candidate]) -> Self {
        let read: BTreeMap<String, u32> =
            sources.kinds().into_iter().map(|(kind, count)| (kind.to_owned(), count)).collect();
        let mut unread = BTreeMap::new();
        for candidate in frontier.iter().filter(|candidate| candidate.kind_guess != "other") {
            if let Some(reason) = not_read(candidate).filter(|_| !read.contains_key(&candidate.kind_guess)) {
                unread.entry(candidate.kind_guess.clone()).or_insert(reason);
            }
        }
        Self { read, unread }
    }

    /// Of the kinds, those that were read, in their order.
    pub(crate) fn read_of(&self, kinds: &[String]) -> Vec<String> {
        kinds.iter().filter(|kind| self.read.contains_key(*kind)).cloned().collect()
    }

    /// Why something expected on pages of these kinds cannot be called absent: a page of them was found and not read,
    /// or there was none at all.
    pub(crate) fn why_not_looked_at(&self, kinds: &[String]) -> Option<String> {
        if let Some((kind, reason)) = kinds.iter().find_map(|kind| self.unread.get_key_value(kind)) {
            return Some(format!("{kind}: {reason}"));
        }
        self.read_of(kinds)
            .is_empty()
            .then(|| format!("no page of these kinds was found: {}", kinds.join(", ")))
    }
}

/// Why a page that is there was not read; none if it was read, is not there, or is another address of one that was.
fn not_read(candidate: &Candidate) -> Option<String> {
    let reason = candidate.reason.as_deref();
    match (candidate.state, candidate.verdict) {
        (FrontierState::Waiting, _) => Some("not fetched within the limits".to_owned()),
        // A page that robots.txt closes, or whose host does, is never fetched: its verdict stands all the same.
        (FrontierState::Done | FrontierState::Skipped, Some(verdict)) => unread(verdict, reason),
        (FrontierState::Done, None) => None,
        (FrontierState::Skipped, None) => match reason? {
            reason if LEFT_OUT.contains(&reason) => Some(format!("not looked at ({reason})")),
            reason => reason.contains("limit").then(|| "not fetched within the limits".to_owned()),
        },
    }
}

/// How the crawl says that its input left a page out.
const LEFT_OUT: [&str; 2] = ["excluded", "not_included"];

fn unread(verdict: Verdict, reason: Option<&str>) -> Option<String> {
    match verdict {
        Verdict::Content | Verdict::Missing | Verdict::Soft404 => None,
        // Seen, and there is nothing on it.
        Verdict::Empty if matches!(reason, Some("no_text" | "parked")) => None,
        verdict => Some(reason.map_or_else(
            || verdict.as_str().to_owned(),
            |reason| format!("{} ({reason})", verdict.as_str()),
        )),
    }
}

#[cfg(test)]
pub(crate) mod fixture {
    use super::*;

    /// A frontier row as the crawl leaves it.
    pub(crate) fn candidate(
        kind: &str,
        state: FrontierState,
        verdict: Option<Verdict>,
        reason: &str,
    ) -> Candidate {
        Candidate {
            url_key: format!("brightwater.example/{kind}"),
            url: format!("https://brightwater.example/{kind}"),
            host: "brightwater.example".to_owned(),
            kind_guess: kind.to_owned(),
            priority: 1.0,
            depth: 1,
            via: "link".to_owned(),
            discovered_from: None,
            state,
            verdict,
            reason: Some(reason.to_owned()).filter(|reason| !reason.is_empty()),
            status: None,
            document: None,
            due_at: "2025-03-02T10:00:00Z".parse().unwrap(),
            attempts: 0,
            notes: serde_json::Value::Null,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::fixture::candidate;
    use super::*;
    use crate::sources::fixture::Site;

    fn kinds(kinds: &[&str]) -> Vec<String> {
        kinds.iter().map(|kind| (*kind).to_owned()).collect()
    }

    #[test]
    fn a_blocked_page_leaves_its_kind_not_looked_at_and_a_missing_one_does_not() {
        let mut site = Site::new();
        site.page("/about", "about").paragraph("x");
        let pairs = site.pairs();
        let sources = Sources::new(&pairs, |_, _| false);
        let frontier = [
            candidate("team", FrontierState::Skipped, Some(Verdict::Blocked), "robots"),
            candidate("legal", FrontierState::Done, Some(Verdict::Blocked), "http_403"),
            candidate("customers", FrontierState::Skipped, None, "excluded"),
            candidate("blog", FrontierState::Skipped, None, "not_included"),
            candidate("docs", FrontierState::Skipped, None, "duplicate_of:https://brightwater.example/help"),
            candidate("news", FrontierState::Done, Some(Verdict::Missing), "http_404"),
            candidate("partners", FrontierState::Done, Some(Verdict::Empty), "no_text"),
            candidate("careers", FrontierState::Waiting, None, ""),
            candidate("trust", FrontierState::Skipped, None, "trap"),
            candidate("about", FrontierState::Done, Some(Verdict::Login), ""),
        ];
        let reading = Reading::new(&sources, &frontier);
        assert_eq!(
            reading.unread.keys().collect::<Vec<_>>(),
            ["blog", "careers", "customers", "legal", "team"]
        );
        assert_eq!(
            reading.why_not_looked_at(&kinds(&["team", "about"])),
            Some("team: blocked (robots)".to_owned())
        );
        assert_eq!(
            reading.why_not_looked_at(&kinds(&["customers", "about"])),
            Some("customers: not looked at (excluded)".to_owned())
        );
        assert_eq!(reading.why_not_looked_at(&kinds(&["about", "news"])), None);
        assert!(
            reading.why_not_looked_at(&kinds(&["news", "trust"])).unwrap().contains("no page of these kinds")
        );
        assert_eq!(reading.read_of(&kinds(&["team", "about"])), ["about"]);
    }
}
