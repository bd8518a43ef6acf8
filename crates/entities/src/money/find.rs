//! Finding sums: a currency beside a number, magnitudes, ranges.

use std::ops::Range;

use domain::BlockKind;
use rust_decimal::Decimal;

use super::{Sum, period};
use crate::gazetteer::Country;
use crate::lexicon::{Hit, SIGNS, Sign, Tag};
use crate::number::{self, Decimals};
use crate::page::range;
use crate::reading::Reading;

/// A number with what parts it from its currency stands within so many bytes.
const MOST_AMOUNT_BYTES: usize = 32;

/// A sum and where it stands.
#[derive(Debug, Clone)]
pub(super) struct Found {
    pub(super) at: Range<usize>,
    pub(super) sum: Sum,
}

/// A number with its magnitude.
#[derive(Debug, Clone, Copy)]
struct Amount {
    start: usize,
    end: usize,
    value: Decimal,
    scaled: bool,
}

pub(super) fn all(r: &Reading<'_, '_>) -> Vec<Found> {
    let blocks = r.page.blocks().filter(|(_, b)| b.kind != BlockKind::Code);
    blocks.flat_map(|(_, b)| in_range(r, range(b))).collect()
}

/// The sums within one block.
pub(super) fn in_range(r: &Reading<'_, '_>, at: Range<usize>) -> Vec<Found> {
    let mut out: Vec<Found> = Vec::new();
    for hit in r.page.scan.hits(at.clone()) {
        let Tag::Currency(n) = hit.tag else { continue };
        let Some(sign) = SIGNS.get(usize::from(n)) else { continue };
        if out.last().is_some_and(|f| hit.start < f.at.end) {
            continue;
        }
        let floor = out.last().map_or(at.start, |f| f.at.end);
        if let Some(found) = sum(r, hit, sign, floor..at.end) {
            out.push(found);
        }
    }
    share_periods(r, &mut out);
    out
}

fn sum(r: &Reading<'_, '_>, hit: &Hit, sign: &Sign, within: Range<usize>) -> Option<Found> {
    let text = r.page.text();
    let word = sign.text.chars().any(char::is_alphabetic) && !sign.text.contains('$');
    let behind = text.get(hit.end..within.end)?;
    let gap = behind.len() - behind.trim_start_matches([' ', '\u{a0}', '\u{202f}']).len();
    let after = (gap <= 3).then(|| amount(r, hit.end + gap, within.end)).flatten();
    let before = || amount_before(r, hit.start, within.start);
    // `49 €` and `€ 49`: the number that touches wins; words follow their number.
    let first = if word && !sign.code { before().or(after) } else { after.or_else(before) }?;
    let leads = first.start >= hit.end;
    let mut at = first.start.min(hit.start)..first.end.max(hit.end);
    let mut sum = Sum {
        amount: first.value,
        min: None,
        max: None,
        currency: currency(r, sign),
        symbol: Some(sign.symbol),
        per: None,
    };
    if let Some((second, end)) = second(r, at.end, within.end) {
        let power =
            (second.scaled && !first.scaled).then(|| magnitude(r, second.start, within.end)).flatten();
        let low = power.map_or(first.value, |p| first.value.saturating_mul(p));
        if second.value >= low {
            (sum.amount, sum.min, sum.max) = (low, Some(low), Some(second.value));
            at.end = end;
        }
    } else if !leads && let Some(low) = first_of_range(r, first, within.start) {
        (sum.amount, sum.min, sum.max) = (low.1, Some(low.1), Some(first.value));
        at.start = low.0;
    }
    bounds(r, &mut sum, at.start, within.start);
    if let Some((per, end)) = period::behind(r, at.end) {
        sum.per = Some(per);
        at.end = end;
    }
    Some(Found { at, sum })
}

/// `$10–15 million`, `€49 to €99`: the second number of a range.
fn second(r: &Reading<'_, '_>, from: usize, to: usize) -> Option<(Amount, usize)> {
    let rest = r.page.scan.get_low(from..to);
    let trimmed = rest.trim_start();
    let joint = ["–", "—", "-", "to ", "bis ", "à ", "a ", "tot ", "until "]
        .iter()
        .find(|j| trimmed.starts_with(**j))?;
    let mut at = from + (rest.len() - trimmed.len()) + joint.len();
    let skip = |at: usize| {
        let rest = r.page.scan.get(at..to);
        at + (rest.len() - rest.trim_start().len())
    };
    at = skip(at);
    let sign =
        r.page.scan.hits(at..at + 1).iter().find(|h| matches!(h.tag, Tag::Currency(_)) && h.start == at);
    if let Some(sign) = sign {
        at = skip(sign.end);
    }
    let second = amount(r, at, to)?;
    let trailing =
        r.page.scan.hits(second.end..second.end + 2).iter().find(|h| matches!(h.tag, Tag::Currency(_)));
    let end = trailing.filter(|h| h.start <= skip(second.end)).map_or(second.end, |h| h.end);
    Some((second, end))
}

/// `10–15 Mio. €`: the first number, before the one that the currency follows.
fn first_of_range(r: &Reading<'_, '_>, last: Amount, floor: usize) -> Option<(usize, Decimal)> {
    let before = r.page.scan.get(floor..last.start);
    let trimmed = before.trim_end();
    let joint = ["–", "—", "-", " to", " bis", " à", " tot"].iter().find(|j| trimmed.ends_with(**j))?;
    let end = floor + trimmed.len() - joint.len();
    let first = amount_before(r, end, floor)?;
    let power =
        (last.scaled && !first.scaled).then(|| magnitude(r, last.start, r.page.text().len())).flatten();
    let value = power.map_or(first.value, |p| first.value.saturating_mul(p));
    (value <= last.value).then_some((first.start, value))
}

