//! Reads the numbers of a folded text.

use std::ops::Range;

use rust_decimal::Decimal;

use super::currency::{self, Currency};
use super::value::{Number, Quantity, Reading};
use super::{dates, spelled};
use crate::words::{is_minus, is_unspaced};

/// Words that name kinds of business or technology, not numbers; a statement may use them freely.
const VOCABULARY: &[&str] = &[
    "2d", "2g", "3d", "3g", "4g", "5g", "6g", "a11y", "b2b", "b2b2c", "b2c", "b2g", "c2c", "co2", "d2c",
    "e2e", "h2o", "i18n", "k8s", "m2m", "o2o", "p2p", "w3c",
];

/// Percent as a word.
const PERCENT: &[&str] =
    &["percent", "per cent", "prozent", "pour cent", "por ciento", "por cento", "per cento", "procent"];

/// Every number, amount, percentage and date, in order of the text.
pub(super) fn quantities(text: &str) -> Vec<Quantity> {
    let found = dates::dates(text);
    let mut quantities: Vec<(usize, Quantity)> = found
        .iter()
        .map(|date| {
            let readings = date.dates.iter().copied().map(Reading::Date).collect();
            (date.range.start, required(text.get(date.range.clone()).unwrap_or_default(), readings))
        })
        .collect();
    let mut at = 0;
    while let Some(rest) = text.get(at..).filter(|rest| !rest.is_empty()) {
        if let Some(date) = found.iter().find(|date| date.range.contains(&at)) {
            at = date.range.end;
            continue;
        }
        let (end, quantity) = next(text, at, rest);
        quantities.extend(quantity.map(|quantity| (at, quantity)));
        at = end;
    }
    quantities.sort_by_key(|(at, _)| *at);
    quantities.into_iter().map(|(_, quantity)| quantity).collect()
}

/// Reads what starts at `at`; tells where it ends.
fn next(text: &str, at: usize, rest: &str) -> (usize, Option<Quantity>) {
    let Some(first) = rest.chars().next() else { return (text.len(), None) };
    if first.is_ascii_digit() {
        return number(text, at);
    }
    if !first.is_alphanumeric() {
        return (at + first.len_utf8(), None);
    }
    let run = rest.find(|c: char| !c.is_alphanumeric()).unwrap_or(rest.len());
    let word = rest.get(..run).unwrap_or_default();
    if let Some(digits) = word.find(|c: char| c.is_ascii_digit()).filter(|_| first.is_alphabetic()) {
        let letters = word.get(..digits).unwrap_or_default();
        let amount = currency::at_end(letters).is_some_and(|(_, len)| len == letters.len());
        let unspaced = letters.chars().all(is_unspaced);
        return if amount || unspaced { (at + digits, None) } else { (at + run, label(word)) };
    }
    if word.chars().any(char::is_numeric) {
        return (at + run, label(word));
    }
    spelled_number(at, rest).unwrap_or((at + run, None))
}

fn required(printed: &str, readings: Vec<Reading>) -> Quantity {
    Quantity { printed: printed.trim().to_owned(), readings, required: true }
}

fn label(word: &str) -> Option<Quantity> {
    let vocabulary = VOCABULARY.contains(&word.to_lowercase().as_str());
    (!vocabulary).then(|| required(word, vec![Reading::Label(word.to_owned())]))
}

/// A number in words, with the percent or currency after it.
fn spelled_number(at: usize, rest: &str) -> Option<(usize, Option<Quantity>)> {
    let head: String = rest.chars().take(80).collect();
    let ranges: Vec<Range<usize>> = adjoining(&head);
    let words: Vec<&str> = ranges.iter().filter_map(|range| head.get(range.clone())).collect();
    let (value, taken, strong) = spelled::number(&words)?;
    let end = ranges.get(taken.checked_sub(1)?)?.end;
    let suffix = suffix(rest.get(end..).unwrap_or_default(), false);
    let number = Number { value, percent: suffix.percent, currency: suffix.currency };
    let printed = rest.get(..end + suffix.len).unwrap_or_default();
    let quantity = Quantity { required: strong, ..required(printed, vec![Reading::Number(number)]) };
    Some((at + end + suffix.len, Some(quantity)))
}

