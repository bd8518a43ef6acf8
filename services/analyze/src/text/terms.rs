//! Terms: words as ranking and comparison see them.

use std::collections::BTreeSet;

use unicode_segmentation::UnicodeSegmentation;

/// Words that say nothing about the subject, in the languages that page kinds are known in. Sorted.
const STOP: &[&str] = &[
    "a",
    "about",
    "al",
    "all",
    "als",
    "also",
    "am",
    "an",
    "and",
    "any",
    "are",
    "as",
    "at",
    "au",
    "auch",
    "auf",
    "aus",
    "aux",
    "avec",
    "be",
    "been",
    "bei",
    "but",
    "by",
    "can",
    "che",
    "com",
    "como",
    "con",
    "da",
    "dans",
    "das",
    "de",
    "dei",
    "del",
    "della",
    "dem",
    "den",
    "der",
    "des",
    "di",
    "die",
    "do",
    "does",
    "dos",
    "du",
    "e",
    "een",
    "ein",
    "eine",
    "einem",
    "einen",
    "einer",
    "el",
    "em",
    "en",
    "er",
    "es",
    "est",
    "et",
    "for",
    "from",
    "f\u{fc}r",
    "had",
    "has",
    "have",
    "het",
    "how",
    "i",
    "ich",
    "if",
    "ihr",
    "ihre",
    "il",
    "im",
    "in",
    "into",
    "is",
    "ist",
    "it",
    "its",
    "la",
    "las",
    "le",
    "les",
    "lo",
    "los",
    "mehr",
    "met",
    "mit",
    "more",
    "my",
    "nach",
    "nel",
    "nos",
    "not",
    "notre",
    "nous",
    "of",
    "on",
    "op",
    "or",
    "our",
    "ours",
    "para",
    "per",
    "por",
    "pour",
    "que",
    "qui",
    "s",
    "se",
    "sich",
    "sie",
    "sind",
    "so",
    "sont",
    "su",
    "such",
    "sul",
    "sur",
    "te",
    "than",
    "that",
    "the",
    "their",
    "them",
    "there",
    "these",
    "they",
    "this",
    "to",
    "um",
    "un",
    "una",
    "und",
    "une",
    "uns",
    "unser",
    "unsere",
    "up",
    "van",
    "vom",
    "von",
    "voor",
    "vous",
    "was",
    "we",
    "were",
    "what",
    "when",
    "which",
    "who",
    "will",
    "wir",
    "with",
    "you",
    "your",
    "zu",
    "zum",
    "zur",
    "\u{e0}",
    "\u{fc}ber",
];

/// Words of a text in order, lower case, plurals cut: `Pumps` and `pump` are one term.
pub(crate) fn terms(text: &str) -> impl Iterator<Item = String> + '_ {
    text.unicode_words().map(term)
}

/// One word as a term.
pub(crate) fn term(word: &str) -> String {
    let lower = word.to_lowercase();
    let bare = lower.strip_suffix("'s").or_else(|| lower.strip_suffix("\u{2019}s")).unwrap_or(&lower);
    let letters = bare.chars().count();
    match bare.strip_suffix("ies") {
        Some(stem) if letters > 4 => format!("{stem}y"),
        _ if letters > 3 && bare.ends_with('s') && !bare.ends_with("ss") && !bare.ends_with("us") => {
            bare.strip_suffix('s').unwrap_or(bare).to_owned()
        }
        _ => bare.to_owned(),
    }
}

pub(crate) fn is_stop(word: &str) -> bool {
    STOP.binary_search(&word).is_ok()
}

/// The terms that carry a statement: no stop words, each once.
pub(crate) fn content_words(text: &str) -> BTreeSet<String> {
    text.unicode_words()
        .map(str::to_lowercase)
        .filter(|word| !is_stop(word))
        .map(|word| term(&word))
        .collect()
}

/// Shared content words by all content words, 0–1 (Jaccard).
pub(crate) fn overlap(a: &BTreeSet<String>, b: &BTreeSet<String>) -> f64 {
    let shared = a.intersection(b).count();
    let all = a.len() + b.len() - shared;
    #[expect(clippy::cast_precision_loss, reason = "counts of words in a sentence")]
    if all == 0 { 0.0 } else { shared as f64 / all as f64 }
}

/// How alike two statements must be to count as one: the same share of content words that versions are compared with.
pub(crate) const SAME: f64 = 0.6;

/// Whether two statements say nearly the same: most content words shared, or one contained in the other.
pub(crate) fn same(a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    let smaller = a.len().min(b.len());
    let contained = smaller >= 4 && (a.is_subset(b) || b.is_subset(a));
    contained || overlap(a, b) >= SAME
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stop_words_are_sorted_for_the_search() {
        assert!(STOP.is_sorted());
    }

    #[test]
    fn plurals_and_possessives_are_one_term() {
        let of = |text: &str| terms(text).collect::<Vec<_>>();
        assert_eq!(
            of("Pumps' pump company\u{2019}s companies glass status"),
            ["pump", "pump", "company", "company", "glass", "status"]
        );
    }

    #[test]
    fn statements_with_most_content_words_in_common_are_the_same() {
        let words = |text| content_words(text);
        assert!(same(
            &words("We make remote-monitored pumps for farms."),
            &words("Remote-monitored pumps for farms, made by us. We make pumps.")
        ));
        assert!(!same(&words("We make pumps for farms."), &words("We sell software to hospitals.")));
    }
}
