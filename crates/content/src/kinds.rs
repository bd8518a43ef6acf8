//! What sort of page it is: one table (`kinds.toml`) that guesses before a fetch and judges after it.
//!
//! Only whole segments, titles and headings are compared with the table's phrases, so `/planet` is no `plan` and
//! `/teamwork-tips` no `team`. Read first: [`Kinds::guess`] (address and link text) and [`Kinds::judge`] (all there is).

mod features;
mod judge;
mod path;
mod table;
mod words;

#[cfg(test)]
mod labelled;

use std::collections::{HashMap, HashSet};

use url::Url;

pub use features::Features;
use path::Place;
use table::{FeatureRule, FileTable, Score};
use words::Fold;

/// A `kinds.toml` that cannot be used, and why.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("kinds: {0}")]
pub struct Error(String);

/// The kind of a page that no rule knows.
pub const OTHER: &str = "other";

/// The start page of a site.
pub const HOME: &str = "home";

/// What address and link text promise.
#[derive(Debug, Clone, PartialEq)]
pub struct Guess {
    pub kind: String,
    /// 0–1; of `other`, the best score that was not enough.
    pub score: f64,
    /// What such a page is worth to the frontier, 0–1.
    pub weight: f64,
}

/// What a page is, all considered.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    pub kind: String,
    /// 0–1.
    pub confidence: f64,
    /// In words, for people who wonder: ``last segment `team`; 5 person cards``.
    pub reason: String,
    /// What it is besides, best first: a team inside the about page.
    pub also: Vec<String>,
}

/// A table of page kinds, compiled. Cheap to share, immutable.
#[derive(Debug, Clone)]
pub struct Kinds {
    kinds: Vec<Kind>,
    /// Folded and squeezed phrase → what it names.
    phrases: HashMap<String, Phrase>,
    /// Lower-case schema.org type → kind.
    types: HashMap<String, usize>,
    fold: Fold,
    paths: path::Rules,
    score: Score,
    caps_least: u32,
    rules: Vec<(features::Feature, FeatureRule)>,
    words: features::Words,
}

#[derive(Debug, Clone)]
struct Kind {
    name: String,
    weight: f64,
    minor_weight: f64,
    cap: Option<f64>,
    covering: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Phrase {
    kind: usize,
    /// Of the kind's lesser sort (terms, privacy).
    minor: bool,
    /// Counts as a last segment only.
    last_only: bool,
}

impl Kinds {
    /// Reads a table.
    ///
    /// # Errors
    /// [`Error`] names what is wrong: no TOML, an unknown key, a phrase under two kinds, no `other`.
    pub fn parse(toml: &str) -> Result<Self, Error> {
        let file: FileTable = toml::from_str(toml).map_err(|error| Error(error.to_string()))?;
        table::compile(file)
    }

    /// What `url` promises, with the text of a link to it. `own_name` is the company's, when known; words of the
    /// host's registrable label count as its name anyway.
    #[must_use]
    pub fn guess(&self, url: &Url, anchor: Option<&str>, own_name: Option<&str>) -> Guess {
        let own = self.fold.own(Some(url), own_name);
        let hit = self.address(url, &own);
        let anchor_hit = anchor.and_then(|text| self.phrase(text, &own));
        let mut scores = vec![0.0; self.kinds.len()];
        for (index, score) in scores.iter_mut().enumerate() {
            let by_url = hit.as_ref().filter(|hit| hit.phrase.kind == index).map_or(0.0, |hit| hit.score);
            let by_anchor = f64::from(u8::from(anchor_hit.is_some_and(|phrase| phrase.kind == index)));
            *score = self.score.join(by_url, 0.0, by_anchor);
        }
        let url_kind = hit.as_ref().map(|hit| hit.phrase.kind);
        let (best, score) = best_of(&scores, url_kind);
        match self.kinds.get(best).filter(|_| score >= self.score.floor) {
            Some(kind) => {
                let minor = hit.as_ref().map(|hit| hit.phrase).or(anchor_hit);
                let minor = minor.is_some_and(|phrase| phrase.minor && phrase.kind == best);
                let weight = if minor { kind.minor_weight } else { kind.weight };
                Guess { kind: kind.name.clone(), score, weight }
            }
            None => Guess { kind: OTHER.to_owned(), score, weight: self.weight(OTHER) },
        }
    }

