//! Finds a quote in a text.

use std::ops::Range;
use std::sync::OnceLock;

use domain::QuoteVerdict;

use crate::boundary::{Cut, cut};
use crate::ellipsis;
use crate::fold::{Folded, fold};
use crate::fuzzy::{self, Words};
use crate::negation::left_out;
use crate::words::is_unspaced;

/// The shortest quote that carries anything, in characters; one of a script without spaces counts as two.
pub const MIN_LENGTH: usize = 8;

/// What looking a quote up found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Located {
    pub verdict: QuoteVerdict,
    /// Byte range of what stands in the text; empty (0..0) for `unsupported`.
    pub start: usize,
    pub end: usize,
    /// What stands before or after it in the same clause negates it: the quote left its `not` out.
    pub negated: bool,
}

impl Located {
    const NOWHERE: Self = Self { verdict: QuoteVerdict::Unsupported, start: 0, end: 0, negated: false };

    /// What stands there.
    #[must_use]
    pub fn of<'t>(&self, text: &'t str) -> &'t str {
        text.get(self.start..self.end).unwrap_or_default()
    }
}

/// Looks one quote up in one text. For several quotes of one text, make an [`Index`].
#[must_use]
pub fn locate(text: &str, quote: &str) -> Located {
    Index::new(text).locate(quote)
}

/// A text made ready for looking quotes up: folded once, its words listed when first needed.
#[derive(Debug)]
pub struct Index<'t> {
    original: &'t str,
    folded: Folded,
    words: OnceLock<Words>,
}

impl<'t> Index<'t> {
    #[must_use]
    pub fn new(text: &'t str) -> Self {
        Self { original: text, folded: Folded::new(text), words: OnceLock::new() }
    }

    /// The text as given.
    #[must_use]
    pub const fn text(&self) -> &'t str {
        self.original
    }

    /// Finds the quote: word for word after folding → `verified`; with small differences, or with an ellipsis →
    /// `loose`; else `unsupported`.
    #[must_use]
    pub fn locate(&self, quote: &str) -> Located {
        self.locate_where(quote, |_| true)
    }

    /// As [`Index::locate`], but only places (byte ranges of the original text) that `accept` allows count.
    #[must_use]
    pub fn locate_where(&self, quote: &str, accept: impl Fn(Range<usize>) -> bool) -> Located {
        let quote = fold(quote);
        if weight(&quote) < MIN_LENGTH {
            return Located::NOWHERE;
        }
        let bare = unwrapped(&quote);
        let accept = |folded: Range<usize>| accept(self.original_range(folded));
        if let Some(found) = self.exact(&quote, &accept).or_else(|| self.exact(bare?, &accept)) {
            return self.located(QuoteVerdict::Verified, found);
        }
        let words = || self.words.get_or_init(|| Words::new(&self.folded.text));
        let loose = if ellipsis::is_in(&quote) {
            ellipsis::find(&self.folded.text, bare.unwrap_or(&quote), &accept)
        } else {
            fuzzy::find(&self.folded.text, words(), bare.unwrap_or(&quote), &accept)
        };
        loose.map_or(Located::NOWHERE, |found| self.located(QuoteVerdict::Loose, found))
    }

    /// The first place where the quote stands word for word, cut cleanly.
    fn exact(&self, quote: &str, accept: &impl Fn(Range<usize>) -> bool) -> Option<Range<usize>> {
        if weight(quote) < MIN_LENGTH {
            return None;
        }
        places(&self.folded.text, quote).find(|place| {
            cut(&self.folded.text, place.start, place.end) == Cut::Clean && accept(place.clone())
        })
    }

    fn original_range(&self, folded: Range<usize>) -> Range<usize> {
        self.folded.start(folded.start)..self.folded.end(folded.end)
    }

    fn located(&self, verdict: QuoteVerdict, folded: Range<usize>) -> Located {
        let Range { start, end } = self.original_range(folded);
        Located { verdict, start, end, negated: left_out(self.original, &(start..end)) }
    }
}

/// Every place of `needle`, overlapping ones too.
pub(crate) fn places<'a>(text: &'a str, needle: &'a str) -> impl Iterator<Item = Range<usize>> + 'a {
    let step = needle.chars().next().map_or(1, char::len_utf8);
    let mut from = 0;
    std::iter::from_fn(move || {
        let at = from + text.get(from..)?.find(needle)?;
        from = at + step;
        Some(at..at + needle.len())
    })
}

/// Length in characters, those of scripts without spaces counted twice.
pub(crate) fn weight(text: &str) -> usize {
    text.chars().map(|c| if is_unspaced(c) { 2 } else { 1 }).sum()
}

/// The quote without quotation marks around all of it, if there are any.
fn unwrapped(quote: &str) -> Option<&str> {
    let inner = quote.strip_prefix('"')?.strip_suffix('"')?.trim();
    (!inner.contains('"')).then_some(inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "Brightwater Pumps Ltd\n\nWe\u{2019}ve built remote\u{2011}monitored pumps since 2014.\u{a0} Mara \
        Lind, Chief Executive and co-founder, leads 34 people.\n\nWe are not certified to ISO 27001.";

    #[test]
    fn a_quote_with_other_white_space_and_marks_is_verified_where_it_stands() {
        let found = locate(TEXT, "We've  built remote-monitored\npumps since 2014. Mara Lind");
        assert_eq!(found.verdict, QuoteVerdict::Verified);
        assert!(found.of(TEXT).starts_with("We\u{2019}ve built remote\u{2011}monitored"));
        assert!(found.of(TEXT).ends_with("Mara Lind"));
    }

    #[test]
    fn quotation_marks_around_the_whole_quote_do_not_matter() {
        let found = locate(TEXT, "\u{201c}Chief Executive and co-founder\u{201d}");
        assert_eq!(
            (found.verdict, found.of(TEXT)),
            (QuoteVerdict::Verified, "Chief Executive and co-founder")
        );
    }

    #[test]
    fn a_quote_too_short_to_carry_anything_is_unsupported() {
        assert_eq!(locate(TEXT, "pumps").verdict, QuoteVerdict::Unsupported);
        assert_eq!(locate(TEXT, "\" \u{2014} \"").verdict, QuoteVerdict::Unsupported);
        assert_eq!(locate("", "anything at all").verdict, QuoteVerdict::Unsupported);
    }

    #[test]
    fn a_quote_that_leaves_its_negation_out_says_so() {
        let found = locate(TEXT, "certified to ISO 27001");
        assert!(found.negated);
        assert!(!locate(TEXT, "Chief Executive and co-founder").negated);
    }

    #[test]
    fn only_accepted_places_count() {
        let text = "Pumps for farms. Menu. Pumps for farms.";
        let second = text.rfind("Pumps").unwrap();
        let found = Index::new(text).locate_where("Pumps for farms", |range| range.start >= second);
        assert_eq!(found.start, second);
        assert_eq!(
            Index::new(text).locate_where("Pumps for farms", |_| false).verdict,
            QuoteVerdict::Unsupported
        );
    }

    #[test]
    fn a_later_clean_place_wins_over_an_earlier_cut_one() {
        let text = "110 million people and 10 million people";
        let found = locate(text, "10 million people");
        assert_eq!((found.verdict, found.start), (QuoteVerdict::Verified, 23));
    }
}
