//! Words that may never differ between a quote and its text: numbers, negations, limits and hedges, names.

use crate::numbers::is_number_word;
use crate::words::is_symbol;

/// Negations of the languages that page kinds are known in. Sorted, folded, lower case.
const NEGATIONS: &[&str] = &[
    "aucun",
    "aucune",
    "cannot",
    "geen",
    "hardly",
    "jamais",
    "kein",
    "keine",
    "keinem",
    "keinen",
    "keiner",
    "keines",
    "mai",
    "nada",
    "nao",
    "ne",
    "neither",
    "nem",
    "nessun",
    "nessuna",
    "nessuno",
    "never",
    "nicht",
    "nichts",
    "nie",
    "niemals",
    "niet",
    "ninguna",
    "ninguno",
    "ning\u{fa}n",
    "no",
    "non",
    "none",
    "nooit",
    "nor",
    "not",
    "nothing",
    "nunca",
    "n\u{e3}o",
    "ohne",
    "pas",
    "rarely",
    "sans",
    "sem",
    "senza",
    "sin",
    "without",
    "zonder",
];

/// Words that bound or weaken a statement: with or without them it says something else.
const HEDGES: &[&str] = &[
    "about",
    "aim",
    "aims",
    "allegedly",
    "almost",
    "alone",
    "approximately",
    "at",
    "before",
    "below",
    "but",
    "could",
    "even",
    "ex",
    "except",
    "excluding",
    "expect",
    "expected",
    "expects",
    "fewer",
    "former",
    "formerly",
    "hope",
    "if",
    "least",
    "less",
    "maximum",
    "may",
    "might",
    "minimum",
    "more",
    "most",
    "nearly",
    "once",
    "only",
    "over",
    "partly",
    "plan",
    "planned",
    "plans",
    "possibly",
    "previously",
    "probably",
    "roughly",
    "should",
    "some",
    "sometimes",
    "target",
    "targets",
    "than",
    "under",
    "unless",
    "until",
    "up",
    "used",
    "will",
    "would",
];

/// Whether the word negates: `not`, `can't`, `nicht`, `jamais`.
pub(crate) fn is_negation(word: &str) -> bool {
    let lower = word.to_lowercase();
    lower.ends_with("n't") || NEGATIONS.binary_search(&lower.as_str()).is_ok()
}

/// Whether the word may neither be dropped, added nor changed. A capital makes a name, even where it may only start
/// a sentence: a first word may be the name that matters.
pub(crate) fn is_protected(word: &str) -> bool {
    if word.chars().any(|c| c.is_numeric() || is_symbol(c) || c == '-') || is_negation(word) {
        return true;
    }
    let lower = word.to_lowercase();
    if HEDGES.binary_search(&lower.as_str()).is_ok() || is_number_word(&lower) {
        return true;
    }
    word.chars().next().is_some_and(char::is_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_are_sorted_for_the_search() {
        assert!(NEGATIONS.is_sorted() && HEDGES.is_sorted());
    }

    #[test]
    fn numbers_negations_hedges_and_names_are_protected_and_plain_words_are_not() {
        for word in ["2014", "%", "not", "don't", "keine", "formerly", "Leeds", "ACME", "million", "twelve"] {
            assert!(is_protected(word), "{word}");
        }
        for word in ["pumps", "the", "company", "monitored"] {
            assert!(!is_protected(word), "{word}");
        }
    }
}
