//! How an entity is shown: what is known of it beyond its value, and where it stands.

use domain::Entity;
use domain::entity::Attribute;
use minijinja::Value;
use serde_json::Value as Json;

use crate::Report;
use crate::markdown::{link, live, short};

/// Where an entity's best evidence stands, as a link; empty if nowhere on the web.
pub(crate) fn origin(report: &Report, entity: &Entity) -> Value {
    let place = entity.evidence.iter().find_map(|evidence| {
        let url = report.source(evidence.document)?.url.as_deref()?;
        Some(link(&short(url), Some(&live(url, evidence))))
    });
    place.unwrap_or_else(|| Value::from_safe_string(String::new()))
}

/// An entity's attributes in words: `type: headquarters, office; country: GB`. What its value says already is left out.
pub(crate) fn details(entity: &Entity) -> String {
    let attribute = |(name, values): (&String, &Vec<Attribute>)| {
        let said: Vec<String> = values
            .iter()
            .map(|one| words(&one.value))
            .filter(|words| !words.is_empty() && !says(&entity.value, words))
            .collect();
        (!said.is_empty()).then(|| format!("{}: {}", name.replace('_', " "), said.join(", ")))
    };
    entity.attributes.iter().filter_map(attribute).collect::<Vec<_>>().join("; ")
}

/// Whether a value holds the words, as words, in any case.
fn says(value: &str, words: &str) -> bool {
    let (value, words) = (value.to_lowercase(), words.to_lowercase());
    let parts = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric());
    value.match_indices(&words).any(|(start, found)| {
        let before = value.get(..start).and_then(|before| before.chars().next_back());
        let after = value.get(start + found.len()..).and_then(|after| after.chars().next());
        parts(before) && parts(after)
    })
}

fn words(value: &Json) -> String {
    match value {
        Json::Null => String::new(),
        Json::String(text) if is_constant(text) => text.replace('_', " "),
        Json::String(text) => text.clone(),
        Json::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Json::Number(number) => number.to_string(),
        Json::Array(list) => {
            list.iter().map(words).filter(|words| !words.is_empty()).collect::<Vec<_>>().join(", ")
        }
        Json::Object(object) => {
            let fields = object
                .iter()
                .map(|(name, value)| (name, words(value)))
                .filter(|(_, words)| !words.is_empty());
            fields
                .map(|(name, words)| format!("{} {words}", name.replace('_', " ")))
                .collect::<Vec<_>>()
                .join(", ")
        }
    }
}

/// `past_employer`: a word of ours, not of a source.
fn is_constant(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
}

#[cfg(test)]
mod tests {
    use domain::EntityId;
    use serde_json::json;

    use super::*;

    fn entity(kind: &str, value: &str, attributes: &[(&str, &[Json])]) -> Entity {
        let attribute =
            |value: &Json| Attribute { value: value.clone(), confidence: 0.9, evidence: Vec::new() };
        let attributes = attributes
            .iter()
            .map(|(name, values)| ((*name).to_owned(), values.iter().map(attribute).collect::<Vec<_>>()));
        Entity {
            id: EntityId::new(),
            kind: kind.to_owned(),
            key: value.to_lowercase(),
            value: value.to_owned(),
            attributes: attributes.collect(),
            variants: Vec::new(),
            mentions: 1,
            documents: 1,
            confidence: 0.9,
            evidence: Vec::new(),
            merged_by: Vec::new(),
            maybe_same_as: Vec::new(),
            conflicts: Vec::new(),
        }
    }

    #[test]
    fn details_say_what_the_value_does_not() {
        let address = entity(
            "address",
            "14 Canal Wharf, LS11 5PS Leeds, United Kingdom",
            &[
                ("country", &[json!("GB")]),
                ("locality", &[json!("Leeds")]),
                ("street", &[json!("14 Canal Wharf")]),
                ("type", &[json!("headquarters"), json!("office")]),
            ],
        );
        assert_eq!(details(&address), "country: GB; type: headquarters, office");
        let money = entity("money", "GBP 2400", &[("amount", &[json!("24")]), ("per", &[json!("site")])]);
        assert_eq!(details(&money), "amount: 24; per: site", "a part of a number is not the number");
        let other = entity("organisation", "Oasis", &[("relationship", &[json!("past_employer")])]);
        assert_eq!(details(&other), "relationship: past employer");
    }
}
