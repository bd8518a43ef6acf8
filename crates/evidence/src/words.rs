//! Words as comparison sees them: runs of letters and digits, and the symbols that change a meaning.

use std::ops::Range;

/// Whether a script writes words without spaces between them, so that every character may start or end a quote.
pub(crate) const fn is_unspaced(c: char) -> bool {
    matches!(c, '\u{e00}'..='\u{eff}' | '\u{1000}'..='\u{109f}' | '\u{1780}'..='\u{17ff}' | '\u{3040}'..='\u{30ff}'
        | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}' | '\u{f900}'..='\u{faff}'
        | '\u{20000}'..='\u{3134f}')
}

/// Whether two neighbours belong to one word.
pub(crate) fn joins(left: char, right: char) -> bool {
    is_part(left) && is_part(right) && !is_unspaced(left) && !is_unspaced(right)
}

pub(crate) fn is_part(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

/// Symbols whose change changes what is said.
pub(crate) fn is_symbol(c: char) -> bool {
    matches!(c, '%' | '\u{2030}' | '$' | '\u{a2}'..='\u{a5}' | '\u{20a0}'..='\u{20cf}' | '<' | '>' | '=' | '+'
        | '\u{b1}' | '~' | '\u{2248}' | '\u{2264}' | '\u{2265}' | '#' | '\u{b0}' | '&' | '@')
}

/// The words of a folded text, in order, as byte ranges.
pub(crate) fn words(text: &str) -> Vec<Range<usize>> {
    let mut found = Vec::new();
    let mut chars = text.char_indices().peekable();
    let mut before = None;
    while let Some((start, c)) = chars.next() {
        let mut end = start + c.len_utf8();
        let mut last = c;
        if is_part(c) {
            while let Some(&(at, next)) = chars.peek() {
                let part = if holds_together(text, last, next, at) {
                    chars.next();
                    chars.peek().copied()
                } else {
                    joins(last, next).then_some((at, next))
                };
                let Some((at, next)) = part else { break };
                (end, last) = (at + next.len_utf8(), next);
                chars.next();
            }
            found.push(start..end);
        } else if is_symbol(c) || is_minus(text, before, c, end) {
            found.push(start..end);
        }
        before = Some(last);
    }
    found
}

/// Inside a word: the apostrophe of `can't`, the point and comma of `1,200.50`.
fn holds_together(text: &str, last: char, mark: char, at: usize) -> bool {
    let Some(next) = text.get(at + mark.len_utf8()..).and_then(|rest| rest.chars().next()) else {
        return false;
    };
    match mark {
        '\'' => last.is_alphanumeric() && next.is_alphanumeric(),
        '.' | ',' => last.is_numeric() && next.is_numeric(),
        _ => false,
    }
}

/// A dash before a number and not between words is its sign.
pub(crate) fn is_minus(text: &str, before: Option<char>, c: char, end: usize) -> bool {
    c == '-'
        && before.is_none_or(|b| !is_part(b) && !matches!(b, ')' | '%' | '\''))
        && text
            .get(end..)
            .and_then(|rest| rest.chars().next())
            .is_some_and(|n| n.is_numeric() || is_symbol(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn split(text: &str) -> Vec<&str> {
        words(text).into_iter().map(|range| text.get(range).unwrap()).collect()
    }

    #[test]
    fn numbers_keep_their_separators_and_symbols_stand_alone() {
        assert_eq!(
            split("We can't lose \u{a3}1,200.50, a 5% share (-3)."),
            ["We", "can't", "lose", "\u{a3}", "1,200.50", "a", "5", "%", "share", "-", "3"]
        );
        assert_eq!(split("2010-2014, B2B"), ["2010", "2014", "B2B"]);
    }

    #[test]
    fn scripts_without_spaces_split_by_character() {
        assert_eq!(split("\u{6771}\u{4eac} 12"), ["\u{6771}", "\u{4eac}", "12"]);
    }
}
