//! What an entity says, by path: `value`, `roles.title`, `relationship`.

use std::collections::BTreeSet;

use domain::entity::Attribute;
use domain::{Entity, Evidence, QuoteVerdict};
use serde_json::Value;

/// Attribute values that are shown of one attribute, and characters of a line.
const VALUES_SHOWN: usize = 4;
const QUOTES_SHOWN: usize = 2;
const QUOTE_CHARS: usize = 300;

/// The entity's own value under a path.
const OWN: &str = "value";

/// One value under a path, with the attribute it stands in; none for the entity's own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) value: &'a Value,
    pub(crate) attribute: &'a Attribute,
}

/// The values under a path, the surest first: attribute, then keys inside its values.
pub(crate) fn values<'a>(entity: &'a Entity, path: &str) -> Vec<Found<'a>> {
    let (name, rest) = path.split_once('.').map_or((path, None), |(name, rest)| (name, Some(rest)));
    let mut attributes: Vec<&Attribute> = entity.attributes.get(name).into_iter().flatten().collect();
    attributes.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    let mut found = Vec::new();
    for attribute in attributes {
        let list: Vec<&Value> = match &attribute.value {
            Value::Array(list) => list.iter().collect(),
            value => vec![value],
        };
        for value in list {
            let inner =
                rest.map_or(Some(value), |rest| rest.split('.').try_fold(value, |value, key| value.get(key)));
            found.extend(inner.filter(|value| !value.is_null()).map(|value| Found { value, attribute }));
        }
    }
    found
}

/// The texts under a path, each once; the entity's own value for `value`.
pub(crate) fn texts(entity: &Entity, path: &str) -> Vec<String> {
    let mut out: Vec<String> =
        values(entity, path).into_iter().filter_map(|found| text(found.value)).collect();
    if path == OWN && out.is_empty() {
        out.push(entity.value.clone());
    }
    let mut seen = BTreeSet::new();
    out.retain(|text| seen.insert(text.to_lowercase()));
    out
}

/// The texts under a path that hold here and now: roles that are over, or in another organisation, are left out.
pub(crate) fn current(entity: &Entity, path: &str) -> Vec<String> {
    let holds = |found: &Found<'_>| {
        let over = found.attribute.value.get("current") == Some(&Value::Bool(false));
        let elsewhere = found.attribute.value.get("organisation").is_some_and(|other| !other.is_null());
        !over && !elsewhere
    };
    let found: Vec<Found<'_>> = values(entity, path);
    if found.is_empty() {
        return texts(entity, path);
    }
    let mut seen = BTreeSet::new();
    let texts = found.iter().filter(|found| holds(found)).filter_map(|found| text(found.value));
    texts.filter(|text| seen.insert(text.to_lowercase())).collect()
}

/// The surest text under a path.
pub(crate) fn first(entity: &Entity, path: &str) -> Option<String> {
    texts(entity, path).into_iter().next()
}

/// A JSON value as a reader writes it; none for objects and lists.
pub(crate) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.trim().to_owned()).filter(|text| !text.is_empty()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(truth) => Some(truth.to_string()),
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Whether some value under the path is one of the wanted; null or an empty text among the wanted is met by no value
/// at all.
pub(crate) fn holds(entity: &Entity, path: &str, wanted: &[Value]) -> bool {
    let texts = texts(entity, path);
    let nothing = |wanted: &Value| wanted.is_null() || wanted.as_str() == Some("");
    let wants =
        |text: &str| wanted.iter().filter_map(self::text).any(|wanted| wanted.eq_ignore_ascii_case(text));
    texts.iter().any(|text| wants(text)) || texts.is_empty() && wanted.iter().any(nothing)
}

/// The evidence of the values under the paths that the statement says, else of the entity: what stands, of differing
/// documents first.
pub(crate) fn evidence(entity: &Entity, paths: &[&str], statement: &str, most: usize) -> Vec<Evidence> {
    let said = |found: &Found<'_>| text(found.value).is_some_and(|text| statement.contains(&text));
    let of_paths = paths.iter().flat_map(|path| values(entity, path)).filter(said);
    let of_paths = of_paths.flat_map(|found| &found.attribute.evidence);
    let mut indices: Vec<usize> = of_paths.filter_map(|index| usize::try_from(*index).ok()).collect();
    if indices.is_empty() {
        indices = (0..entity.evidence.len()).collect();
    }
    pick(indices.into_iter().filter_map(|index| entity.evidence.get(index)), most)
}

/// At most so many pieces, those of new documents before others of the same.
pub(crate) fn pick<'e>(pieces: impl Iterator<Item = &'e Evidence>, most: usize) -> Vec<Evidence> {
    let mut standing: Vec<&Evidence> = Vec::new();
    for piece in pieces.filter(|piece| piece.verdict != QuoteVerdict::Unsupported) {
        let known = |other: &&Evidence| {
            (other.document, other.layer, other.start) == (piece.document, piece.layer, piece.start)
        };
        if !standing.iter().any(known) {
            standing.push(piece);
        }
    }
    let mut documents = BTreeSet::new();
    let (first, again): (Vec<&Evidence>, Vec<&Evidence>) =
        standing.into_iter().partition(|piece| documents.insert(piece.document));
    first.into_iter().chain(again).take(most).cloned().collect()
}