/// Words at the head of a text that only single spaces and hyphens part.
fn adjoining(text: &str) -> Vec<Range<usize>> {
    let mut ranges = Vec::new();
    let mut from = 0;
    while let Some(rest) = text.get(from..) {
        let len = rest.find(|c: char| !c.is_alphabetic()).unwrap_or(rest.len());
        if len == 0 {
            break;
        }
        ranges.push(from..from + len);
        from += len;
        match text.get(from..).and_then(|rest| rest.chars().next()) {
            Some(' ' | '-') => from += 1,
            _ => break,
        }
    }
    ranges
}

/// A number in digits: its sign, currency, separators, scale and percent.
fn number(text: &str, at: usize) -> (usize, Option<Quantity>) {
    let rest = text.get(at..).unwrap_or_default();
    let digits = digits_len(rest);
    let raw = rest.get(..digits).unwrap_or_default();
    let after = rest.get(digits..).unwrap_or_default();
    if let Some(len) = compound_len(after) {
        let whole = rest.get(..digits + len).unwrap_or_default();
        return (at + digits + len, label(whole));
    }
    let (before, start) = prefix(text, at);
    let suffix = suffix(after, before.currency.is_some());
    let end = at + digits + suffix.len;
    let printed = text.get(start..end).unwrap_or_default();
    let Some(value) = value(raw, suffix.scale.is_some()) else {
        return (end, Some(required(printed, vec![Reading::Label(raw.to_owned())])));
    };
    let signed = if before.negative { -value } else { value };
    let currency = before.currency.or(suffix.currency);
    let of = |value| Reading::Number(Number { value, percent: suffix.percent, currency });
    let scaled = suffix.scale.and_then(|scale| signed.checked_mul(Decimal::from(scale)));
    let readings = match scaled {
        Some(scaled) if suffix.doubtful => vec![of(scaled), Reading::Number(Number::bare(signed))],
        Some(scaled) => vec![of(scaled)],
        None => vec![of(signed)],
    };
    (end, Some(required(printed, readings)))
}

/// Bytes of a number in digits with its separators: `1,200.50`, `1'200`, `12 500`.
fn digits_len(rest: &str) -> usize {
    let run =
        |from: usize| rest.get(from..).map_or(0, |r| r.chars().take_while(char::is_ascii_digit).count());
    let lead = run(0);
    let mut end = lead;
    let mut spaced = (1..=3).contains(&lead);
    loop {
        let mark = rest.get(end..).and_then(|r| r.chars().next());
        let next = run(end + 1);
        match mark {
            Some('.' | ',' | '\'') if next > 0 => spaced = false,
            Some(' ') if spaced && next == 3 => {}
            _ => return end,
        }
        end += 1 + next;
    }
}

/// What makes a number a label: `24/7`, `9:30`, `1990s`, `10²`, a serial like `12A4`.
fn compound_len(after: &str) -> Option<usize> {
    let mut chars = after.chars();
    let first = chars.next()?;
    if matches!(first, '/' | ':') && chars.next().is_some_and(|c| c.is_ascii_digit()) {
        let tail = after.get(1..)?;
        return Some(
            1 + tail.find(|c: char| !c.is_alphanumeric() && !matches!(c, '/' | ':')).unwrap_or(tail.len()),
        );
    }
    let run = after.find(|c: char| !c.is_alphanumeric()).unwrap_or(after.len());
    let word = after.get(..run)?;
    let decade = word == "s";
    let mixed = word.chars().any(char::is_numeric) && !word.chars().next().is_some_and(is_unspaced);
    (decade || mixed).then_some(run)
}

#[derive(Debug, Default)]
struct Prefix {
    negative: bool,
    currency: Option<Currency>,
}

/// Sign and currency before the number, and where they start.
fn prefix(text: &str, at: usize) -> (Prefix, usize) {
    let mut prefix = Prefix::default();
    let mut start = at;
    let before = text.get(..at).unwrap_or_default();
    let close = before.strip_suffix(' ').unwrap_or(before);
    if let Some((currency, len)) = currency::at_end(close) {
        prefix.currency = Some(currency);
        start = close.len() - len;
    }
    let ahead = text.get(..start).unwrap_or_default();
    if let Some(earlier) = ahead.strip_suffix('-')
        && is_minus(text, earlier.chars().next_back(), '-', ahead.len())
    {
        prefix.negative = true;
        start -= 1;
    }
    (prefix, start)
}

