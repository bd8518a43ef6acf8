//! Entities as far as the documents affirm them: `we have never had customers such as Shell` makes nobody a customer.

use std::collections::HashMap;

use domain::entity::Attribute;
use domain::{Content, Document, DocumentId, Entity, Evidence, Layer, QuoteVerdict};

/// How to reach somebody is said whatever else a sentence denies: `do not hesitate to write to …`.
const CONTACTS: [&str; 5] = ["email", "phone", "address", "profile", "identifier"];

/// Who or what a denial is about is not denied with it: `Acme never sleeps`.
const ACTORS: [&str; 2] = ["person", "product"];

/// Methods that read structure rather than sentences.
const STRUCTURED: [&str; 4] = ["jsonld", "microdata", "rdfa", "href"];

/// The entities without the evidence that denies them, without attributes that only such evidence carries, and without
/// those of which nothing is left.
pub(crate) fn affirmed(entities: Vec<Entity>, pairs: &[(Document, Content)]) -> Vec<Entity> {
    let texts: HashMap<DocumentId, &str> =
        pairs.iter().map(|(document, content)| (document.id, content.text.as_str())).collect();
    entities.into_iter().filter_map(|entity| one(entity, &texts)).collect()
}

fn one(entity: Entity, texts: &HashMap<DocumentId, &str>) -> Option<Entity> {
    if CONTACTS.contains(&entity.kind.as_str()) {
        return Some(entity);
    }
    let denied: Vec<bool> = entity.evidence.iter().map(|piece| is_denied(piece, &entity, texts)).collect();
    if denied.iter().all(|denied| !denied) {
        return Some(entity);
    }
    let mut places: Vec<Option<u32>> = Vec::with_capacity(denied.len());
    let mut kept = 0;
    for denied in denied {
        places.push((!denied).then_some(kept));
        kept += u32::from(!denied);
    }
    if kept == 0 {
        return None;
    }
    let place =
        |index: u32| usize::try_from(index).ok().and_then(|index| places.get(index).copied().flatten());
    let carried = |attribute: Attribute| {
        let evidence: Vec<u32> = attribute.evidence.iter().filter_map(|index| place(*index)).collect();
        let stands = attribute.evidence.is_empty() || !evidence.is_empty();
        stands.then_some(Attribute { evidence, ..attribute })
    };
    let attributes = entity.attributes.into_iter().filter_map(|(name, values)| {
        let values: Vec<Attribute> = values.into_iter().filter_map(carried).collect();
        (!values.is_empty()).then_some((name, values))
    });
    let attributes = attributes.collect();
    let evidence = entity.evidence.into_iter().zip(&places);
    let evidence = evidence.filter(|(_, place)| place.is_some()).map(|(piece, _)| piece).collect();
    Some(Entity { attributes, evidence, ..entity })
}

/// Whether the sentence of the piece denies the entity.
fn is_denied(piece: &Evidence, entity: &Entity, texts: &HashMap<DocumentId, &str>) -> bool {
    let read = piece.layer == Layer::Text && piece.verdict != QuoteVerdict::Unsupported;
    if !read || STRUCTURED.contains(&piece.method.as_str()) {
        return false;
    }
    let place = usize::try_from(piece.start).ok().zip(usize::try_from(piece.end).ok());
    let text = texts.get(&piece.document).copied().unwrap_or_default();
    // A piece that does not stand where it says is judged by its own words.
    let (text, quote) = match place.map(|(start, end)| start..end) {
        Some(range) if text.get(range.clone()) == Some(piece.quote.as_str()) => (text, range),
        _ => (piece.quote.as_str(), 0..piece.quote.len()),
    };
    let named = std::iter::once(&entity.value)
        .chain(&entity.variants)
        .filter(|name| !name.is_empty())
        .find_map(|name| Some((piece.quote.find(name.as_str())?, name.len())));
    let range = named.map_or(quote.clone(), |(at, len)| quote.start + at..quote.start + at + len);
    evidence::is_denied(text, &range, ACTORS.contains(&entity.kind.as_str()))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::attributes::fixture::{entity, evidence};
    use crate::sources::fixture::Site;

    fn quoted(pair: &(Document, Content), quote: &str) -> Evidence {
        let start = pair.1.text.find(quote).unwrap() as u64;
        Evidence { start, end: start + quote.len() as u64, ..evidence(pair.0.id, quote, "clause") }
    }

    #[test]
    fn what_its_only_sentence_denies_is_no_entity() {
        let mut site = Site::new();
        site.page("/", "home")
            .paragraph("We have never had customers such as Shell. We serve Acme Farms, and prices do not start at \u{20ac}99.")
            .paragraph("FlowSense never sleeps. Do not hesitate to write to hi@zeta.example.");
        let pairs = site.pairs();
        let of = |kind: &str, value: &str, quote: &str| {
            entity(kind, value, json!({"relationship": "customer"}), vec![quoted(&pairs[0], quote)])
        };
        let entities = vec![
            of("organisation", "Shell", "We have never had customers such as Shell."),
            of("organisation", "Acme Farms", "We serve Acme Farms"),
            of("money", "99", "prices do not start at \u{20ac}99"),
            of("product", "FlowSense", "FlowSense never sleeps."),
            of("email", "hi@zeta.example", "hi@zeta.example"),
        ];
        let left: Vec<String> = affirmed(entities, &pairs).into_iter().map(|entity| entity.value).collect();
        assert_eq!(left, ["Acme Farms", "FlowSense", "hi@zeta.example"]);
    }

    #[test]
    fn an_attribute_falls_with_the_evidence_that_carried_it_and_the_rest_stays() {
        let mut site = Site::new();
        site.page("/", "home").paragraph("Shell is not a customer of ours. Shell wrote about pumps in 2019.");
        let pairs = site.pairs();
        let pieces = vec![
            quoted(&pairs[0], "Shell is not a customer of ours."),
            quoted(&pairs[0], "Shell wrote about pumps in 2019."),
        ];
        let mut shell =
            entity("organisation", "Shell", json!({"relationship": "customer", "since": "2019"}), pieces);
        shell.attributes.get_mut("relationship").unwrap()[0].evidence = vec![0];
        shell.attributes.get_mut("since").unwrap()[0].evidence = vec![0, 1];
        let left = affirmed(vec![shell], &pairs).remove(0);
        assert_eq!(left.attributes.keys().collect::<Vec<_>>(), ["since"]);
        assert_eq!(left.attributes["since"][0].evidence, [0]);
        assert_eq!(left.evidence[0].quote, "Shell wrote about pumps in 2019.");
    }
}