/// An entity on a few lines, as a model is shown it.
pub(crate) fn line(entity: &Entity) -> String {
    let mut lines = vec![entity.value.clone()];
    for (name, attributes) in &entity.attributes {
        let values: Vec<String> = attributes.iter().take(VALUES_SHOWN).map(|a| inline(&a.value)).collect();
        lines.push(format!("{name}: {}", values.join(" | ")));
    }
    if !entity.conflicts.is_empty() {
        lines.push(format!("sources disagree on: {}", entity.conflicts.join(", ")));
    }
    for piece in pick(entity.evidence.iter(), QUOTES_SHOWN) {
        let quote: String = piece.quote.chars().take(QUOTE_CHARS).collect();
        lines.push(format!("quote: \u{201c}{quote}\u{201d}"));
    }
    lines.join("\n")
}

/// A value on one line without JSON's punctuation.
fn inline(value: &Value) -> String {
    match value {
        Value::Object(object) => {
            let pairs: Vec<String> = object
                .iter()
                .filter(|(_, value)| !value.is_null())
                .map(|(key, value)| format!("{key} {}", inline(value)))
                .collect();
            pairs.join(", ")
        }
        Value::Array(list) => list.iter().map(inline).collect::<Vec<_>>().join(", "),
        value => text(value).unwrap_or_default(),
    }
}

#[cfg(test)]
pub(crate) mod fixture {
    use std::collections::BTreeMap;

    use domain::entity::Attribute;
    use domain::{DocumentId, Entity, EntityId, Evidence, Layer, QuoteVerdict, SubjectId};
    use serde_json::Value;

    /// A verified quote.
    pub(crate) fn evidence(document: DocumentId, quote: &str, method: &str) -> Evidence {
        let layer = if method == "jsonld" { Layer::Source } else { Layer::Text };
        Evidence {
            document,
            layer,
            start: quote.len() as u64,
            end: 2 * quote.len() as u64,
            quote: quote.to_owned(),
            verdict: QuoteVerdict::Verified,
            method: method.to_owned(),
            page: None,
        }
    }

    /// An entity with one piece of evidence that carries every attribute. A list gives an attribute several values.
    pub(crate) fn entity(kind: &str, value: &str, attributes: Value, evidence: Vec<Evidence>) -> Entity {
        let all: Vec<u32> = (0..evidence.len() as u32).collect();
        let attributes: BTreeMap<String, Vec<Attribute>> = attributes
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, values)| {
                let values = values.as_array().cloned().unwrap_or_else(|| vec![values.clone()]);
                let of = |value| Attribute { value, confidence: 0.9, evidence: all.clone() };
                (name.clone(), values.into_iter().map(of).collect())
            })
            .collect();
        Entity {
            id: EntityId::stable(SubjectId::new(), kind, value),
            kind: kind.to_owned(),
            key: value.to_lowercase(),
            value: value.to_owned(),
            attributes,
            variants: vec![value.to_owned()],
            mentions: 1,
            documents: 1,
            confidence: 0.9,
            evidence,
            merged_by: Vec::new(),
            maybe_same_as: Vec::new(),
            conflicts: Vec::new(),
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::DocumentId;
    use serde_json::json;

    use super::fixture::{entity, evidence as quoted};
    use super::*;

    #[test]
    fn values_are_found_by_path_and_conditions_by_value() {
        let document = DocumentId::new();
        let person = entity(
            "person",
            "Mara Lind",
            json!({"group": "executive", "roles": [{"title": "Founder", "current": true}, {"title": "CEO"}]}),
            vec![quoted(document, "Mara Lind, Founder & CEO", "card")],
        );
        assert_eq!(texts(&person, "roles.title"), ["Founder", "CEO"]);
        assert_eq!(first(&person, "value").as_deref(), Some("Mara Lind"));
        assert!(holds(&person, "group", &[json!("founder"), json!("Executive")]));
        assert!(holds(&person, "roles.current", &[json!(true)]));
        assert!(holds(&person, "email", &[Value::Null]) && !holds(&person, "email", &[json!("x")]));
        assert_eq!(evidence(&person, &["roles.title"], "Mara Lind, Founder", 3).len(), 1);
    }

    #[test]
    fn only_the_value_that_is_said_brings_its_evidence() {
        let document = DocumentId::new();
        let quotes =
            vec![quoted(document, "founded in 2014", "clause"), quoted(document, "since 2012", "clause")];
        let mut own = entity("organisation", "Acme", json!({"founded": ["2014", "2012"]}), quotes);
        for (number, attribute) in own.attributes.get_mut("founded").unwrap().iter_mut().enumerate() {
            attribute.evidence = vec![number as u32];
        }
        let picked = evidence(&own, &["founded"], "Founded 2014", 3);
        assert_eq!(picked.iter().map(|piece| piece.quote.as_str()).collect::<Vec<_>>(), ["founded in 2014"]);
    }

    #[test]
    fn evidence_of_other_documents_comes_first() {
        let (a, b) = (DocumentId::new(), DocumentId::new());
        let pieces = [quoted(a, "one one one", "text"), quoted(a, "two", "text"), quoted(b, "three", "text")];
        let picked: Vec<String> = pick(pieces.iter(), 2).into_iter().map(|piece| piece.quote).collect();
        assert_eq!(picked, ["one one one", "three"]);
    }
}
