//! What is shown is what is read: text from outside without the characters that are obeyed instead of shown.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Control characters, with which commands to a terminal begin, and the embeddings, overrides and isolates of writing
/// direction, which reorder the text around them (UAX #9, the characters of "Trojan Source").
pub(crate) fn is_obeyed(c: char) -> bool {
    c.is_control() || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The text without what a terminal or a browser would obey; line breaks and tabs stay.
#[must_use]
pub fn visible(text: &str) -> Cow<'_, str> {
    let is_shown = |c: char| matches!(c, '\n' | '\t') || !is_obeyed(c);
    if text.chars().all(is_shown) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|c| is_shown(*c)).collect())
    }
}

/// JSON that means the same and holds no such character: within strings, JSON can spell them out.
#[must_use]
pub fn visible_json(json: &str) -> Cow<'_, str> {
    let is_shown = |c: char| c == '\n' || !is_obeyed(c);
    if json.chars().all(is_shown) {
        return Cow::Borrowed(json);
    }
    let mut spelt = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_shown(c) {
            spelt.push(c);
        } else {
            let _ = write!(spelt, "\\u{:04x}", u32::from(c));
        }
    }
    Cow::Owned(spelt)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_a_terminal_obeys_is_taken_out_and_everything_else_stays() {
        assert_eq!(visible("Zeta \u{1b}[31mRED\u{9b}0m\u{7}\r"), "Zeta [31mRED0m");
        assert_eq!(visible("a\u{202e}b\u{2066}c\u{2069}"), "abc");
        assert!(matches!(visible("شركة 🚰\n\tשלום\u{200f}"), Cow::Borrowed(_)));
    }

    proptest! {
        #[test]
        fn spelt_out_json_means_the_same(text in any::<String>()) {
            let json = serde_json::to_string_pretty(&[&text]).unwrap();
            let spelt = visible_json(&json);
            prop_assert!(!spelt.chars().any(|c| c != '\n' && is_obeyed(c)));
            prop_assert_eq!(serde_json::from_str::<Vec<String>>(&spelt).unwrap(), vec![text]);
        }
    }
}
