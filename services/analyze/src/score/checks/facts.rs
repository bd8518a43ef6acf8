//! The key facts: found, absent, or not looked at.

use domain::FindingKind;

use super::rules::{Fact as Rule, Rules};
use crate::draft::Draft;
use crate::extractive::{Material, Passages, Picker, entity_drafts};
use crate::hints::Hints;
use crate::score::output::{Coverage, Fact, State};
use crate::score::scene::Scene;

/// A key fact with the findings that carry it.
#[derive(Debug)]
pub(crate) struct Found<'r> {
    pub(crate) rule: &'r Rule,
    /// As a reader writes it, in the order of the drafts.
    pub(crate) values: Vec<String>,
    pub(crate) drafts: Vec<Draft>,
}

/// Looks every key fact up: what entities state first, what sentences say where they do not.
pub(crate) fn find<'r>(rules: &'r Rules, scene: &Scene<'_>) -> Vec<Found<'r>> {
    let every = ["*".to_owned()];
    let hints = Hints::default();
    let material = Material {
        hints: &hints,
        kinds: &every,
        sources: scene.sources,
        entities: scene.entities,
        findings: &[],
        names: scene.names,
        questions: &[],
        rivals: &[],
    };
    let passages = Passages::of(scene.sources, &every);
    rules
        .facts
        .iter()
        .map(|rule| {
            let mut drafts = entity_drafts(&rule.topic, scene.entities, scene.sources);
            drafts.truncate(rule.topic.max);
            if drafts.is_empty() {
                // One sentence may carry several facts: what it makes is also the industry it is in.
                drafts = Picker::new(&material, &passages).take(&rule.topic, rule.topic.max);
            }
            let values = drafts.iter().map(|draft| draft.statement.clone()).collect();
            for draft in &mut drafts {
                draft.kind = FindingKind::Fact;
                draft.topic.clone_from(&rule.id);
                draft.statement = format!("{}: {}", rule.label, draft.statement);
            }
            Found { rule, values, drafts }
        })
        .collect()
}

/// The facts as the output lists them.
pub(crate) fn listed(found: &[Found<'_>], scene: &Scene<'_>) -> Vec<Fact> {
    found.iter().map(|fact| list(fact, scene)).collect()
}

fn list(found: &Found<'_>, scene: &Scene<'_>) -> Fact {
    let rule = found.rule;
    let reason = scene.reading.why_not_looked_at(&rule.expected);
    let state = match (found.drafts.is_empty(), &reason) {
        (false, _) => State::Found,
        (true, None) => State::Absent,
        (true, Some(_)) => State::NotLookedAt,
    };
    let weight = found.drafts.first().map(|draft| scene.weigher.of(draft, &[]));
    Fact {
        id: rule.id.clone(),
        label: rule.label.clone(),
        state,
        value: (!found.values.is_empty()).then(|| found.values.join("; ")),
        level: weight.map(|(_, level)| level),
        confidence: weight.map(|(confidence, _)| confidence),
        findings: found.drafts.iter().map(|draft| draft.id).collect(),
        looked_in: scene.reading.read_of(&rule.expected),
        reason: reason.filter(|_| state == State::NotLookedAt),
    }
}

pub(crate) fn coverage(facts: &[Fact]) -> Coverage {
    let count =
        |state| u32::try_from(facts.iter().filter(|fact| fact.state == state).count()).unwrap_or(u32::MAX);
    let (found, total) = (count(State::Found), u32::try_from(facts.len()).unwrap_or(u32::MAX));
    let share = if total == 0 { 0.0 } else { f64::from(found) / f64::from(total) };
    Coverage {
        found,
        absent: count(State::Absent),
        not_looked_at: count(State::NotLookedAt),
        total,
        share: crate::confidence::round(share),
    }
}
