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

/// Why a page that is there was not read; none if it was read or is not there.
fn not_read(candidate: &Candidate) -> Option<String> {
    let reason = candidate.reason.as_deref();
    let with_reason =
        |word: &str| reason.map_or_else(|| word.to_owned(), |reason| format!("{word} ({reason})"));
    match (candidate.state, candidate.verdict) {
        (FrontierState::Waiting, _) => Some("not fetched within the limits".to_owned()),
        (FrontierState::Skipped, _) => reason
            .filter(|reason| reason.contains("limit"))
            .map(|_| "not fetched within the limits".to_owned()),
        (FrontierState::Done, None | Some(Verdict::Content | Verdict::Missing | Verdict::Soft404)) => None,
        // Seen, and there is nothing on it.
        (FrontierState::Done, Some(Verdict::Empty)) if matches!(reason, Some("no_text" | "parked")) => None,
        (FrontierState::Done, Some(verdict)) => Some(with_reason(verdict.as_str())),
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
            candidate("team", FrontierState::Done, Some(Verdict::Blocked), "robots"),
            candidate("news", FrontierState::Done, Some(Verdict::Missing), "http_404"),
            candidate("partners", FrontierState::Done, Some(Verdict::Empty), "no_text"),
            candidate("careers", FrontierState::Waiting, None, ""),
            candidate("trust", FrontierState::Skipped, None, "trap"),
            candidate("about", FrontierState::Done, Some(Verdict::Login), ""),
        ];
        let reading = Reading::new(&sources, &frontier);
        assert_eq!(reading.unread.keys().collect::<Vec<_>>(), ["careers", "team"]);
        assert_eq!(
            reading.why_not_looked_at(&kinds(&["team", "about"])),
            Some("team: blocked (robots)".to_owned())
        );
        assert_eq!(reading.why_not_looked_at(&kinds(&["about", "news"])), None);
        assert!(
            reading.why_not_looked_at(&kinds(&["news", "trust"])).unwrap().contains("no page of these kinds")
        );
        assert_eq!(reading.read_of(&kinds(&["team", "about"])), ["about"]);
    }
}
