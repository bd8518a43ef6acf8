//! Words a company uses about itself: praise without a number is a claim of its own, not a fact.

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

/// Whether the text praises without giving a number.
pub(crate) fn is_self_praise(text: &str) -> bool {
    !text.chars().any(|c| c.is_ascii_digit()) && PRAISE.as_ref().is_some_and(|praise| praise.is_match(text))
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
        assert!(is_self_praise("We are a leading provider of pumps."));
        assert!(is_self_praise("Wir sind der f\u{fc}hrende Anbieter."));
        assert!(!is_self_praise("The pumps run in 12 countries, a leading share of 40%."));
        assert!(praises("The pumps run in 12 countries, a leading share of 40%."));
        assert!(!is_self_praise("We make pumps in Leeds."));
    }
}
