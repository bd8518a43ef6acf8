//! What may stand around the word that makes a title.

use std::ops::Range;

use super::Titles;
use crate::lexicon::{Hit, Tag};
use crate::scan::{Scan, Token};

impl Titles {
    /// Whether the words around the head belong to a title: none that call or ask before it, and behind it only what
    /// the role is about. `Hire a Solutions Partner` and `Teacher Professional Development` are no roles.
    pub(super) fn is_framed(&self, scan: &Scan<'_>, part: &Range<usize>, hit: &Hit) -> bool {
        let before = scan.tokens(part.start..hit.start);
        let after = scan.tokens(hit.end..part.end);
        let is_about = |t: &Token| {
            t.is_word()
                && (self.is_modifier(scan.low_word(t))
                    || scan.has(t.start..t.end, |g| matches!(g, Tag::Title(_))))
        };
        let joins = |t: &Token| t.is_word() && self.is_connector(scan.low_word(t));
        let asks = before.iter().any(|t| {
            let low = scan.low_word(t);
            matches!(
                low,
                "a" | "an"
                    | "your"
                    | "my"
                    | "become"
                    | "hire"
                    | "find"
                    | "get"
                    | "join"
                    | "meet"
                    | "new"
                    | "verified"
                    | "our"
                    | "all"
                    | "for"
                    | "contact"
            ) || (t.is_word() && !is_about(t) && !joins(t) && scan.word(t).starts_with(char::is_lowercase))
        });
        // `Office of the President` is a place; `Pay Per Lead` is a price.
        let word = scan.get_low(hit.start..hit.end);
        let owned = before.last().is_some_and(|t| {
            joins(t) && matches!(scan.low_word(t), "of" | "the" | "for" | "to" | "de" | "des" | "der")
        });
        let weak = matches!(
            word,
            "head"
                | "lead"
                | "chair"
                | "fellow"
                | "partner"
                | "principal"
                | "associate"
                | "operator"
                | "driver"
                | "representative"
        ) && before.iter().any(|t| t.is_word() && !is_about(t));
        let glued = after.first().is_some_and(|t| t.start == hit.end && t.mark() == Some('-'))
            && after.get(1).is_some_and(|t| t.start == hit.end + 1);
        !asks && !owned && !weak && !glued && self.goes_on(scan, &after, word, &is_about)
    }

    /// Whether the words behind a head are what the role is about: nothing, `of …`, or words of the function lists.
    fn goes_on(
        &self,
        scan: &Scan<'_>,
        after: &[Token],
        head: &str,
        is_about: &dyn Fn(&Token) -> bool,
    ) -> bool {
        // German titles are followed by what they are about, titles that end with a joint by anything.
        if after.is_empty() || head.contains(' ') || (after.len() == 1 && head.starts_with("leiter")) {
            return true;
        }
        let mut segments = after.split(|t| !t.is_word());
        let first = segments.next().unwrap_or_default();
        let opened =
            first.first().is_some_and(|t| self.is_connector(scan.low_word(t)) || scan.low_word(t) == "with");
        let fits = opened || first.iter().all(|t| is_about(t) || self.is_connector(scan.low_word(t)));
        fits && (opened || segments.all(|s| s.is_empty() || s.iter().any(is_about)))
    }
}
