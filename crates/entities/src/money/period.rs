//! What a sum is paid for: `per month`, `/user/mo`, `pro Monat`, `a year`.

use crate::reading::Reading;

/// At most this many units: `per user per month`.
const UNITS: usize = 3;

/// The period that starts at a place, and where it ends. It may stand in the next block of the same card.
pub(super) fn behind(r: &Reading<'_, '_>, from: usize) -> Option<(String, usize)> {
    let mut units: Vec<String> = Vec::new();
    let mut at = from;
    let (mut end, limit) = (from, limit(r, from));
    while units.len() < UNITS {
        let Some((unit, next)) = unit(r, at, limit, units.is_empty()) else { break };
        units.push(unit);
        (at, end) = (next, next);
    }
    if units.is_empty() {
        return None;
    }
    units.dedup();
    Some((units.join("/"), end))
}

/// Up to the end of the block, or of the next one of the same card.
fn limit(r: &Reading<'_, '_>, from: usize) -> usize {
    let Some((n, block)) = r.page.block_at(from.saturating_sub(1)) else { return from };
    let next = r.page.content.blocks.get(n + 1).filter(|b| block.card.is_some() && b.card == block.card);
    let ends_here = r.page.text().get(from..block.end as usize).is_some_and(|t| t.trim().is_empty());
    next.filter(|b| ends_here && b.end - b.start <= 60).map_or(block.end as usize, |b| b.end as usize)
}

/// One unit: its joint (`per`, `/`, `and`), the word.
fn unit(r: &Reading<'_, '_>, from: usize, limit: usize, first: bool) -> Option<(String, usize)> {
    let low = r.page.scan.get_low(from..limit);
    let skipped = low.trim_start_matches(|c: char| c.is_whitespace() || (first && matches!(c, '*' | ',')));
    let at = from + (low.len() - skipped.len());
    let joint = r
        .know
        .rules
        .money
        .per_words
        .iter()
        .map(String::as_str)
        .chain((!first).then_some("and"))
        .filter(|j| {
            skipped.strip_prefix(*j).is_some_and(|rest| {
                !j.ends_with(char::is_alphabetic) || !rest.starts_with(char::is_alphanumeric)
            })
        })
        .max_by_key(|j| j.len());
    let (word_at, bare) = match joint {
        Some(j) => (at + j.len(), false),
        None => (at, true),
    };
    let rest = r.page.scan.get_low(word_at..limit);
    let trimmed = rest.trim_start();
    let start = word_at + (rest.len() - trimmed.len());
    let len: usize = trimmed.chars().take_while(|c| c.is_alphabetic()).map(char::len_utf8).sum();
    let word = trimmed.get(..len)?;
    let per = r.know.sets.periods.get(word)?;
    // Without a joint only what cannot be anything else: `£49 monthly`, `£12 pcm`.
    let adverb = matches!(
        word,
        "monthly"
            | "yearly"
            | "annually"
            | "weekly"
            | "daily"
            | "hourly"
            | "pcm"
            | "monatlich"
            | "jährlich"
            | "wöchentlich"
            | "täglich"
            | "mtl"
    );
    let single = len == 1 && !matches!(joint, Some("/" | "p."));
    ((!bare || adverb) && !single).then(|| (per.clone(), start + len))
}
