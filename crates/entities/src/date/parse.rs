//! Reading dates: `12 March 2024`, `March 2024`, `12. März 2024`, `2024-03-12`, `03/04/2024`.

use std::ops::Range;

use chrono::NaiveDate;
use domain::BlockKind;

use crate::gazetteer::Country;
use crate::lexicon::{Hit, Tag};
use crate::page::range;
use crate::reading::Reading;

/// A date as read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Read {
    pub(crate) at: Range<usize>,
    /// ISO, as precise as it is given; as printed where it stays ambiguous.
    pub(crate) value: String,
    pub(crate) precision: &'static str,
    /// Both, where day and month cannot be told apart.
    pub(crate) readings: Vec<String>,
}

fn read(at: Range<usize>, year: i32, month: Option<u32>, day: Option<u32>) -> Option<Read> {
    let (value, precision) = match (month, day) {
        (Some(m), Some(d)) => (NaiveDate::from_ymd_opt(year, m, d)?.format("%Y-%m-%d").to_string(), "day"),
        (Some(m), None) => (NaiveDate::from_ymd_opt(year, m, 1)?.format("%Y-%m").to_string(), "month"),
        (None, _) => (format!("{year:04}"), "year"),
    };
    (1000..=2199).contains(&year).then_some(Read { at, value, precision, readings: Vec::new() })
}

/// An ISO date or time of structured data.
pub(crate) fn iso(text: &str) -> Option<Read> {
    let text = text.trim();
    let number = |from: usize, to: usize| {
        text.get(from..to)
            .filter(|t| t.bytes().all(|b| b.is_ascii_digit()))
            .and_then(|t| t.parse::<u32>().ok())
    };
    let year = i32::try_from(number(0, 4)?).ok()?;
    let dash = |at: usize| text.as_bytes().get(at) == Some(&b'-');
    let (month, day) = match (dash(4), dash(7)) {
        (true, true) => (number(5, 7), number(8, 10)),
        (true, false) => (number(5, 7), None),
        _ => (None, None),
    };
    if text.len() > 4 && month.is_none() {
        return None;
    }
    read(0..text.len(), year, month, day)
}

/// All dates with a month, outside code.
pub(super) fn all(r: &Reading<'_, '_>) -> Vec<Read> {
    r.page
        .blocks()
        .filter(|(_, b)| b.kind != BlockKind::Code)
        .flat_map(|(_, b)| in_range(r, range(b)))
        .collect()
}

/// The first date with a month in a range.
pub(super) fn within(r: &Reading<'_, '_>, at: Range<usize>) -> Option<Read> {
    in_range(r, at).into_iter().next()
}

fn in_range(r: &Reading<'_, '_>, at: Range<usize>) -> Vec<Read> {
    let mut out: Vec<Read> = r
        .page
        .scan
        .hits(at.clone())
        .iter()
        .filter_map(|hit| match hit.tag {
            Tag::Month(month) => named(r, hit, u32::from(month) + 1, &at),
            _ => None,
        })
        .collect();
    out.extend(numeric(r, at));
    out.sort_by_key(|d| (d.at.start, usize::MAX - d.at.end));
    out.dedup_by(|b, a| b.at.start < a.at.end);
    out
}