    /// What a kind is worth to the frontier, 0–1; that of `other` for an unknown name.
    #[must_use]
    pub fn weight(&self, kind: &str) -> f64 {
        let of = |name: &str| self.kinds.iter().find(|kind| kind.name == name).map(|kind| kind.weight);
        of(kind).or_else(|| of(OTHER)).unwrap_or_default()
    }

    /// How many pages of a kind are kept before everything else had its turn; none = no limit.
    #[must_use]
    pub fn soft_cap(&self, kind: &str, max_pages: u32) -> Option<u32> {
        let share = self.kinds.iter().find(|known| known.name == kind)?.cap?;
        #[expect(
            clippy::cast_possible_truncation,
            clippy::cast_sign_loss,
            reason = "a share of a small count"
        )]
        let pages = (share * f64::from(max_pages)).floor() as u32;
        Some(pages.max(self.caps_least))
    }

    /// The names of all kinds, in the table's order.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.kinds.iter().map(|kind| kind.name.as_str())
    }

    /// The language that the address claims by its first segments (`/de/…`, `/en-us/…`), if any.
    #[must_use]
    pub fn language(&self, url: &Url) -> Option<String> {
        self.paths.language(url)
    }

    /// What a whole text (a heading, a link's text) names.
    fn phrase(&self, text: &str, own: &words::Own) -> Option<Phrase> {
        self.fold.keys(text, own).into_iter().find_map(|key| self.phrases.get(&key).copied())
    }

    /// The rule of the table that the address fits.
    fn address(&self, url: &Url, own: &words::Own) -> Option<Hit> {
        let place = Place::of(url, &self.paths);
        let label = place.label.as_deref().and_then(|label| self.phrase(label, own));
        if place.segments.is_empty() && label.is_none() {
            let kind = self.kinds.iter().position(|kind| kind.name == HOME)?;
            let phrase = Phrase { kind, minor: false, last_only: false };
            return Some(Hit { phrase, score: self.score.last, rule: "start page of the host".to_owned() });
        }
        let named: Vec<Option<Phrase>> =
            place.segments.iter().map(|segment| self.phrase(segment, own)).collect();
        self.covered(&place, label, &named)
            .or_else(|| self.by_last(&place, &named))
            .or_else(|| self.by_first(&place, label, &named))
            .or_else(|| self.by_date(&place))
    }

    /// A blog or news segment wins over whatever follows it.
    fn covered(&self, place: &Place, label: Option<Phrase>, named: &[Option<Phrase>]) -> Option<Hit> {
        let before = named.split_last().map_or(&[][..], |(_, before)| before);
        let labelled = label.map(|phrase| (phrase, place.label.clone().unwrap_or_default()));
        let covering = labelled.filter(|_| !place.segments.is_empty()).into_iter().chain(
            before.iter().zip(&place.segments).filter_map(|(phrase, text)| Some(((*phrase)?, text.clone()))),
        );
        covering
            .filter(|(phrase, _)| !phrase.last_only)
            .find(|(phrase, _)| self.kinds.get(phrase.kind).is_some_and(|kind| kind.covering))
            .map(|(phrase, text)| Hit { phrase, score: self.score.first, rule: format!("under `{text}`") })
    }

    fn by_last(&self, place: &Place, named: &[Option<Phrase>]) -> Option<Hit> {
        let (phrase, text) = (named.last().copied().flatten()?, place.segments.last()?);
        Some(Hit { phrase, score: self.score.last, rule: format!("last segment `{text}`") })
    }

    fn by_first(&self, place: &Place, label: Option<Phrase>, named: &[Option<Phrase>]) -> Option<Hit> {
        let section = |phrase: &Phrase| !phrase.last_only;
        if place.segments.len() <= self.score.first_depth {
            let first = named.first().copied().flatten().filter(section);
            let second = named.get(1).copied().flatten().filter(section);
            let holds = place.segments.first().is_some_and(|text| self.paths.is_container(text, &self.fold));
            let (phrase, text) = match (first, second) {
                (_, Some(second)) if holds => (Some(second), place.segments.get(1)),
                (first, _) => (first, place.segments.first()),
            };
            if let (Some(phrase), Some(text)) = (phrase, text) {
                return Some(Hit {
                    phrase,
                    score: self.score.first,
                    rule: format!("first segment `{text}`"),
                });
            }
        }
        let phrase = label.filter(section)?;
        let text = place.label.as_deref().unwrap_or_default();
        let score = if place.segments.is_empty() { self.score.last } else { self.score.first };
        Some(Hit { phrase, score, rule: format!("host `{text}.`") })
    }

    fn by_date(&self, place: &Place) -> Option<Hit> {
        let kind = self.kinds.iter().position(|kind| kind.name == self.score.dated_kind)?;
        let phrase = Phrase { kind, minor: false, last_only: false };
        place.dated.then(|| Hit { phrase, score: self.score.dated, rule: "dated path".to_owned() })
    }
}

