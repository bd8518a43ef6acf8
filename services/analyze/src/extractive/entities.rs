//! Facts that entities state: `Founded 2014`, `Mara Lind, Chief Executive`.

use domain::{Entity, FindingKind};

use crate::attributes;
use crate::confidence::DISPUTED;
use crate::draft::Draft;
use crate::hints::{EntityHint, Topic, paths, say};
use crate::sources::Sources;

/// Less sure entities are not stated as facts.
const LEAST_CONFIDENCE: f64 = 0.5;
/// Quotes of one fact.
const PIECES: usize = 3;

/// The topic's facts, in order of its hints, the surest entities first.
pub(crate) fn drafts(topic: &Topic, entities: &[Entity], sources: &Sources<'_>) -> Vec<Draft> {
    let mut drafts: Vec<Draft> = Vec::new();
    for hint in &topic.entities {
        let most = hint.max.unwrap_or(topic.max);
        let mut of_hint = 0;
        for entity in matching(hint, entities, sources) {
            if of_hint >= most {
                break;
            }
            let Some(draft) = draft(topic, hint, entity) else { continue };
            let known = drafts.iter().any(|other| other.statement.eq_ignore_ascii_case(&draft.statement));
            if !known {
                of_hint += 1;
                drafts.push(draft);
            }
        }
    }
    drafts
}

/// The entities that a hint asks for, the surest first.
pub(crate) fn matching<'e>(
    hint: &EntityHint,
    entities: &'e [Entity],
    sources: &Sources<'_>,
) -> Vec<&'e Entity> {
    let on_kinds = |entity: &Entity| {
        let stands = |document| sources.of(document).is_some_and(|source| source.is_of(&hint.kinds));
        hint.kinds.is_empty() || entity.evidence.iter().any(|piece| stands(piece.document))
    };
    let mut found: Vec<&Entity> = entities
        .iter()
        .filter(|entity| entity.kind == hint.kind && entity.confidence >= LEAST_CONFIDENCE)
        .filter(|entity| hint.conditions.iter().all(|(path, wanted)| attributes::holds(entity, path, wanted)))
        .filter(|entity| on_kinds(entity))
        .collect();
    found.sort_by(|a, b| {
        b.confidence
            .total_cmp(&a.confidence)
            .then(b.documents.cmp(&a.documents))
            .then(b.mentions.cmp(&a.mentions))
            .then_with(|| a.key.cmp(&b.key))
    });
    found
}

fn draft(topic: &Topic, hint: &EntityHint, entity: &Entity) -> Option<Draft> {
    let statement = say(&hint.say, &hint.labels, entity)?;
    let named = paths(&hint.say);
    let evidence = attributes::evidence(entity, &named, &statement, PIECES);
    if evidence.is_empty() {
        return None;
    }
    let root = |path: &&str| path.split('.').next().unwrap_or_default().to_owned();
    let disputed = named.iter().any(|path| entity.conflicts.contains(&root(path)));
    let mut draft = Draft::new(&topic.name, FindingKind::Fact, statement).with_evidence(evidence);
    if disputed {
        draft = draft.tagged(DISPUTED);
    }
    draft.value = hint.value.as_ref().and_then(|value| {
        let text = attributes::first(entity, &value.path)?;
        let unit = value.unit.as_deref().and_then(|path| attributes::first(entity, path));
        Some(value.kind.of(&text, unit.as_deref()))
    });
    Some(draft)
}