/// A month by name, with the day before or behind it and the year behind.
fn named(r: &Reading<'_, '_>, hit: &Hit, month: u32, within: &Range<usize>) -> Option<Read> {
    let text = r.page.text();
    let after = text.get(hit.end..within.end)?;
    let before = text.get(within.start..hit.start)?;
    let day_before = day_before(before);
    let rest = after.trim_start_matches(['.', ',', ' ', '\u{a0}', '-', '/']);
    let lead = after.len() - rest.len();
    let digits = |t: &str| t.bytes().take_while(u8::is_ascii_digit).count();
    let n = digits(rest);
    let first = rest.get(..n)?;
    let follows = rest.get(n..)?;
    if n == 4 && lead <= 3 {
        let start = day_before.map_or(hit.start, |(back, _)| hit.start - back);
        return read(start..hit.end + lead + 4, first.parse().ok()?, Some(month), day_before.map(|d| d.1));
    }
    // `de 2024`, `del 2024` between month and year.
    if let Some(word) = ["de ", "del ", "do ", "d'"].iter().find(|w| rest.starts_with(**w)) {
        let tail = rest.get(word.len()..)?;
        if digits(tail) == 4 {
            let start = day_before.map_or(hit.start, |(back, _)| hit.start - back);
            let end = hit.end + lead + word.len() + 4;
            return read(start..end, tail.get(..4)?.parse().ok()?, Some(month), day_before.map(|d| d.1));
        }
    }
    // `March 12, 2024`, `March 12th 2024`.
    if (1..=2).contains(&n) && lead <= 2 {
        let day: u32 = first.parse().ok()?;
        let tail = ["st", "nd", "rd", "th"].iter().find_map(|s| follows.strip_prefix(s)).unwrap_or(follows);
        let year = tail.trim_start_matches([',', ' ', '\u{a0}']);
        let gap = tail.len() - year.len();
        if (1..=3).contains(&gap) && digits(year) == 4 {
            let end = hit.end + after.len() - (year.len() - 4);
            return read(hit.start..end, year.get(..4)?.parse().ok()?, Some(month), Some(day));
        }
    }
    None
}

/// The day right before a month: how many bytes back it starts, and its number.
fn day_before(before: &str) -> Option<(usize, u32)> {
    let trimmed = before.trim_end_matches([' ', '\u{a0}', '-', '/']);
    let trimmed = trimmed.strip_suffix(" de").or_else(|| trimmed.strip_suffix(" of")).unwrap_or(trimmed);
    let trimmed = trimmed.trim_end_matches(['.', 'º', '°']);
    let trimmed =
        ["st", "nd", "rd", "th", "er"].iter().find_map(|s| trimmed.strip_suffix(s)).unwrap_or(trimmed);
    let digits = trimmed.bytes().rev().take_while(u8::is_ascii_digit).count();
    if before.len() - trimmed.len() > 6 || !(1..=2).contains(&digits) {
        return None;
    }
    let start = trimmed.len() - digits;
    let clean =
        !trimmed.get(..start)?.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | ','));
    let day = trimmed.get(start..)?.parse().ok().filter(|d| (1..=31).contains(d))?;
    clean.then_some((before.len() - start, day))
}

/// `2024-03-12` · `12.03.2024` · `03/04/2024`.
fn numeric(r: &Reading<'_, '_>, at: Range<usize>) -> Vec<Read> {
    let text = r.page.text();
    let Some(part) = text.get(at.clone()) else { return Vec::new() };
    let bytes = part.as_bytes();
    let mut out = Vec::new();
    let mut i = 0;
    while i < bytes.len() {
        let len = bytes.get(i..).map_or(0, |b| b.iter().take_while(|b| b.is_ascii_digit()).count());
        if len == 0 {
            i += 1;
            continue;
        }
        let clean = part.get(..i).is_some_and(|b| {
            !b.ends_with(|c: char| c.is_alphanumeric() || matches!(c, '/' | '-' | '.' | '+'))
        });
        let found = clean.then(|| figures(r, part, i)).flatten();
        match found {
            Some((mut date, end)) => {
                date.at = at.start + i..at.start + end;
                out.push(date);
                i = end;
            }
            None => i += len,
        }
    }
    out
}

