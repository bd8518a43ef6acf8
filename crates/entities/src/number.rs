//! Numbers as people write them: `1,234.50`, `1.234,50`, `1 234`, `1'234`, `1.2`.

use rust_decimal::Decimal;

/// A number with more groups of digits is none.
const MOST_GROUPS: usize = 16;

/// A number in a text: where it ends and what it is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Number {
    pub(crate) end: usize,
    pub(crate) value: Decimal,
    /// How many digits it shows, separators left out.
    pub(crate) digits: usize,
    /// It has a group or decimal separator.
    pub(crate) parted: bool,
}

/// Which mark parts the decimals where a number leaves it open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Decimals {
    Point,
    Comma,
}

impl Decimals {
    /// By the language of the page.
    pub(crate) fn of(language: &str) -> Self {
        match language.get(..2).unwrap_or_default() {
            "de" | "fr" | "es" | "it" | "nl" | "pt" => Self::Comma,
            _ => Self::Point,
        }
    }
}

/// The number that starts at a byte of the text. `scaled`: a magnitude follows (`1.234 million`), so three digits
/// behind the decimal mark of the language are decimals.
pub(crate) fn at(
    text: &str,
    start: usize,
    decimals: Decimals,
    scaled: impl Fn(usize) -> bool,
) -> Option<Number> {
    let rest = text.get(start..)?;
    let mut groups: Vec<(Option<char>, &str)> = Vec::new();
    let mut at = 0;
    let mut mark = None;
    loop {
        let len = rest.get(at..)?.bytes().take_while(u8::is_ascii_digit).count();
        if len == 0 {
            break;
        }
        if groups.len() == MOST_GROUPS {
            return None;
        }
        groups.push((mark, rest.get(at..at + len)?));
        at += len;
        let mut next = rest.get(at..)?.chars();
        let Some(c) = next.next() else { break };
        let follows = next.as_str();
        let three = follows.bytes().take_while(u8::is_ascii_digit).count() == 3;
        let spaced = matches!(c, ' ' | '\u{a0}' | '\u{202f}' | '\u{2009}' | '\'' | '’');
        let first_fits = groups.first().is_some_and(|(_, d)| d.len() <= 3);
        let goes_on = match c {
            '.' | ',' => follows.starts_with(|d: char| d.is_ascii_digit()),
            _ => {
                spaced
                    && three
                    && first_fits
                    && groups.iter().skip(1).all(|(m, d)| *m == Some(c) && d.len() == 3)
            }
        };
        if !goes_on {
            break;
        }
        mark = Some(c);
        at += c.len_utf8();
    }
    let digits = groups.iter().map(|g| g.1.len()).sum();
    let end = start + at - if groups.is_empty() { at } else { 0 };
    let value = value(&groups, decimals, || scaled(end))?;
    Some(Number { end, value, digits, parted: groups.len() > 1 })
}

fn value(groups: &[(Option<char>, &str)], decimals: Decimals, scaled: impl Fn() -> bool) -> Option<Decimal> {
    let (&(_, first), rest) = groups.split_first()?;
    let Some((&(mark, last), between)) = rest.split_last() else { return first.parse().ok() };
    let mark = mark?;
    let is_mixed = between.iter().any(|(m, _)| *m != Some(mark));
    let decimal_mark = match decimals {
        Decimals::Point => '.',
        Decimals::Comma => ',',
    };
    let is_decimal = match mark {
        '.' | ',' if is_mixed => true,
        '.' | ',' if !between.is_empty() => false,
        '.' | ',' => last.len() != 3 || first == "0" || first.len() > 3 || (mark == decimal_mark && scaled()),
        _ => false,
    };
    let grouped = between.iter().all(|(_, d)| d.len() == 3) && (is_decimal || last.len() == 3);
    if !grouped {
        return None;
    }
    let mut digits: String = std::iter::once(first).chain(between.iter().map(|(_, d)| *d)).collect();
    if is_decimal {
        digits.push('.');
    }
    digits.push_str(last);
    digits.parse().ok()
}

/// A number of structured data: a point parts decimals, everything else is decoration.
pub(crate) fn plain(text: &str) -> Option<Decimal> {
    let text = text.trim();
    let start = text.find(|c: char| c.is_ascii_digit())?;
    if let Ok(value) = text.parse() {
        return Some(value);
    }
    at(text, start, Decimals::Point, |_| false).map(|n| n.value)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn separators_are_read_by_what_follows_them() {
        for (text, decimals, value) in [
            ("49", Decimals::Point, "49"),
            ("1,234", Decimals::Point, "1234"),
            ("1,234.50", Decimals::Point, "1234.50"),
            ("1.234,50", Decimals::Comma, "1234.50"),
            ("1.234,50", Decimals::Point, "1234.50"),
            ("1.234", Decimals::Comma, "1234"),
            ("1 234 567", Decimals::Comma, "1234567"),
            ("1'234.50", Decimals::Point, "1234.50"),
            ("6.2", Decimals::Point, "6.2"),
            ("6,2", Decimals::Comma, "6.2"),
            ("6,25", Decimals::Point, "6.25"),
            ("12,345,678", Decimals::Point, "12345678"),
            ("0.999", Decimals::Point, "0.999"),
            ("2024 100", Decimals::Point, "2024"),
            ("99.99%", Decimals::Point, "99.99"),
        ] {
            let found = at(text, 0, decimals, |_| false).unwrap();
            assert_eq!(found.value, value.parse().unwrap(), "{text}");
        }
    }

    #[test]
    fn before_a_magnitude_three_decimals_are_decimals() {
        assert_eq!(
            at("1.234 million", 0, Decimals::Point, |_| true).unwrap().value,
            "1.234".parse().unwrap()
        );
        assert_eq!(at("1,234 million", 0, Decimals::Point, |_| true).unwrap().value, "1234".parse().unwrap());
    }

    #[test]
    fn what_is_no_number_is_none() {
        let endless = "1 ".to_owned() + &"000 ".repeat(MOST_GROUPS);
        for text in ["", "x", ",5", "1,23,4567.8", "192.168.0.1", &endless] {
            assert_eq!(at(text, 0, Decimals::Point, |_| false), None, "{text}");
        }
    }
}
