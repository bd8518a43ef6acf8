//! All words of the rules in one automaton: a text is searched once, whatever the number of words.

use aho_corasick::{AhoCorasick, AhoCorasickKind};

use crate::Error;
use crate::fold::lower;
use crate::gazetteer::Gazetteer;
use crate::rules::Rules;

/// What a word of the rules stands for; numbers are places in the rule's list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Tag {
    Title(u16),
    Past,
    LegalLabel(u16),
    FoundedBy,
    Founded,
    OrganisationClause(u16),
    LocationClause(u16),
    AddressLabel(u16),
    City,
    Country,
    MoneyRole(u16),
    DateRole(u16),
    Month(u16),
    Currency(u16),
    Noun(u16),
    TeamOf,
    Strong,
    Scheme(u16),
    Certificate(u16),
    CredentialTrigger,
    Negation,
}

impl Tag {
    /// Tags of one class hide shorter ones of the same class that lie within them.
    const fn class(self) -> usize {
        match self {
            Self::Title(_) => 0,
            Self::Past => 1,
            Self::LegalLabel(_) => 2,
            Self::FoundedBy => 3,
            Self::Founded => 4,
            Self::OrganisationClause(_) => 5,
            Self::LocationClause(_) => 6,
            Self::AddressLabel(_) => 7,
            Self::City => 8,
            Self::Country => 9,
            Self::MoneyRole(_) => 10,
            Self::DateRole(_) => 11,
            Self::Month(_) => 12,
            Self::Currency(_) => 13,
            Self::Noun(_) => 14,
            Self::TeamOf => 15,
            Self::Strong => 16,
            Self::Scheme(_) => 17,
            Self::Certificate(_) => 18,
            Self::CredentialTrigger => 19,
            Self::Negation => 20,
        }
    }

    const CLASSES: usize = 21;
}

/// A word of the rules at its place in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) tag: Tag,
    pub(crate) start: usize,
    pub(crate) end: usize,
}

/// How money is written: sign, code or word → currency (none where several share it).
pub(crate) struct Sign {
    pub(crate) text: &'static str,
    pub(crate) currency: Option<&'static str>,
    /// Shown when the currency is open.
    pub(crate) symbol: &'static str,
    /// Compared in this very case: `EUR` is a code, `eur` may be anything.
    pub(crate) code: bool,
}

const fn sign(text: &'static str, currency: &'static str, symbol: &'static str) -> Sign {
    Sign { text, currency: Some(currency), symbol, code: false }
}

const fn open(text: &'static str, symbol: &'static str) -> Sign {
    Sign { text, currency: None, symbol, code: false }
}

const fn code(text: &'static str) -> Sign {
    Sign { text, currency: Some(text), symbol: text, code: true }
}

pub(crate) const SIGNS: &[Sign] = &[
    sign("€", "EUR", "€"),
    sign("euro", "EUR", "€"),
    sign("euros", "EUR", "€"),
    sign("£", "GBP", "£"),
    sign("pounds", "GBP", "£"),
    sign("pounds sterling", "GBP", "£"),
    open("$", "$"),
    open("dollars", "$"),
    open("dollar", "$"),
    sign("us$", "USD", "$"),
    sign("us dollars", "USD", "$"),
    sign("a$", "AUD", "$"),
    sign("au$", "AUD", "$"),
    sign("c$", "CAD", "$"),
    sign("ca$", "CAD", "$"),
    sign("nz$", "NZD", "$"),
    sign("s$", "SGD", "$"),
    sign("hk$", "HKD", "$"),
    sign("r$", "BRL", "R$"),
    open("¥", "¥"),
    sign("₹", "INR", "₹"),
    sign("₩", "KRW", "₩"),
    sign("₽", "RUB", "₽"),
    sign("₺", "TRY", "₺"),
    sign("₴", "UAH", "₴"),
    sign("₪", "ILS", "₪"),
    sign("zł", "PLN", "zł"),
    sign("kč", "CZK", "Kč"),
    open("kr", "kr"),
    sign("franken", "CHF", "CHF"),
    sign("swiss francs", "CHF", "CHF"),
    code("EUR"),
    code("GBP"),
    code("USD"),
    code("CHF"),
    code("CAD"),
    code("AUD"),
    code("NZD"),
    code("JPY"),
    code("CNY"),
    code("INR"),
    code("SEK"),
    code("NOK"),
    code("DKK"),
    code("PLN"),
    code("CZK"),
    code("HUF"),
    code("RON"),
    code("BGN"),
    code("TRY"),
    code("SGD"),
    code("HKD"),
    code("AED"),
    code("SAR"),
    code("ILS"),
    code("ZAR"),
    code("BRL"),
    code("MXN"),
    code("KRW"),
    code("THB"),
    code("UAH"),
    code("RUB"),
];

/// The automaton over lowered text.
#[derive(Debug)]
pub(crate) struct Lexicon {
    automaton: AhoCorasick,
    /// Of every pattern: what it stands for.
    tags: Vec<Tag>,
}

struct Builder {
    patterns: Vec<String>,
    tags: Vec<Tag>,
}

