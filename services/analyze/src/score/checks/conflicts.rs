//! Facts that sources disagree on: both sides are kept and shown.

use std::collections::BTreeSet;

use domain::{Evidence, FindingKind};

use super::facts::Found;
use super::rules::{Compare, Conflict as Rule, ValueOf};
use super::signals::year;
use crate::attributes;
use crate::draft::Draft;
use crate::names::without_form;
use crate::score::scene::Scene;
use crate::text::terms::terms;

/// Quotes of one side.
const PIECES: usize = 2;
/// Sides that are shown.
const SIDES: usize = 3;

/// A disagreement: the finding, and the rule that says how much it matters.
#[derive(Debug)]
pub(crate) struct Conflict<'r> {
    pub(crate) rule: &'r Rule,
    pub(crate) finding: Draft,
}

/// One value with what carries it.
#[derive(Debug)]
struct Side {
    value: String,
    /// What it is compared by.
    key: BTreeSet<String>,
    evidence: Vec<Evidence>,
}

/// The facts with more than one value.
pub(crate) fn find<'r>(rules: &'r [Rule], facts: &[Found<'_>], scene: &Scene<'_>) -> Vec<Conflict<'r>> {
    rules
        .iter()
        .filter(|rule| facts.iter().any(|fact| fact.rule.id == rule.fact))
        .filter_map(|rule| {
            let sides = sides(rule, scene);
            (sides.len() >= 2).then(|| conflict(rule, sides))
        })
        .collect()
}

fn conflict(rule: &Rule, mut sides: Vec<Side>) -> Conflict<'_> {
    sides.truncate(SIDES);
    let values: Vec<&str> = sides.iter().map(|side| side.value.as_str()).collect();
    let values = values.join(", ");
    let mut finding = Draft::new(
        &rule.fact,
        FindingKind::Conflict,
        format!("Sources disagree on the {}: {values}", rule.label),
    );
    finding.because = Some(rule.why.clone());
    finding.evidence = sides.into_iter().flat_map(|side| side.evidence).collect();
    Conflict { rule, finding }
}

/// The values that differ, in the order of the rule's sources; one that agrees with a known one adds to it.
fn sides(rule: &Rule, scene: &Scene<'_>) -> Vec<Side> {
    let mut sides: Vec<Side> = Vec::new();
    for side in rule.values.iter().flat_map(|source| of_source(rule.compare, source, scene)) {
        if side.evidence.is_empty() || side.key.is_empty() {
            continue;
        }
        match sides.iter_mut().find(|known| agree(rule.compare, &known.key, &side.key)) {
            Some(known) => {
                known.evidence = attributes::pick(known.evidence.iter().chain(&side.evidence), PIECES);
            }
            None => sides.push(side),
        }
    }
    sides
}

fn of_source(compare: Compare, source: &ValueOf, scene: &Scene<'_>) -> Vec<Side> {
    let mut sides = Vec::new();
    for entity in scene.entities_of(&source.kind, &source.conditions) {
        let found = attributes::values(entity, &source.path);
        if found.is_empty() && source.path == "value" {
            sides.push(Side {
                key: key(compare, &entity.value),
                value: shown(compare, &entity.value),
                evidence: attributes::pick(entity.evidence.iter(), PIECES),
            });
        }
        for value in found {
            let Some(text) = attributes::text(value.value) else { continue };
            let pieces = value.attribute.evidence.iter().filter_map(|index| usize::try_from(*index).ok());
            let pieces = pieces.filter_map(|index| entity.evidence.get(index));
            sides.push(Side {
                key: key(compare, &text),
                value: shown(compare, &text),
                evidence: attributes::pick(pieces, PIECES),
            });
        }
    }
    sides
}

fn shown(compare: Compare, text: &str) -> String {
    match compare {
        Compare::Year => year(text).map_or_else(|| text.to_owned(), |year| year.to_string()),
        Compare::Words => text.to_owned(),
    }
}

fn key(compare: Compare, text: &str) -> BTreeSet<String> {
    match compare {
        Compare::Year => year(text).map(|year| year.to_string()).into_iter().collect(),
        Compare::Words => terms(&without_form(text)).collect(),
    }
}

fn agree(compare: Compare, a: &BTreeSet<String>, b: &BTreeSet<String>) -> bool {
    match compare {
        Compare::Year => a == b,
        Compare::Words => a.is_subset(b) || b.is_subset(a),
    }
}
