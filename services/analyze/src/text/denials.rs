//! What of a text may be taken for a yes: no word that a negation reaches.

use std::ops::Range;

use evidence::Negations;
use regex::Regex;

/// Whether the pattern stands in the text and is not denied there. A negation that the pattern itself names (`no need
/// to`) is what it looks for.
pub(crate) fn states(pattern: &Regex, text: &str, negations: &Negations) -> bool {
    if negations.is_empty() {
        return pattern.is_match(text);
    }
    let unnamed = |word: &str, _: usize| !names(pattern, word);
    pattern.find_iter(text).any(|found| !negations.deny(&found.range(), unnamed))
}

/// The text with blanks for everything that is denied in it.
pub(crate) fn affirmed(text: &str, negations: &Negations) -> String {
    let mut out = String::with_capacity(text.len());
    let mut last = 0;
    for Range { start, end } in negations.denied() {
        out.push_str(text.get(last..start).unwrap_or_default());
        out.extend(text.get(start..end).unwrap_or_default().chars().map(|_| ' '));
        last = end;
    }
    out.push_str(text.get(last..).unwrap_or_default());
    out
}

/// Whether the word stands in the pattern as it is written.
fn names(pattern: &Regex, word: &str) -> bool {
    let written = pattern.as_str().replace("\\b", " ").to_lowercase();
    written.split(|c: char| !c.is_alphanumeric() && c != '\'').any(|part| part == word)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn stands(pattern: &str, text: &str) -> bool {
        states(&Regex::new(pattern).unwrap(), text, &Negations::of(text))
    }

    #[test]
    fn a_pattern_that_is_denied_does_not_state_anything() {
        for (pattern, text) in [
            (r"(?i)\bcustomers such as\b", "We have never had customers such as Shell."),
            (r"\bISO \d+\b.{0,20}\bcertified\b", "Nord Pumps is not ISO 9001 certified."),
            (r"(?i)\bNord\b.{0,40}\b(?:listed|traded) on\b", "Nord is not listed on any exchange."),
        ] {
            assert!(!stands(pattern, text), "{text}");
        }
        for (pattern, text) in [
            (r"(?i)\bcustomers such as\b", "We never rest, and have customers such as Shell."),
            (r"(?i)\b(?:no need to|without having)\b", "There is no need to walk the fields."),
            (r"\bup to \d+ ?%", "It cuts water use by up to 30 % without walking the fields."),
        ] {
            assert!(stands(pattern, text), "{text}");
        }
    }

    #[test]
    fn what_is_affirmed_keeps_its_place() {
        let text = "We sell pumps but don\u{2019}t offer phone support.";
        let left = affirmed(text, &Negations::of(text));
        assert_eq!(left.split_whitespace().collect::<Vec<_>>(), ["We", "sell", "pumps", "but", "."]);
        assert_eq!(left.chars().count(), text.chars().count());
        assert_eq!(affirmed("All good.", &Negations::of("All good.")), "All good.");
    }
}