/// A rule of the table that held for an address.
#[derive(Debug, Clone, PartialEq)]
struct Hit {
    phrase: Phrase,
    score: f64,
    rule: String,
}

/// The best score; a tie goes to the kind that the address names, then to the table's order.
fn best_of(scores: &[f64], url_kind: Option<usize>) -> (usize, f64) {
    let mut best = (0, f64::MIN);
    for (index, score) in scores.iter().copied().enumerate() {
        let ahead = score - best.1;
        if ahead > 1e-9 || (ahead.abs() <= 1e-9 && url_kind == Some(index)) {
            best = (index, score);
        }
    }
    best
}

/// Lower-case own names and ASCII only, as used for set membership.
fn set(words: &[String]) -> HashSet<String> {
    words.iter().map(|word| word.to_lowercase()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(crate) const TABLE: &str = include_str!("../../pipelines/builtin/company/kinds.toml");

    fn kinds() -> Kinds {
        Kinds::parse(TABLE).unwrap()
    }

    #[test]
    fn a_phrase_under_two_kinds_is_refused_by_name() {
        let table = TABLE.replacen("\"imprint\"", "\"pricing\"", 1);
        let error = Kinds::parse(&table).unwrap_err().to_string();
        assert!(error.contains("`pricing`") && error.contains("legal"), "{error}");
    }

    #[test]
    fn an_unknown_key_is_refused() {
        let error = Kinds::parse(&format!("speed = 1\n{TABLE}")).unwrap_err().to_string();
        assert!(error.contains("speed"), "{error}");
    }

    #[test]
    fn a_table_without_other_is_refused() {
        let error = Kinds::parse(&TABLE.replace("name = \"other\"", "name = \"rest\"")).unwrap_err();
        assert!(error.to_string().contains("other"), "{error}");
    }

    #[test]
    fn soft_caps_are_shares_with_a_floor() {
        let kinds = kinds();
        assert_eq!(kinds.soft_cap("product", 150), Some(45));
        assert_eq!(kinds.soft_cap("blog", 25), Some(3));
        assert_eq!(kinds.soft_cap("other", 150), Some(37));
        assert_eq!(kinds.soft_cap("team", 150), None);
    }

    #[test]
    fn terms_and_privacy_are_legal_but_worth_less_than_the_imprint() {
        let kinds = kinds();
        let guess = |path: &str| {
            kinds.guess(&Url::parse(&format!("https://acme.example{path}")).unwrap(), None, None)
        };
        assert_eq!((guess("/impressum").kind.as_str(), guess("/impressum").weight), ("legal", 0.75));
        assert_eq!((guess("/privacy-policy").kind.as_str(), guess("/privacy-policy").weight), ("legal", 0.3));
    }

    #[test]
    fn a_link_text_alone_never_decides_but_it_adds() {
        let kinds = kinds();
        let number = Url::parse("https://acme.example/p/17").unwrap();
        assert_eq!(kinds.guess(&number, Some("Our team"), None).kind, "other");
        let team = Url::parse("https://acme.example/team").unwrap();
        let (bare, named) =
            (kinds.guess(&team, None, None).score, kinds.guess(&team, Some("Team"), None).score);
        assert!((bare - 0.9).abs() < 1e-9 && named > bare);
    }

    #[test]
    fn an_address_says_its_language_by_a_prefix_only() {
        let kinds = kinds();
        let language = |url: &str| kinds.language(&Url::parse(url).unwrap());
        assert_eq!(language("https://acme.example/de/ueber-uns/").as_deref(), Some("de"));
        assert_eq!(language("https://acme.example/en-GB/about").as_deref(), Some("en"));
        assert_eq!(language("https://acme.example/us/en/about").as_deref(), Some("en"));
        assert_eq!(language("https://acme.example/products/de/"), None);
        assert_eq!(language("https://acme.example/design"), None);
    }
}
