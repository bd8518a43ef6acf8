//! Sentences of a block.

use std::ops::Range;

use unicode_segmentation::UnicodeSegmentation;

/// Abbreviations whose point ends no sentence, lower case without the last point. Sorted.
const ABBREVIATIONS: &[&str] = &[
    "al", "approx", "art", "av", "avda", "bzw", "ca", "cf", "co", "corp", "dipl", "dott", "dr", "e.g", "est",
    "etc", "evtl", "exkl", "fig", "gen", "ggf", "hr", "i.e", "inc", "incl", "ing", "inh", "inkl", "jr",
    "lda", "ltd", "max", "mio", "mln", "mr", "mrd", "mrs", "ms", "mt", "no", "nr", "p.ej", "ph.d", "prof",
    "resp", "s.a", "s.l", "sr", "sra", "st", "std", "str", "tel", "tsd", "u.a", "u.k", "u.s", "usw", "vgl",
    "vol", "vs", "z.b", "zzgl",
];

/// The sentences of a text as byte ranges without surrounding white space, in order.
pub(crate) fn sentences(text: &str) -> Vec<Range<usize>> {
    let mut found: Vec<Range<usize>> = Vec::new();
    for (start, piece) in text.split_sentence_bound_indices() {
        let end = start + piece.len();
        match found.last_mut() {
            Some(last) if continues(text.get(last.clone()).unwrap_or_default(), piece) => last.end = end,
            _ => found.push(start..end),
        }
    }
    found
        .into_iter()
        .flat_map(|range| before_digits(text, range))
        .filter_map(|range| trimmed(text, range))
        .collect()
}

/// Parts a range where a sentence ends and the next one begins with a digit, which Unicode's rules take for one.
fn before_digits(text: &str, range: Range<usize>) -> Vec<Range<usize>> {
    let mut parts = Vec::new();
    let mut start = range.start;
    let piece = text.get(range.clone()).unwrap_or_default();
    for (at, _) in piece.match_indices(". ") {
        let (Some(head), Some(tail)) = (piece.get(..at), piece.get(at + 2..)) else { continue };
        let word = head.rsplit(char::is_whitespace).next().unwrap_or_default();
        let plain = word.chars().count() > 2 && word.chars().all(char::is_alphabetic);
        let ends = plain && ABBREVIATIONS.binary_search(&word.to_lowercase().as_str()).is_err();
        if ends && tail.starts_with(|c: char| c.is_ascii_digit()) {
            parts.push(start..range.start + at + 1);
            start = range.start + at + 2;
        }
    }
    parts.push(start..range.end);
    parts
}

/// Whether the sentence before ends in an abbreviation or initial rather than a full stop.
fn continues(before: &str, next: &str) -> bool {
    let before = before.trim_end();
    let Some(head) = before.strip_suffix('.') else { return false };
    let word = head.rsplit(|c: char| c.is_whitespace() || matches!(c, '(' | ',')).next().unwrap_or_default();
    let lower = word.to_lowercase();
    let lower_case_next = next.trim_start().chars().next().is_some_and(char::is_lowercase);
    let initial = word.chars().count() == 1 && word.chars().all(char::is_alphabetic);
    // `Ltd. It …` may well end a sentence; `Dr. Lind` never does. A digit after `No.` goes on too.
    let company_form =
        matches!(lower.as_str(), "ltd" | "inc" | "co" | "corp" | "etc" | "usw" | "u.s" | "u.k" | "s.a");
    lower_case_next || initial || ABBREVIATIONS.binary_search(&lower.as_str()).is_ok() && !company_form
}

fn trimmed(text: &str, range: Range<usize>) -> Option<Range<usize>> {
    let piece = text.get(range.clone())?;
    let start = range.start + (piece.len() - piece.trim_start().len());
    let end = range.start + piece.trim_end().len();
    (start < end).then_some(start..end)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        sentences(text).into_iter().map(|range| text.get(range).unwrap()).collect()
    }

    #[test]
    fn the_abbreviations_are_sorted_for_the_search() {
        assert!(ABBREVIATIONS.is_sorted());
    }

    #[test]
    fn sentences_end_at_their_stops_and_not_at_abbreviations() {
        assert_eq!(
            split("Dr. Mara Lind leads us. She joined in 2014!  Why? "),
            ["Dr. Mara Lind leads us.", "She joined in 2014!", "Why?"]
        );
        assert_eq!(
            split("Brightwater Pumps Ltd. It makes pumps, e.g. for farms."),
            ["Brightwater Pumps Ltd.", "It makes pumps, e.g. for farms."]
        );
        assert_eq!(
            split("Prices start at 4.50 per unit, approx. 5 with tax. Call J. Smith."),
            ["Prices start at 4.50 per unit, approx. 5 with tax.", "Call J. Smith."]
        );
        assert_eq!(
            split("Wir liefern z. B. Pumpen. Seit 2014."),
            ["Wir liefern z. B. Pumpen.", "Seit 2014."]
        );
        assert!(split(" \n ").is_empty());
    }
}