fn figures(r: &Reading<'_, '_>, text: &str, start: usize) -> Option<(Read, usize)> {
    let mut parts: Vec<&str> = Vec::new();
    let mut marks = Vec::new();
    let mut at = start;
    while parts.len() < 3 {
        let len = text.get(at..)?.bytes().take_while(u8::is_ascii_digit).count();
        parts.push(text.get(at..at + len)?);
        at += len;
        if parts.len() < 3 {
            let mark = *text.as_bytes().get(at)?;
            if !matches!(mark, b'-' | b'/' | b'.') {
                return None;
            }
            marks.push(mark);
            at += 1;
        }
    }
    let after = text.get(at..)?;
    let goes_on =
        after.starts_with(['-', '/', '.']) && after.get(1..)?.starts_with(|c: char| c.is_ascii_digit());
    let ends = !goes_on && !after.starts_with(|c: char| c.is_alphanumeric());
    let [a, b, c] = parts.as_slice() else { return None };
    let same = marks.first() == marks.last();
    if !ends && !after.starts_with('T') || !same {
        return None;
    }
    let mark = *marks.first()?;
    let number = |t: &str| t.parse::<u32>().ok();
    match (a.len(), b.len(), c.len()) {
        (4, 1..=2, 1..=2) => Some((read(0..0, a.parse().ok()?, Some(number(b)?), Some(number(c)?))?, at)),
        (1..=2, 1..=2, 4) => {
            let printed = text.get(start..at)?;
            Some((day_and_month(r, mark, number(a)?, number(b)?, c.parse().ok()?, printed)?, at))
        }
        _ => None,
    }
}

/// Which of two small numbers is the day: dots and most of the world put it first, the USA second.
fn day_and_month(r: &Reading<'_, '_>, mark: u8, a: u32, b: u32, year: i32, printed: &str) -> Option<Read> {
    let (first, second) = (read(0..0, year, Some(b), Some(a)), read(0..0, year, Some(a), Some(b)));
    let (Some(day_first), Some(month_first)) = (&first, &second) else { return first.or(second) };
    if mark == b'.' || a == b || puts_day_first(r) == Some(true) {
        return first;
    }
    if puts_day_first(r) == Some(false) {
        return second;
    }
    Some(Read {
        at: 0..0,
        value: printed.to_owned(),
        precision: "day",
        readings: vec![day_first.value.clone(), month_first.value.clone()],
    })
}

/// By the country, else by the language; English without a country leaves it open.
fn puts_day_first(r: &Reading<'_, '_>) -> Option<bool> {
    match r.page.country.or(r.site.country).map(|c: Country| c.code().to_owned()).as_deref() {
        Some("US" | "PH" | "PR") => return Some(false),
        Some("CA") => return None,
        Some(_) => return Some(true),
        None => {}
    }
    match r.page.language().get(..2) {
        Some("de" | "fr" | "es" | "it" | "nl" | "pt") => Some(true),
        _ => None,
    }
}

/// The first year that stands alone.
pub(super) fn year(r: &Reading<'_, '_>, at: Range<usize>) -> Option<Read> {
    years(r, at).into_iter().next()
}

/// All years that stand alone, 1600–2199.
pub(super) fn years(r: &Reading<'_, '_>, at: Range<usize>) -> Vec<Read> {
    let scan = &r.page.scan;
    let mut out = Vec::new();
    let mut from = at.start;
    let text = scan.get(at.clone());
    for (i, _) in text.match_indices(|c: char| c.is_ascii_digit()) {
        let start = at.start + i;
        if start < from {
            continue;
        }
        let len = text.get(i..).map_or(0, |t| t.bytes().take_while(u8::is_ascii_digit).count());
        from = start + len;
        let digits = scan.get(start..from);
        let before = scan.get(at.start..start).chars().next_back();
        let after = scan.get(from..(from + 8).min(scan.text.len())).chars().next();
        let alone = len == 4
            && !before.is_some_and(|c| {
                c.is_alphanumeric() || matches!(c, '.' | ',' | '/' | '+' | '#' | '$' | '€' | '£')
            })
            && !after.is_some_and(|c| c.is_alphanumeric() || matches!(c, '%' | '/' | '€'))
            && !continues(scan.text, from);
        if let Some(year) = digits.parse().ok().filter(|y| alone && (1600..=2199).contains(y)) {
            out.extend(read(start..from, year, None, None));
        }
    }
    out
}

/// `1,500.5`: more digits behind a mark.
fn continues(text: &str, end: usize) -> bool {
    text.get(end..).is_some_and(|t| {
        t.starts_with(['.', ',']) && t.get(1..).is_some_and(|r| r.starts_with(|c: char| c.is_ascii_digit()))
    })
}
