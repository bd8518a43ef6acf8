//! Flags that code finds: each with its evidence, or with where was looked.

mod pages;
mod words;

use domain::{Entity, Evidence, FindingKind};

use super::conflicts::Conflict;
use super::facts::Found;
use super::rules::{Flag as Rule, Rules, Test};
use super::signals;
use crate::attributes;
use crate::draft::Draft;
use crate::score::output::Flag;
use crate::score::scene::Scene;

/// From most to least severe.
const SEVERITIES: [&str; 4] = ["high", "medium", "low", "info"];
/// Quotes of one flag.
pub(super) const PIECES: usize = 3;

/// A raised flag and its finding.
#[derive(Debug)]
pub(crate) struct Raised {
    pub(crate) flag: Flag,
    pub(crate) finding: Draft,
}

/// What a test saw: words for the statement, and what carries it.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// `{n}`, `{value}`, `{share}`, `{date}` and what stands for them.
    pub(super) says: Vec<(&'static str, String)>,
    pub(super) evidence: Vec<Evidence>,
    pub(super) looked_in: Vec<String>,
}

/// Every flag that holds, most severe first.
pub(crate) fn raise(
    rules: &Rules,
    facts: &[Found<'_>],
    conflicts: Vec<Conflict<'_>>,
    scene: &Scene<'_>,
) -> Vec<Raised> {
    let of_conflicts = conflicts.into_iter().map(of_conflict);
    let of_rules = rules
        .flags
        .iter()
        .flat_map(|rule| seen(&rule.test, facts, scene).into_iter().map(|seen| raised(rule, seen)));
    let mut flags: Vec<Raised> = of_conflicts.chain(of_rules).collect();
    flags.sort_by_key(|raised| SEVERITIES.iter().position(|known| *known == raised.flag.severity));
    flags
}

fn of_conflict(conflict: Conflict<'_>) -> Raised {
    let rule = conflict.rule;
    let mut finding = Draft::new("inconsistency", FindingKind::Flag, conflict.finding.statement.clone());
    finding.because = Some(rule.why.clone());
    finding.severity = Some(rule.severity.clone());
    finding.evidence = conflict.finding.evidence;
    finding.cites = vec![conflict.finding.id];
    finding = finding.tagged(&rule.id);
    let flag = Flag {
        id: rule.id.clone(),
        topic: finding.topic.clone(),
        severity: rule.severity.clone(),
        finding: finding.id,
    };
    Raised { flag, finding }
}

fn raised(rule: &Rule, seen: Seen) -> Raised {
    let says = seen
        .says
        .iter()
        .fold(rule.says.clone(), |says, (name, value)| says.replace(&format!("{{{name}}}"), value));
    let mut finding = Draft::new(&rule.topic, FindingKind::Flag, says).tagged(&rule.id);
    finding.because = Some(rule.why.clone());
    finding.severity = Some(rule.severity.clone());
    finding.evidence = seen.evidence;
    finding.looked_in = seen.looked_in;
    let flag = Flag {
        id: rule.id.clone(),
        topic: rule.topic.clone(),
        severity: rule.severity.clone(),
        finding: finding.id,
    };
    Raised { flag, finding }
}

/// What the test sees; nothing means that the flag is not raised.
fn seen(test: &Test, facts: &[Found<'_>], scene: &Scene<'_>) -> Vec<Seen> {
    let one = |seen: Option<Seen>| seen.into_iter().collect();
    match test {
        Test::Entity { kind, conditions, max } => {
            scene.entities_of(kind, conditions).into_iter().take(*max).filter_map(entity).collect()
        }
        Test::NoneOf { facts: wanted, kinds } => one(none_of(wanted, kinds, facts, scene)),
        Test::AllEntities { kind, conditions, unless } => {
            let some = unless.iter().any(|what| signals::count(what, scene) > 0);
            let all = scene.entities_of(kind, &std::collections::BTreeMap::new());
            let fulfil = scene.entities_of(kind, conditions);
            one((!some && !all.is_empty() && all.len() == fulfil.len()).then(|| of_entities(&fulfil)))
        }
        Test::Text { patterns } => one(words::text(patterns, scene)),
        Test::EmptyPraise { at_least } => one(words::empty_praise(*at_least, scene)),
        Test::AnonymousPraise { at_least, named } => one(words::anonymous(*at_least, named, scene)),
        Test::Insecure => one(pages::insecure(scene)),
        Test::PlainHttp => one(pages::plain_http(scene)),
        Test::BrokenLinks { above, at_least } => one(pages::broken(*above, *at_least, scene)),
        Test::OldCopyright { kind, conditions, years } => {
            one(pages::old_copyright(&scene.entities_of(kind, conditions), *years, scene))
        }
        Test::OldNews { kinds, months } => one(pages::old_news(kinds, *months, scene)),
        Test::NoPrivacy { link } => one(pages::no_privacy(link, scene)),
        Test::Moved => one(pages::moved(scene)),
        Test::Unseen { above } => one(pages::unseen(*above, scene)),
    }
}

fn entity(entity: &Entity) -> Option<Seen> {
    let evidence = attributes::pick(entity.evidence.iter(), PIECES);
    (!evidence.is_empty()).then(|| Seen {
        says: vec![("value", entity.value.clone())],
        evidence,
        looked_in: Vec::new(),
    })
}

fn of_entities(entities: &[&Entity]) -> Seen {
    let values: Vec<&str> = entities.iter().take(PIECES).map(|entity| entity.value.as_str()).collect();
    Seen {
        says: vec![("value", values.join(", ")), ("n", entities.len().to_string())],
        evidence: attributes::pick(entities.iter().flat_map(|entity| &entity.evidence), PIECES),
        looked_in: Vec::new(),
    }
}

/// None of the facts is known although pages that would say so were read, and none of those was out of reach.
fn none_of(wanted: &[String], kinds: &[String], facts: &[Found<'_>], scene: &Scene<'_>) -> Option<Seen> {
    let known = facts.iter().any(|fact| wanted.contains(&fact.rule.id) && !fact.drafts.is_empty());
    if known || scene.reading.why_not_looked_at(kinds).is_some() {
        return None;
    }
    Some(Seen { looked_in: scene.reading.read_of(kinds), ..Seen::default() })
}
