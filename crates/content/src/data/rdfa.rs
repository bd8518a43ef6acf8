//! RDFa Lite 1.1 (`vocab`, `typeof`, `property`, `resource`, `prefix`), in the shape of JSON-LD.

use domain::document::DataItem;
use serde_json::{Map, Value};
use url::Url;

use super::{Budget, add, place, property_value, short};
use crate::charset::Decoded;
use crate::html::tree::{Id, ROOT, Step, Tree};

const MOST_DEPTH: usize = 16;

pub(super) fn read(tree: &Tree, source: &Decoded<'_>, base: Option<&Url>) -> Vec<DataItem> {
    let mut items = Vec::new();
    let mut open: Vec<Open> = Vec::new();
    let mut budget = Budget::PAGE;
    for step in tree.walk(ROOT) {
        match step {
            Step::Enter(id) if tree.element(id).is_some() => {
                enter(tree, id, base, &mut open, &mut budget);
            }
            Step::Leave(id) if open.last().is_some_and(|item| item.id == id) => {
                let Some(item) = open.pop() else { continue };
                match open.last_mut().filter(|_| !item.properties.is_empty()) {
                    Some(outer) => {
                        // Under its first name only: each further one would double what is inside.
                        let name = item.properties.first().map(String::as_str).unwrap_or_default();
                        add(&mut outer.object, name, Value::Object(item.object));
                    }
                    None => {
                        let (start, end) = place(tree, item.id, source);
                        items.push(DataItem { value: Value::Object(item.object), start, end });
                    }
                }
            }
            _ => {}
        }
    }
    items
}

/// An item being read.
struct Open {
    id: Id,
    object: Map<String, Value>,
    /// What it is to the item around it.
    properties: Vec<String>,
}

fn enter(tree: &Tree, id: Id, base: Option<&Url>, open: &mut Vec<Open>, budget: &mut Budget) {
    let names = tree.attr_text(id, "property").unwrap_or_default();
    let properties: Vec<String> =
        names.split_whitespace().take(4).map(|name| short(name).to_owned()).collect();
    if let Some(kinds) = tree.attr_text(id, "typeof") {
        if budget.items > 0 && open.len() < MOST_DEPTH {
            budget.items -= 1;
            let properties = if open.is_empty() { Vec::new() } else { properties };
            open.push(Open { id, object: head(tree, id, kinds), properties });
        }
    } else if let Some(item) = open.last_mut().filter(|_| !properties.is_empty()) {
        let value = match tree.attr_text(id, "resource") {
            Some(resource) => resource.to_owned(),
            None => property_value(tree, id, base, budget),
        };
        for name in &properties {
            add(&mut item.object, name, Value::from(value.clone()));
        }
    }
}

fn head(tree: &Tree, id: Id, kinds: &str) -> Map<String, Value> {
    let mut object = Map::new();
    let vocabulary = std::iter::once(id).chain(tree.ancestors(id)).find_map(|up| tree.attr_text(up, "vocab"));
    if let Some(vocabulary) = vocabulary {
        object.insert("@context".to_owned(), Value::from(vocabulary.trim_end_matches(['/', '#'])));
    }
    let mut names: Vec<Value> = kinds.split_whitespace().map(|kind| Value::from(short(kind))).collect();
    let kind = if names.len() > 1 { Value::Array(names) } else { names.pop().unwrap_or_default() };
    object.insert("@type".to_owned(), kind);
    if let Some(resource) = tree.attr_text(id, "resource") {
        object.insert("@id".to_owned(), Value::from(resource));
    }
    object
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::html::parse::parse;

    #[test]
    fn items_nest_and_prefixes_fall_away() {
        let html = "<body vocab='https://schema.org/'><div typeof=Organization resource='#us'>\
            <span property=name>Brightwater</span><a property='schema:url' href=/x>x</a>\
            <div property=address typeof=PostalAddress><span property=addressLocality>Leeds</span></div></div>\
            <meta property='og:title' content=no>";
        let source = crate::charset::decode(html.as_bytes(), None, true);
        let found = read(&parse(html), &source, Url::parse("https://a.example/").ok().as_ref());
        assert_eq!(found.len(), 1);
        assert_eq!(
            found[0].value,
            json!({"@context": "https://schema.org", "@type": "Organization", "@id": "#us", "name": "Brightwater",
                "url": "https://a.example/x",
                "address": {"@context": "https://schema.org", "@type": "PostalAddress", "addressLocality": "Leeds"}})
        );
        assert!(found[0].end > found[0].start);
    }
}