/// The number that starts at a place, with its magnitude.
fn amount(r: &Reading<'_, '_>, start: usize, limit: usize) -> Option<Amount> {
    let text = r.page.text().get(..limit)?;
    if !text.get(start..)?.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    }
    let decimals = Decimals::of(r.page.language());
    let number = number::at(text, start, decimals, |end| power_at(r, end, limit).is_some())?;
    let scale = power_at(r, number.end, limit);
    let (value, end) =
        scale.map_or((number.value, number.end), |(p, end)| (number.value.saturating_mul(p), end));
    let ends_clean = !text.get(end..)?.starts_with(|c: char| c.is_alphanumeric());
    ends_clean.then_some(Amount { start, end, value, scaled: scale.is_some() })
}

/// The number that ends right before a place (spaces and a magnitude between allowed).
fn amount_before(r: &Reading<'_, '_>, end: usize, floor: usize) -> Option<Amount> {
    let text = r.page.text().get(floor..end)?;
    let trimmed = text.trim_end_matches([' ', '\u{a0}', '\u{202f}']);
    if text.len() - trimmed.len() > 3 {
        return None;
    }
    // Numbers are short: look for the start of one that reaches up to here.
    let window = trimmed.ceil_char_boundary(trimmed.len().saturating_sub(MOST_AMOUNT_BYTES));
    let digits = trimmed.get(window..)?.char_indices().filter(|(_, c)| c.is_ascii_digit());
    digits.map(|(i, _)| window + i).find_map(|i| {
        let before = trimmed.get(..i)?.chars().next_back();
        if before.is_some_and(|c| c.is_alphanumeric() || matches!(c, '.' | ',')) {
            return None;
        }
        amount(r, floor + i, floor + trimmed.len()).filter(|a| a.end >= floor + trimmed.len())
    })
}

/// The factor of the magnitude word at a place, and where it ends.
fn power_at(r: &Reading<'_, '_>, at: usize, limit: usize) -> Option<(Decimal, usize)> {
    let rest = r.page.scan.get_low(at..limit.min(r.page.text().len()));
    let trimmed = rest.trim_start_matches([' ', '\u{a0}', '\u{202f}', '-']);
    let start = at + (rest.len() - trimmed.len());
    let words = |n: usize| {
        let mut end = 0;
        for _ in 0..n {
            let tail = trimmed.get(end..)?;
            let gap = tail.len() - tail.trim_start().len();
            let len = tail
                .trim_start()
                .chars()
                .take_while(|c| c.is_alphabetic())
                .map(char::len_utf8)
                .sum::<usize>();
            if len == 0 {
                return None;
            }
            end += gap + len;
        }
        trimmed.get(..end)
    };
    for n in [2, 1] {
        let Some(word) = words(n) else { continue };
        let Some(power) = r.know.sets.magnitudes.get(word) else { continue };
        // A single letter counts only when it touches the number: `10m`, not `10 m`.
        if word.len() == 1 && start != at {
            continue;
        }
        let dot = trimmed.get(word.len()..).is_some_and(|t| t.starts_with('.'))
            && word.len() <= 3
            && word.len() > 1;
        return Some((10i64.checked_pow(*power)?.into(), start + word.len() + usize::from(dot)));
    }
    None
}

fn magnitude(r: &Reading<'_, '_>, number: usize, limit: usize) -> Option<Decimal> {
    let text = r.page.text();
    let end = number::at(text, number, Decimals::of(r.page.language()), |_| true)?.end;
    power_at(r, end, limit).map(|p| p.0)
}

/// The code of a sign; a bare `$` needs a country, `kr` too.
fn currency(r: &Reading<'_, '_>, sign: &Sign) -> Option<String> {
    if let Some(code) = sign.currency {
        return Some(code.to_owned());
    }
    let country = r.page.country.or(r.site.country)?;
    let is = |codes: &[&str], country: Country| codes.contains(&country.code());
    match sign.symbol {
        "$" => r.know.rules.money.dollars.get(country.code()).cloned(),
        "¥" if is(&["JP", "CN"], country) => r.know.gazetteer.currency(country).map(str::to_owned),
        "kr" if is(&["SE", "NO", "DK", "IS"], country) => {
            r.know.gazetteer.currency(country).map(str::to_owned)
        }
        _ => None,
    }
}

/// `from £49` is the least, `up to £49` the most.
fn bounds(r: &Reading<'_, '_>, sum: &mut Sum, start: usize, floor: usize) {
    if sum.max.is_some() {
        return;
    }
    let before = r.page.scan.get_low(floor..start).trim_end();
    let ends = |words: &[String]| {
        words
            .iter()
            .any(|w| before.strip_suffix(w.as_str()).is_some_and(|b| !b.ends_with(char::is_alphanumeric)))
    };
    if ends(&r.know.rules.money.to_words) {
        sum.max = Some(sum.amount);
    } else if ends(&r.know.rules.money.from_words) {
        sum.min = Some(sum.amount);
    }
}

/// `£49 and £120 per site`: what is said once holds for both.
fn share_periods(r: &Reading<'_, '_>, found: &mut [Found]) {
    for n in (1..found.len()).rev() {
        let Some([first, second]) = found.get_mut(n - 1..=n) else { continue };
        let between = r.page.scan.get_low(first.at.end..second.at.start).trim();
        let listed = matches!(
            between,
            "and" | "or" | "/" | "," | "und" | "oder" | "et" | "ou" | "y" | "o" | "e" | "en" | "of" | "&"
        );
        if listed && first.sum.per.is_none() {
            first.sum.per.clone_from(&second.sum.per);
        }
    }
}
