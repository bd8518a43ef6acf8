//! Statements from entities: a template with the entity's values in it.
//!
//! `{value}` is the surest value of an attribute, `{roles.title*}` the first few, joined. Roles that are over or belong
//! to another organisation are not said.

use std::collections::BTreeMap;

use domain::Entity;

use crate::attributes;

/// Values of one path that are joined into a statement.
const JOINED: usize = 2;

/// What values are called, where their spelling is for machines: `gb_company` → `UK company number`.
pub(crate) type Labels = BTreeMap<String, String>;

/// The statement, or none if a value outside brackets is missing.
pub(crate) fn say(template: &str, labels: &Labels, entity: &Entity) -> Option<String> {
    let said = fill(template, labels, entity)?;
    let said = said.trim();
    (!said.is_empty()).then(|| said.to_owned())
}

fn fill(template: &str, labels: &Labels, entity: &Entity) -> Option<String> {
    let mut out = String::new();
    let mut rest = template;
    while let Some(at) = rest.find(['{', '[']) {
        out.push_str(rest.get(..at)?);
        let tail = rest.get(at..)?;
        let (close, optional) = if tail.starts_with('{') { ('}', false) } else { (']', true) };
        let end = tail.find(close)?;
        let inner = tail.get(1..end)?;
        if optional {
            out.push_str(&fill(inner, labels, entity).unwrap_or_default());
        } else {
            out.push_str(&filled(inner, labels, entity)?);
        }
        rest = tail.get(end + 1..)?;
    }
    out.push_str(rest);
    Some(out)
}

/// The value under a path, or the first few of them; none if there is none.
fn filled(path: &str, labels: &Labels, entity: &Entity) -> Option<String> {
    let (path, most) = path.strip_suffix('*').map_or((path, 1), |path| (path, JOINED));
    let texts = attributes::current(entity, path).into_iter().take(most);
    let joined = texts.map(|text| labels.get(&text).cloned().unwrap_or(text)).collect::<Vec<_>>().join(", ");
    (!joined.is_empty()).then_some(joined)
}

/// The paths that a template names: the attributes whose evidence carries the statement.
pub(crate) fn paths(template: &str) -> Vec<&str> {
    let names = template.split('{').skip(1).filter_map(|part| part.split('}').next());
    names.map(|path| path.trim_end_matches('*')).collect()
}

#[cfg(test)]
mod tests {
    use domain::DocumentId;
    use serde_json::json;

    use super::*;
    use crate::attributes::fixture::{entity, evidence};

    #[test]
    fn values_are_filled_in_and_brackets_without_values_fall_away() {
        let person = entity(
            "person",
            "Mara Lind",
            json!({
                "roles": [
                    {"title": "Founder"},
                    {"title": "Head of Sales", "current": false},
                    {"title": "CEO", "current": true},
                    {"title": "Director", "organisation": "Acme"}
                ],
                "since": ["2014", "2012"]
            }),
            vec![evidence(DocumentId::new(), "Mara Lind", "card")],
        );
        let say = |template: &str| say(template, &Labels::new(), &person);
        assert_eq!(
            say("{value}, {roles.title*}[ (since {roles.since})]").as_deref(),
            Some("Mara Lind, Founder, CEO")
        );
        assert_eq!(say("{value}[ (since {since})]").as_deref(), Some("Mara Lind (since 2014)"));
        assert_eq!(say("{value} since {roles.since}"), None);
        assert_eq!(
            paths("{value}, {roles.title*}[ (since {roles.since})]"),
            ["value", "roles.title", "roles.since"]
        );
    }

    #[test]
    fn values_for_machines_get_their_labels() {
        let number = entity("identifier", "01234567", json!({"scheme": "gb_company"}), Vec::new());
        let labels = [("gb_company".to_owned(), "UK company number".to_owned())].into();
        assert_eq!(say("{scheme} {value}", &labels, &number).as_deref(), Some("UK company number 01234567"));
    }
}
