//! How sure an entity is: `1 − Π(1 − p)` over independent evidence. The same words in a block that repeats on many
//! pages are one piece of evidence, and so is the same method twice in one document.

use std::collections::{BTreeMap, HashSet};
use std::ops::Bound;

use domain::Entity;

use crate::fold::fold;
use crate::mention::{Method, Spot};
use crate::rules::Rules;

/// Less than this is what adding and subtracting leave over.
const CERTAIN: f64 = 1e-9;

/// The probability that at least one of the independent pieces is right, capped.
pub(super) fn noisy_or<'s>(rules: &Rules, spots: impl Iterator<Item = &'s Spot>) -> f64 {
    let mut prints: HashSet<(Method, u64)> = HashSet::new();
    let mut pages: HashSet<(Method, u32)> = HashSet::new();
    let mut wrong = 1.0;
    for spot in spots {
        if prints.insert((spot.method, spot.print)) && pages.insert((spot.method, spot.source)) {
            wrong *= 1.0 - rules.precision(spot.method);
        }
    }
    (1.0 - wrong).min(*rules.limits.confidence.get_ref())
}

/// Of several values for what can only be one, each is as probable as it weighs among them.
pub(super) fn share(confidences: &mut [f64]) {
    let sum: f64 = confidences.iter().sum();
    if confidences.len() > 1 && sum > 0.0 {
        for p in confidences {
            *p /= sum;
        }
    }
}

/// Dates of founding that contradict each other share their probability.
pub(super) fn rivals(entities: &mut [Entity]) {
    let is_founding = |e: &Entity| {
        e.kind == "date" && e.attributes.get("role").is_some_and(|r| r.iter().any(|a| a.value == "founded"))
    };
    let founded = entities.iter().enumerate().filter(|(_, e)| is_founding(e));
    let dates: Vec<(usize, String, f64)> = founded.map(|(n, e)| (n, fold(&e.value), e.confidence)).collect();
    let mut weights: BTreeMap<&str, f64> = BTreeMap::new();
    for (_, date, confidence) in &dates {
        *weights.entry(date).or_default() += confidence;
    }
    let all: f64 = weights.values().sum();
    for (n, date, confidence) in &dates {
        let rivals = all - agreeing(&weights, date);
        if let Some(entity) = entities.get_mut(*n).filter(|_| rivals > CERTAIN) {
            entity.confidence /= confidence + rivals;
        }
    }
}

/// The weight of the dates that say the same as one, less or more exactly: `2014`, `2014 03`, `2014 03 12`.
fn agreeing(weights: &BTreeMap<&str, f64>, date: &str) -> f64 {
    let less = date.match_indices(' ').filter_map(|(at, _)| weights.get(date.get(..at)?));
    let (from, to) = (format!("{date} "), format!("{date}!"));
    let more = weights.range::<str, _>((Bound::Included(from.as_str()), Bound::Excluded(to.as_str())));
    less.chain(weights.get(date)).chain(more.map(|(_, weight)| weight)).sum()
}
