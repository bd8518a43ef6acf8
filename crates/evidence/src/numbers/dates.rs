//! Dates in the formats and languages that sites use.

use std::ops::Range;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use super::value::Date;

/// A date as printed, with what it may mean: `03/04/2024` is two.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) range: Range<usize>,
    pub(super) dates: Vec<Date>,
}

/// Month names and abbreviations, lower case: English, German, French, Spanish, Italian, Dutch, Portuguese.
const MONTHS: [&str; 12] = [
    "january|january|jan|januar|jänner|janvier|janv|enero|ene|gennaio|gen|januari|janeiro",
    "february|feb|februar|février|fevrier|févr|febrero|febbraio|febbr|februari|fevereiro|fev",
    "march|mar|märz|maerz|mrz|mars|marzo|maart|mrt|março|marco",
    "april|apr|avril|avr|abril|abr|aprile",
    "may|mai|mayo|maggio|mag|mei|maio",
    "june|jun|juni|juin|junio|giugno|giu|junho",
    "july|jul|juli|juillet|juil|julio|luglio|lug|julho",
    "august|aug|août|aout|agosto|ago|augustus",
    "september|sept|sep|septembre|septiembre|settembre|set|setembro",
    "october|oct|oktober|okt|octobre|octubre|ottobre|ott|outubro|out",
    "november|nov|novembre|noviembre|novembro",
    "december|dec|dezember|dez|décembre|decembre|déc|diciembre|dic|dicembre|dezembro",
];

/// The shapes, most telling first; the group names say what each part is.
static SHAPES: LazyLock<Vec<Regex>> = LazyLock::new(|| {
    let names: Vec<&str> = MONTHS.iter().flat_map(|names| names.split('|')).collect();
    let month = format!(r"(?P<name>{})\.?", names.join("|"));
    // Without a year only names that are hardly anything else: `10 out of 12` is no date.
    let full: Vec<&str> = names.into_iter().filter(|name| name.chars().count() > 3).collect();
    let full = format!(r"(?P<name>{})", full.join("|"));
    let day = r"(?P<d>\d{1,2})(?:st|nd|rd|th|er|[ºª.])?";
    let year = r"(?P<y>\d{4})";
    [
        r"(?P<y>\d{4})-(?P<m>\d{2})-(?P<d>\d{2})(?:t\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:z|[+-]\d{2}:?\d{2})?)?".to_owned(),
        r"(?P<y>\d{4})/(?P<m>\d{1,2})/(?P<d>\d{1,2})".to_owned(),
        r"(?P<y>\d{4})年(?:(?P<m>\d{1,2})月(?:(?P<d>\d{1,2})日)?)?".to_owned(),
        r"(?P<a>\d{1,2})(?:\. ?|/|-)(?P<b>\d{1,2})(?:\. ?|/|-)(?P<yy>\d{4}|\d{2})".to_owned(),
        format!(r"{day}(?: of| de)? ?{month}(?:,| del?)? {year}"),
        format!(r"{month} {day},? {year}"),
        format!(r"{month}(?:,| of| del?)? ?{year}"),
        format!(r"{day}(?: of| de)? {full}"),
        r"(?P<m>0?[1-9]|1[0-2])/(?P<y>\d{4})".to_owned(),
        r"(?P<y>\d{4})-(?P<m>0[1-9]|1[0-2])".to_owned(),
    ]
    .iter()
    .filter_map(|shape| Regex::new(&format!("(?i){shape}")).ok())
    .collect()
});

/// The dates of a folded text that do not overlap, in order.
pub(super) fn dates(text: &str) -> Vec<Found> {
    let mut found: Vec<Found> = Vec::new();
    if !text.contains(|c: char| c.is_ascii_digit()) {
        return found;
    }
    for shape in SHAPES.iter() {
        for captures in shape.captures_iter(text) {
            let Some(whole) = captures.get(0) else { continue };
            let free = found
                .iter()
                .all(|known| whole.end() <= known.range.start || known.range.end <= whole.start());
            let dates: Vec<Date> = readings(&captures).into_iter().filter(|date| date.is_real()).collect();
            if free && !dates.is_empty() && stands_alone(text, whole.range()) {
                found.push(Found { range: whole.range(), dates });
            }
        }
    }
    found.sort_by_key(|date| date.range.start);
    found
}

/// Whether no letter, digit or separator with a digit continues it.
fn stands_alone(text: &str, range: Range<usize>) -> bool {
    let mut before = text.get(..range.start).unwrap_or_default().chars().rev();
    let mut after = text.get(range.end..).unwrap_or_default().chars();
    let joined = |near: Option<char>, far: Option<char>| {
        near.is_some_and(|c| c.is_ascii_alphanumeric() || c.is_alphabetic() && !crate::words::is_unspaced(c))
            || near.is_some_and(|c| matches!(c, '.' | ',' | '/' | '-' | ':'))
                && far.is_some_and(|c| c.is_ascii_digit())
    };
    !joined(before.next(), before.next()) && !joined(after.next(), after.next())
}

fn readings(captures: &Captures<'_>) -> Vec<Date> {
    let number = |name: &str| captures.name(name).and_then(|m| m.as_str().parse::<u32>().ok());
    if let (Some(a), Some(b)) = (number("a"), number("b")) {
        let year = captures.name("yy").map(|m| m.as_str()).and_then(year);
        let day_first = Date { year, month: Some(b), day: Some(a) };
        let month_first = Date { year, month: Some(a), day: Some(b) };
        let dotted = captures.get(0).is_some_and(|m| m.as_str().contains('.'));
        return if dotted { vec![day_first] } else { vec![day_first, month_first] };
    }
    let month = captures.name("name").and_then(|m| month(m.as_str())).or_else(|| number("m"));
    vec![Date { year: number("y"), month, day: number("d") }]
}

fn month(name: &str) -> Option<u32> {
    let lower = name.to_lowercase();
    let index = MONTHS.iter().position(|names| names.split('|').any(|known| known == lower))?;
    u32::try_from(index + 1).ok()
}

/// A year of four digits, or of two: up to 69 of this century.
fn year(digits: &str) -> Option<u32> {
    let number: u32 = digits.parse().ok()?;
    Some(match (digits.len(), number) {
        (2, 0..=69) => 2000 + number,
        (2, _) => 1900 + number,
        _ => number,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_shape_compiles() {
        assert_eq!(SHAPES.len(), 10);
    }

    #[test]
    fn versions_numbers_and_impossible_days_are_no_dates() {
        for text in ["version 1.2.3.4", "99.99.2024", "2014-15 season", "tel 030/12345678", "1,200 in 2014"] {
            assert!(dates(text).is_empty(), "{text}: {:?}", dates(text));
        }
    }
}
