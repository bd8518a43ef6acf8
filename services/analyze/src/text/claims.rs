//! Words a company uses about itself: praise without a number is a claim of its own, not a fact.

use std::borrow::Cow;
use std::sync::LazyLock;

use regex::Regex;

static PRAISE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b(?:leading|leader|world[- ]class|best[- ]in[- ]class|best|cutting[- ]edge|state[- ]of[- ]the[- ]art|",
        r"innovative|revolutionary|revolutioni[sz]\w+|unique|unrivall?ed|unparalleled|unmatched|unbeatable|premier|",
        r"top[- ](?:rated|tier|quality)|award[- ]winning|most (?:trusted|advanced|reliable|popular|comprehensive)|",
        r"trusted by|number one|no\. ?1|#1|game[- ]chang\w+|next[- ]generation|pioneer\w*|renowned|superior|",
        r"exceptional|outstanding|finest|ultimate|second to none|market leader|",
        r"f\u{fc}hrend\w*|marktf\u{fc}hr\w*|einzigartig\w*|innovativ\w*|weltweit beste\w*|erstklassig\w*|",
        r"leader (?:mondial|europ\u{e9}en|du march\u{e9})|incontournable|innovante?s?|n\u{b0} ?1|",
        r"l\u{ed}der(?:es)?|puntero\w*|innovador\w*|leader di mercato|all'avanguardia|toonaangevend\w*|marktleider|",
        r"inovador\w*|l\u{ed}der de mercado)\b",
    ))
    .ok()
});

/// Dates, years and `24/7`: they measure no praise.
static DATE: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(concat!(
        r"(?i)\b24/7\b|\b\d{4}-\d{2}-\d{2}\b|\b\d{1,2}[./]\d{1,2}[./]\d{2,4}\b|",
        r"\b\d{1,2}(?:st|nd|rd|th|\.)? (?:of )?(?:jan|feb|m[a\u{e4}]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])\w*|",
        r"\b(?:jan|feb|m[a\u{e4}]r|apr|ma[iy]|jun|jul|aug|sep|o[ck]t|nov|de[cz])\w*\.? \d{1,2}(?:st|nd|rd|th)?\b|",
        r"\b(?:1[5-9]|20)\d{2}\b(?:\s*[-\u{2013}/]\s*\d{2,4}\b)?",
    ))
    .ok()
});

/// Words between a praise and the number that measures it: `a leading share of 40 %`.
const BESIDE: usize = 3;

/// Whether the text praises, and no number beside the praise measures it. A date, or a number elsewhere in the text,
/// measures nothing.
pub(crate) fn is_self_praise(text: &str) -> bool {
    let Some(praise) = PRAISE.as_ref() else { return false };
    let undated = DATE.as_ref().map_or(Cow::Borrowed(text), |date| date.replace_all(text, " "));
    let measures = |word: &str| word.chars().any(|c| c.is_ascii_digit());
    praise.find_iter(&undated).any(|found| {
        let before = undated.get(..found.start()).unwrap_or_default();
        let after = undated.get(found.end()..).unwrap_or_default();
        !before.split_whitespace().rev().take(BESIDE).any(measures)
            && !after.split_whitespace().take(BESIDE).any(measures)
    })
}

/// Whether the text praises at all.
pub(crate) fn praises(text: &str) -> bool {
    PRAISE.as_ref().is_some_and(|praise| praise.is_match(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn praise_without_a_number_is_a_self_claim() {
        assert!(DATE.is_some());
        assert!(is_self_praise("We are a leading provider of pumps."));
        assert!(is_self_praise("Wir sind der f\u{fc}hrende Anbieter."));
        assert!(!is_self_praise("The pumps run in 12 countries, a leading share of 40%."));
        assert!(praises("The pumps run in 12 countries, a leading share of 40%."));
        assert!(!is_self_praise("We make pumps in Leeds."));
    }

    #[test]
    fn a_year_a_date_or_a_number_elsewhere_measures_no_praise() {
        for text in [
            "Since 2014 we are the leading provider of pumps.",
            "The leading provider of pumps since 3 May 2014.",
            "F\u{fc}hrender Anbieter seit 1. Juli 2021.",
            "We are a leading maker of farm pumps, and 34 people work for us in Leeds.",
            "World-class support, 24/7, from our office at 1 Mill Lane.",
            "The number one in Leeds.",
        ] {
            assert!(is_self_praise(text), "{text}");
        }
        for text in [
            "Trusted by 1,200 farms.",
            "An award-winning team: 14 awards in 2023.",
            "Rated 4.8, the best score.",
        ] {
            assert!(!is_self_praise(text), "{text}");
        }
    }
}
