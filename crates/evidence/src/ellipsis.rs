//! Quotes with something left out, `We make … for farms`: every part must stand word for word, in order and close by.

use std::ops::Range;

use crate::boundary::{Cut, cut};
use crate::locate::{places, weight};
use crate::protected::is_negation;
use crate::words::words;

/// The most that may be left out between two parts, in bytes.
const MAX_GAP: usize = 300;
/// The shortest part, in characters.
const MIN_PART: usize = 6;
/// First parts tried in one text; a part that stands everywhere says nothing.
const MAX_STARTS: usize = 32;

pub(crate) fn is_in(folded: &str) -> bool {
    folded.contains("...")
}

/// The stretch from the first part to the last.
pub(crate) fn find(text: &str, quote: &str, accept: &impl Fn(Range<usize>) -> bool) -> Option<Range<usize>> {
    let parts: Vec<&str> = quote
        .split("...")
        .map(|part| part.trim_matches(|c: char| c == '.' || c == '[' || c == ']' || c.is_whitespace()))
        .filter(|part| !part.is_empty())
        .collect();
    let (first, rest) = parts.split_first()?;
    if parts.iter().any(|part| weight(part) < MIN_PART) {
        return None;
    }
    places(text, first)
        .filter(|place| cut(text, place.start, place.end) == Cut::Clean)
        .take(MAX_STARTS)
        .find_map(|place| {
            let end = rest.iter().try_fold(place.end, |from, part| next_part(text, from, part))?;
            Some(place.start..end)
        })
        .filter(|place| accept(place.clone()))
}

/// The end of the part's next place after `from`, unless too much or a negation lies between.
fn next_part(text: &str, from: usize, part: &str) -> Option<usize> {
    let place = places(text.get(from..)?, part)
        .take_while(|place| place.start <= MAX_GAP)
        .find(|place| cut(text, from + place.start, from + place.end) == Cut::Clean)?;
    let gap = text.get(from..from + place.start)?;
    let negated = words(gap).into_iter().filter_map(|word| gap.get(word)).any(is_negation);
    (!negated).then_some(from + place.end)
}

#[cfg(test)]
mod tests {
    use crate::{QuoteVerdict, locate};

    const TEXT: &str =
        "We design remote-monitored pumps in Leeds for farms in 12 countries. We are not profitable yet.";

    #[test]
    fn parts_in_order_are_loose_and_the_whole_stretch_is_given() {
        let found = locate(TEXT, "We design remote-monitored pumps \u{2026} for farms in 12 countries");
        assert_eq!(found.verdict, QuoteVerdict::Loose);
        assert_eq!(found.of(TEXT), "We design remote-monitored pumps in Leeds for farms in 12 countries");
    }

    #[test]
    fn parts_out_of_order_or_around_a_negation_are_unsupported() {
        for quote in [
            "for farms in 12 countries ... We design remote",
            "We are ... profitable yet",
            "We design ... 2 countries",
        ] {
            assert_eq!(locate(TEXT, quote).verdict, QuoteVerdict::Unsupported, "{quote}");
        }
    }

    #[test]
    fn a_quote_cut_short_with_an_ellipsis_is_loose() {
        assert_eq!(locate(TEXT, "We design remote-monitored pumps...").verdict, QuoteVerdict::Loose);
    }
}
