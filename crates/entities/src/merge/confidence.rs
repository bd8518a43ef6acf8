//! How sure an entity is: `1 − Π(1 − p)` over independent evidence. The same words in a block that repeats on many
//! pages are one piece of evidence, and so is the same method twice in one document.

use std::collections::HashSet;

use domain::Entity;

use crate::mention::{Method, Spot};
use crate::rules::Rules;

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
    let founded: Vec<usize> = entities
        .iter()
        .enumerate()
        .filter(|(_, e)| {
            e.kind == "date"
                && e.attributes.get("role").is_some_and(|r| r.iter().any(|a| a.value == "founded"))
        })
        .map(|(n, _)| n)
        .collect();
    let sums: Vec<f64> = founded
        .iter()
        .map(|n| {
            let Some(mine) = entities.get(*n) else { return 0.0 };
            founded
                .iter()
                .filter_map(|m| entities.get(*m))
                .filter(|e| e.value == mine.value || !super::entity::agrees("founded", &e.value, &mine.value))
                .map(|e| e.confidence)
                .sum()
        })
        .collect();
    for (n, sum) in founded.iter().zip(sums) {
        if let Some(entity) = entities.get_mut(*n).filter(|e| sum > e.confidence) {
            entity.confidence /= sum;
        }
    }
}