#[derive(Debug, Default)]
struct Suffix {
    percent: bool,
    currency: Option<Currency>,
    scale: Option<u64>,
    /// `12m`: a million or metres.
    doubtful: bool,
    /// Bytes of the number that the suffix takes.
    len: usize,
}

/// Scale, percent and currency after the number.
fn suffix(after: &str, amount: bool) -> Suffix {
    let mut suffix = Suffix::default();
    let (gap, word) = word_after(after);
    let attached = gap == 0;
    let short = match word {
        "m" | "M" if attached || amount => Some(1_000_000),
        "b" | "B" if attached && amount => Some(1_000_000_000),
        _ => None,
    };
    if let Some(scale) = short.or_else(|| spelled::scale(word).filter(|_| word.len() > 1 || attached)) {
        suffix.scale = Some(scale);
        suffix.len = gap + word.len();
        if after.get(suffix.len..).is_some_and(|rest| rest.starts_with('.'))
            && matches!(word, "Mrd" | "Mio" | "Tsd")
        {
            suffix.len += 1;
        }
        suffix.doubtful = short.is_some() && word == "m" && !amount;
    } else if attached && !word.is_empty() && currency::at_start(word).is_none() {
        suffix.len = word.len();
    }
    let tail = after.get(suffix.len..).unwrap_or_default();
    let space = usize::from(tail.starts_with(' '));
    let tail = tail.get(space..).unwrap_or_default();
    let lower: String = tail.chars().take(12).flat_map(char::to_lowercase).collect();
    if tail.starts_with('%') || PERCENT.iter().any(|word| lower.starts_with(word)) {
        suffix.percent = true;
        suffix.len += space + usize::from(tail.starts_with('%'));
    } else if let Some((currency, len)) = currency::at_start(tail) {
        suffix.currency = Some(currency);
        suffix.doubtful = false;
        suffix.len += space + len;
    }
    suffix
}

/// The letters after a number, and the space before them.
fn word_after(after: &str) -> (usize, &str) {
    let gap = usize::from(after.starts_with(' '));
    let rest = after.get(gap..).unwrap_or_default();
    let len = rest.find(|c: char| !c.is_alphabetic() || is_unspaced(c)).unwrap_or(rest.len());
    (gap, rest.get(..len).unwrap_or_default())
}

/// The value of digits with separators; none for what is no number (`1.2.3`). `scaled` numbers have decimals
/// (`1.250 billion`), others have thousands (`1.250 people`).
fn value(raw: &str, scaled: bool) -> Option<Decimal> {
    let plain: String = raw.chars().filter(|c| !matches!(c, ' ' | '\'')).collect();
    let commas = plain.matches(',').count();
    let points = plain.matches('.').count();
    let decimal_mark = match (commas, points) {
        (0, 0) => None,
        (_, 0) => single(&plain, ',', commas, scaled)?,
        (0, _) => single(&plain, '.', points, scaled)?,
        _ if points == 1 && plain.rfind('.') > plain.rfind(',') => Some('.'),
        _ if commas == 1 && plain.rfind(',') > plain.rfind('.') => Some(','),
        _ => return None,
    };
    let spelled: String = plain
        .chars()
        .filter_map(|c| match c {
            '.' | ',' if Some(c) == decimal_mark => Some('.'),
            '.' | ',' => None,
            digit => Some(digit),
        })
        .collect();
    spelled.parse().ok()
}

/// One kind of separator: whether it parts decimals (`Some`) or thousands (`None`); outer none if neither.
#[expect(clippy::option_option, reason = "no number, thousands, and decimals are three answers")]
fn single(plain: &str, mark: char, count: usize, scaled: bool) -> Option<Option<char>> {
    let mut groups = plain.split(mark);
    let lead = groups.next()?;
    let rest: Vec<usize> = groups.map(str::len).collect();
    let last = *rest.last()?;
    let thousands = last == 3
        && (1..=3).contains(&lead.len())
        && lead != "0"
        && rest.iter().all(|len| (2..=3).contains(len));
    match (count, thousands) {
        (1, true) if scaled => Some(Some(mark)),
        (_, true) => Some(None),
        (1, false) => Some(Some(mark)),
        (_, false) => None,
    }
}
