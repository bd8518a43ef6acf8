//! The rules for a sentence of a summary: it stands on claims that stand, says nothing that they do not say, and nothing
//! the other way round.

use std::collections::BTreeMap;

use evidence::{Polarity, numbers_supported};

use super::answer::Sentence;
use super::fault::Fault;
use crate::text::address::is_url;

/// What a sentence may name: a claim of the same answer, or an earlier finding.
#[derive(Debug, Clone)]
pub(crate) struct Basis {
    pub(crate) statement: String,
    pub(crate) quotes: Vec<String>,
    /// It says that something is missing or wrong, which may be put as a yes.
    pub(crate) is_lack: bool,
}

/// Words that summaries put around what claims say. Sorted.
const GLUE: &[&str] = &[
    "according",
    "addition",
    "based",
    "both",
    "business",
    "calls",
    "company",
    "describe",
    "describes",
    "employ",
    "employs",
    "firm",
    "focus",
    "focuses",
    "include",
    "includes",
    "including",
    "lead",
    "leads",
    "led",
    "made",
    "make",
    "makes",
    "mention",
    "mentions",
    "name",
    "named",
    "names",
    "offer",
    "offering",
    "offers",
    "operate",
    "operates",
    "organisation",
    "organization",
    "overall",
    "provide",
    "provides",
    "report",
    "reports",
    "run",
    "runs",
    "say",
    "says",
    "sell",
    "sells",
    "serve",
    "serves",
    "site",
    "state",
    "stated",
    "states",
    "together",
    "use",
    "uses",
    "website",
    "work",
    "works",
];

/// What is wrong with the sentence. `claims` are what it may name, by id; `names` are the subject's.
pub(crate) fn faults(sentence: &Sentence, claims: &BTreeMap<String, Basis>, names: &[String]) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(is_url(&sentence.text).then_some(Fault::Url("sentence")));
    let unknown: Vec<String> =
        sentence.claims.iter().filter(|id| !claims.contains_key(*id)).cloned().collect();
    if sentence.claims.is_empty() {
        faults.push(Fault::NoClaims);
    } else if !unknown.is_empty() {
        faults.push(Fault::UnknownClaims(unknown));
    } else {
        let named: Vec<&Basis> = sentence.claims.iter().filter_map(|id| claims.get(id)).collect();
        faults.extend(of_content(sentence, &named, names));
    }
    faults
}

fn of_content(sentence: &Sentence, named: &[&Basis], names: &[String]) -> Vec<Fault> {
    let texts: Vec<&str> = named.iter().flat_map(|basis| basis.texts()).collect();
    let mut faults: Vec<Fault> =
        numbers_supported(&sentence.text, &texts).err().map(Fault::Numbers).into_iter().collect();
    let said = Polarity::of(&sentence.text);
    let polarities: Vec<Polarity> = texts.iter().map(|text| Polarity::of(text)).collect();
    let names: Vec<String> =
        names.iter().flat_map(|name| name.split_whitespace()).map(str::to_lowercase).collect();
    let of_no_account =
        |word: &str| GLUE.binary_search(&word).is_ok() || names.iter().any(|name| name == word);
    let (unsaid, all) = said.unsaid_in(&polarities, of_no_account);
    let denied = named
        .iter()
        .filter(|basis| !basis.is_lack)
        .any(|basis| said.is_contradicted_by(&Polarity::of(&basis.statement)));
    let alone = said.denies() && !polarities.iter().any(|text| said.is_backed_by(text));
    // A sentence half of which nobody said is worse than none.
    faults.extend((!unsaid.is_empty() && unsaid.len() * 2 >= all).then_some(Fault::Unsaid(unsaid)));
    faults.extend((denied || alone).then_some(Fault::Turned));
    faults
}

impl Basis {
    /// What numbers and words of a sentence may be found in: the quotes, and what the claim itself says, which was
    /// checked.
    fn texts(&self) -> impl Iterator<Item = &str> {
        self.quotes.iter().map(String::as_str).chain(std::iter::once(self.statement.as_str()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn broken(text: &str, claims: &[(&str, &str)]) -> Vec<Fault> {
        let claims: BTreeMap<String, Basis> = claims
            .iter()
            .enumerate()
            .map(|(number, (statement, quote))| {
                let (statement, quotes) = ((*statement).to_owned(), vec![(*quote).to_owned()]);
                (format!("c{}", number + 1), Basis { statement, quotes, is_lack: false })
            })
            .collect();
        let named = claims.keys().cloned().collect();
        let sentence = Sentence { text: text.to_owned(), topic: None, claims: named };
        faults(&sentence, &claims, &["Zeta Pumps".to_owned()])
    }

    #[test]
    fn the_glue_is_sorted_for_the_search() {
        assert!(GLUE.is_sorted());
    }

    #[test]
    fn a_sentence_says_nothing_that_its_claims_do_not_say() {
        let founded = ("Founded in 2014 in Leeds.", "Zeta was founded in 2014 in Leeds");
        let certified = ("Zeta is certified to ISO 9001.", "certified to ISO 9001");
        for (text, claims) in [
            ("Zeta is certified and profitable.", &[founded][..]),
            ("Zeta is certified and profitable.", &[certified]),
            ("Zeta is the market leader in Europe.", &[founded, certified]),
        ] {
            let found = broken(text, claims);
            assert!(matches!(found.as_slice(), [Fault::Unsaid(_)]), "{text}: {found:?}");
        }
        for (text, claims) in [
            ("Founded in 2014 in Leeds, the company is certified to ISO 9001.", &[founded, certified][..]),
            ("Zeta Pumps is a firm from Leeds.", &[founded]),
        ] {
            assert_eq!(broken(text, claims), Vec::new(), "{text}");
        }
    }

    #[test]
    fn a_sentence_says_yes_and_no_as_its_claims_do() {
        let open = ("Zeta is not certified to ISO 27001.", "certified to ISO 27001");
        let sold = ("Zeta sells pumps through dealers.", "We sell pumps through dealers");
        assert_eq!(broken("Zeta is certified to ISO 27001.", &[open]), [Fault::Turned]);
        assert_eq!(broken("Zeta does not sell pumps through dealers.", &[sold]), [Fault::Turned]);
        assert_eq!(broken("Zeta is not certified to ISO 27001.", &[open]), Vec::new());
        assert_eq!(
            broken("It sells pumps through dealers, and is not certified to ISO 27001.", &[sold, open]),
            Vec::new()
        );
    }
}
