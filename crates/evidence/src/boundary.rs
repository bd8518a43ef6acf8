//! Where a quote may be cut: never inside a word, a number, or between a number and what gives it its size.

use crate::numbers::is_scale_word;
use crate::words::{is_unspaced, joins};

/// How a stretch of a folded text sits between its neighbours.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Cut {
    /// On word boundaries.
    Clean,
    /// It might be the middle of a number grouped with spaces (`12 500`), or the end of a range (`10-20`).
    Doubtful,
    /// Inside a word or a number.
    Inside,
}

/// How `text[start..end]` is cut out.
pub(crate) fn cut(text: &str, start: usize, end: usize) -> Cut {
    let (Some(before), Some(inner), Some(after)) = (text.get(..start), text.get(start..end), text.get(end..))
    else {
        return Cut::Inside;
    };
    worse(cut_start(before, inner), cut_end(inner, after))
}

fn worse(a: Cut, b: Cut) -> Cut {
    match (a, b) {
        (Cut::Inside, _) | (_, Cut::Inside) => Cut::Inside,
        (Cut::Doubtful, _) | (_, Cut::Doubtful) => Cut::Doubtful,
        _ => Cut::Clean,
    }
}

fn cut_start(before: &str, inner: &str) -> Cut {
    let Some(first) = inner.chars().next() else { return Cut::Inside };
    let mut back = before.chars().rev();
    let Some(last) = back.next() else { return Cut::Clean };
    if joins(last, first) {
        return Cut::Inside;
    }
    if !first.is_numeric() {
        return Cut::Clean;
    }
    let earlier = back.next();
    match last {
        '.' | ',' | '\'' | ':' | '/' if earlier.is_some_and(char::is_numeric) => Cut::Inside,
        '-' if earlier.is_some_and(char::is_numeric) => Cut::Doubtful,
        '-' if earlier.is_none_or(|c| !c.is_alphanumeric()) => Cut::Inside,
        ' ' if ends_in_short_group(before) && starts_with_three_digits(inner) => Cut::Doubtful,
        _ => Cut::Clean,
    }
}

fn cut_end(inner: &str, after: &str) -> Cut {
    let Some(last) = inner.chars().next_back() else { return Cut::Inside };
    let mut ahead = after.chars();
    let Some(next) = ahead.next() else { return Cut::Clean };
    if joins(last, next) || last.is_alphabetic() && !is_unspaced(last) && after.starts_with("'t") {
        return Cut::Inside;
    }
    if !last.is_numeric() {
        return Cut::Clean;
    }
    let later = ahead.next();
    match next {
        '%' | '\u{2030}' => Cut::Inside,
        '.' | ',' | '\'' | ':' | '/' if later.is_some_and(char::is_numeric) => Cut::Inside,
        '-' if later.is_some_and(char::is_numeric) => Cut::Doubtful,
        ' ' => cut_before_space(inner, after.trim_start()),
        _ => Cut::Clean,
    }
}

/// A number at the end of the quote, and what follows it after a space.
fn cut_before_space(inner: &str, after: &str) -> Cut {
    let word = after.split(|c: char| !c.is_alphanumeric()).next().unwrap_or_default();
    if after.starts_with('%') || is_scale_word(word) {
        Cut::Inside
    } else if ends_in_short_group(&format!("{inner} ")) && starts_with_three_digits(after) {
        Cut::Doubtful
    } else {
        Cut::Clean
    }
}

/// Ends in one to three digits and a space: the head of a number grouped with spaces.
fn ends_in_short_group(text: &str) -> bool {
    let digits = text.trim_end().chars().rev().take_while(char::is_ascii_digit).count();
    (1..=3).contains(&digits)
}

fn starts_with_three_digits(text: &str) -> bool {
    text.chars().take_while(char::is_ascii_digit).count() == 3
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, inner: &str) -> Cut {
        let start = text.find(inner).unwrap();
        cut(text, start, start + inner.len())
    }

    #[test]
    fn a_number_is_never_cut_in_two() {
        for (text, inner) in [
            ("about 110 million users", "10 million users"),
            ("sold 1,200 pumps", "200 pumps"),
            ("a plan at 49.99", "a plan at 49"),
            ("margin of 5%", "margin of 5"),
            ("raised 6.2 million", "raised 6.2"),
            ("a change of -5 points", "5 points"),
            ("an unprofitable year", "profitable year"),
            ("we can't lose", "we can"),
        ] {
            assert_eq!(of(text, inner), Cut::Inside, "{inner} in {text}");
        }
    }

    #[test]
    fn grouped_digits_and_ranges_are_doubtful_and_whole_words_clean() {
        assert_eq!(of("sold 12 500 pumps", "500 pumps"), Cut::Doubtful);
        assert_eq!(of("10-20 people", "20 people"), Cut::Doubtful);
        assert_eq!(of("at \u{a3}49 per month", "49 per month"), Cut::Clean);
        assert_eq!(of("In 2014 200 people", "200 people"), Cut::Clean);
        assert_eq!(of("\u{6771}\u{4eac}\u{672c}\u{793e}", "\u{4eac}\u{672c}"), Cut::Clean);
    }
}