impl Builder {
    fn add<'a>(&mut self, words: impl IntoIterator<Item = &'a str>, tag: Tag) {
        for word in words {
            let word = lower(word.trim());
            if !word.is_empty() {
                self.patterns.push(word);
                self.tags.push(tag);
            }
        }
    }

    fn lists<'a, T: 'a>(
        &mut self,
        rules: &'a [T],
        words: impl Fn(&'a T) -> &'a Vec<String>,
        tag: impl Fn(u16) -> Tag,
    ) {
        for (n, rule) in (0u16..).zip(rules) {
            self.add(words(rule).iter().map(String::as_str), tag(n));
        }
    }
}

impl Lexicon {
    pub(crate) fn new(rules: &Rules, gazetteer: &Gazetteer) -> Result<Self, Error> {
        let mut all = Builder { patterns: Vec::new(), tags: Vec::new() };
        all.lists(&rules.title, |r| &r.words, Tag::Title);
        all.lists(&rules.person.legal_labels, |r| &r.words, Tag::LegalLabel);
        all.lists(&rules.organisation.clauses, |r| &r.words, Tag::OrganisationClause);
        all.lists(&rules.location.clauses, |r| &r.words, Tag::LocationClause);
        all.lists(&rules.location.labels, |r| &r.words, Tag::AddressLabel);
        all.lists(&rules.money.roles, |r| &r.words, Tag::MoneyRole);
        all.lists(&rules.date.roles, |r| &r.words, Tag::DateRole);
        all.lists(rules.date.months.get_ref(), |r| r, Tag::Month);
        all.lists(&rules.metric.nouns, |r| &r.words, Tag::Noun);
        all.lists(&rules.identifier.labels, |r| &r.words, Tag::Scheme);
        all.lists(&rules.credential.certificates, |r| &r.words, Tag::Certificate);
        for (words, tag) in [
            (&rules.person.past, Tag::Past),
            (&rules.person.founded_by, Tag::FoundedBy),
            (&rules.person.founded, Tag::Founded),
            (&rules.metric.team_of, Tag::TeamOf),
            (&rules.metric.strong, Tag::Strong),
            (&rules.credential.triggers, Tag::CredentialTrigger),
            (&rules.credential.negations, Tag::Negation),
        ] {
            all.add(words.iter().map(String::as_str), tag);
        }
        for (n, sign) in (0u16..).zip(SIGNS) {
            all.add([sign.text], Tag::Currency(n));
        }
        all.add(gazetteer.city_names(), Tag::City);
        all.add(gazetteer.country_names(), Tag::Country);
        let automaton = AhoCorasick::builder()
            .kind(Some(AhoCorasickKind::ContiguousNFA))
            .build(&all.patterns)
            .map_err(|e| Error { line: 1, reason: format!("the word lists are too large: {e}") })?;
        Ok(Self { automaton, tags: all.tags })
    }

    /// Every word of the rules in `text`, as whole words, by start; of one class only the longest at a place.
    /// `low` is `text` lowered with its offsets kept.
    pub(crate) fn hits(&self, text: &str, low: &str) -> Vec<Hit> {
        let mut hits: Vec<Hit> = self
            .automaton
            .find_overlapping_iter(low)
            .filter_map(|m| {
                let tag = *self.tags.get(m.pattern().as_usize())?;
                let hit = Hit { tag, start: m.start(), end: m.end() };
                (is_whole(low, m.start(), m.end(), tag) && is_cased(text, &hit)).then_some(hit)
            })
            .collect();
        hits.sort_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
        let mut reach = [0usize; Tag::CLASSES];
        hits.retain(|hit| match reach.get_mut(hit.tag.class()) {
            Some(end) if hit.end <= *end => false,
            Some(end) => {
                *end = hit.end;
                true
            }
            None => false,
        });
        hits
    }
}

/// Whole words only; a currency sign may touch its number.
fn is_whole(low: &str, start: usize, end: usize, tag: Tag) -> bool {
    let touches = |c: Option<char>, edge: Option<char>| match (c, edge) {
        (Some(c), Some(edge)) if edge.is_alphanumeric() => {
            c.is_alphanumeric() && !(matches!(tag, Tag::Currency(_)) && c.is_ascii_digit())
        }
        _ => false,
    };
    let inside = low.get(start..end).unwrap_or_default();
    let before = low.get(..start).and_then(|t| t.chars().next_back());
    let after = low.get(end..).and_then(|t| t.chars().next());
    !touches(before, inside.chars().next()) && !touches(after, inside.chars().next_back())
}

/// Places begin with a capital; currency codes are capitals.
fn is_cased(text: &str, hit: &Hit) -> bool {
    let Some(found) = text.get(hit.start..hit.end) else { return false };
    match hit.tag {
        Tag::City => found.chars().next().is_some_and(|c| c.is_uppercase() || c == '\''),
        Tag::Country => {
            let short = found.chars().filter(|c| c.is_alphabetic()).count() <= 3;
            if short {
                found.chars().all(|c| !c.is_lowercase())
            } else {
                found.chars().next().is_some_and(char::is_uppercase) || found.starts_with("the ")
            }
        }
        Tag::Currency(n) => SIGNS.get(usize::from(n)).is_some_and(|s| !s.code || s.text == found),
        _ => true,
    }
}
