//! Structured objects of a page under one face, whether they came as JSON-LD, microdata or RDFa.

use std::collections::HashMap;

use domain::Content;
use serde_json::{Map, Value};

use crate::fold::squeeze;
use crate::mention::Method;

/// How deep objects are followed.
const DEPTH: usize = 12;
/// Objects of one page, and texts of one property of an object: nobody describes more of a company on a page.
const MOST_OBJECTS: usize = 1_000;
const MOST_TEXTS: usize = 200;

/// One object with a type or an id.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Node<'a> {
    map: &'a Map<String, Value>,
    pub(crate) method: Method,
    /// Its place among the page's items of this method.
    pub(crate) item: usize,
}

/// An object and how it was reached.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Found<'a> {
    pub(crate) node: Node<'a>,
    /// The property that holds it; none at the top.
    pub(crate) via: Option<&'a str>,
    /// The object that holds it, as a place in [`Graph::found`].
    pub(crate) parent: Option<usize>,
}

/// All objects of a page.
#[derive(Debug, Default)]
pub(crate) struct Graph<'a> {
    pub(crate) found: Vec<Found<'a>>,
    ids: HashMap<&'a str, Node<'a>>,
}

impl<'a> Graph<'a> {
    pub(crate) fn of(content: &'a Content) -> Self {
        let mut graph = Self::default();
        let data = &content.data;
        for (method, items) in
            [(Method::Jsonld, &data.jsonld), (Method::Microdata, &data.microdata), (Method::Rdfa, &data.rdfa)]
        {
            for (item, value) in items.iter().enumerate() {
                graph.walk(&value.value, method, item, None, DEPTH);
            }
        }
        graph
    }

    fn walk(
        &mut self,
        value: &'a Value,
        method: Method,
        item: usize,
        from: Option<(&'a str, usize)>,
        depth: usize,
    ) {
        if depth == 0 || self.found.len() >= MOST_OBJECTS {
            return;
        }
        match value {
            Value::Array(list) => {
                for entry in list {
                    self.walk(entry, method, item, from, depth - 1);
                }
            }
            Value::Object(map) => {
                let node = Node { map, method, item };
                let mut here = from;
                if node.types().next().is_some() {
                    if let Some(id) = node.id()
                        && map.len() > 2
                    {
                        self.ids.entry(id).or_insert(node);
                    }
                    self.found.push(Found { node, via: from.map(|f| f.0), parent: from.map(|f| f.1) });
                    here = Some(("", self.found.len() - 1));
                }
                for (key, inner) in node.properties() {
                    let via = if key == "@graph" { from } else { here.map(|h| (local(key), h.1)) };
                    self.walk(inner, method, item, via, depth - 1);
                }
            }
            _ => {}
        }
    }

    /// The objects under a property; a bare `@id` is followed within the page.
    pub(crate) fn nodes(&self, node: Node<'a>, property: &str) -> Vec<Node<'a>> {
        fn collect<'a>(graph: &Graph<'a>, node: Node<'a>, value: &'a Value, out: &mut Vec<Node<'a>>) {
            match value {
                Value::Array(list) => list.iter().for_each(|v| collect(graph, node, v, out)),
                Value::Object(map) => {
                    let inner = Node { map, ..node };
                    let full = inner.id().filter(|_| map.len() <= 2).and_then(|id| graph.ids.get(id));
                    out.push(full.copied().unwrap_or(inner));
                }
                _ => {}
            }
        }
        let mut out = Vec::new();
        if let Some(value) = node.get(property) {
            collect(self, node, value, &mut out);
        }
        out
    }
}

/// `http://schema.org/name`, `schema:name`, `name` → `name`.
fn local(key: &str) -> &str {
    let key = key.rsplit(['/', '#']).next().unwrap_or(key);
    key.strip_prefix("schema:").unwrap_or(key)
}

impl<'a> Node<'a> {
    fn properties(&self) -> impl Iterator<Item = (&'a str, &'a Value)> + use<'a> {
        let inner = self.map.get("properties").and_then(Value::as_object);
        let outer = self.map;
        outer
            .iter()
            .filter(move |(k, _)| inner.is_none() || k.as_str() != "properties")
            .chain(inner.into_iter().flat_map(|m| m.iter()))
            .map(|(k, v)| (k.as_str(), v))
    }

    fn id(&self) -> Option<&'a str> {
        self.map.get("@id").or_else(|| self.map.get("id")).and_then(Value::as_str)
    }

    /// Type names without their vocabulary.
    pub(crate) fn types(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        let value = self.map.get("@type").or_else(|| self.map.get("type"));
        let (one, many) = match value {
            Some(Value::String(s)) => (Some(s.as_str()), None),
            Some(Value::Array(list)) => (None, Some(list)),
            _ => (None, None),
        };
        one.into_iter()
            .flat_map(str::split_whitespace)
            .chain(many.into_iter().flatten().filter_map(Value::as_str))
            .map(local)
    }

    pub(crate) fn is(&self, wanted: &[&str]) -> bool {
        self.types().any(|t| wanted.contains(&t))
    }

    /// An organisation of whatever sort.
    pub(crate) fn is_organisation(&self) -> bool {
        self.types().any(|t| {
            t.ends_with("Organization")
                || t.ends_with("Business")
                || t.ends_with("Store")
                || matches!(
                    t,
                    "Corporation"
                        | "NGO"
                        | "Airline"
                        | "Consortium"
                        | "Brand"
                        | "Restaurant"
                        | "ProfessionalService"
                        | "FinancialService"
                        | "LegalService"
                        | "Attorney"
                        | "Dentist"
                        | "Hotel"
                        | "School"
                        | "CollegeOrUniversity"
                        | "RealEstateAgent"
                        | "TravelAgency"
                        | "InsuranceAgency"
                        | "EmploymentAgency"
                        | "Project"
                )
        })
    }

    pub(crate) fn get(&self, property: &str) -> Option<&'a Value> {
        self.properties().find(|(k, _)| *k == property || local(k) == property).map(|(_, v)| v)
    }

    /// The first text of a property: a string, a number, an object's name.
    pub(crate) fn text(&self, property: &str) -> Option<String> {
        self.texts(property).into_iter().next()
    }

    /// All texts of a property.
    pub(crate) fn texts(&self, property: &str) -> Vec<String> {
        let mut out = Vec::new();
        if let Some(value) = self.get(property) {
            // What is only referred to has an address, not a name.
            collect_texts(value, matches!(property, "url" | "sameAs"), &mut out);
        }
        out.retain(|t| !t.is_empty());
        out.truncate(MOST_TEXTS);
        out
    }
}

fn collect_texts(value: &Value, by_id: bool, out: &mut Vec<String>) {
    match value {
        Value::String(s) => out.push(squeeze(s)),
        Value::Number(n) => out.push(n.to_string()),
        Value::Array(list) => list.iter().take(MOST_TEXTS).for_each(|v| collect_texts(v, by_id, out)),
        Value::Object(map) => {
            let inner = map.get("properties").and_then(Value::as_object).unwrap_or(map);
            for key in ["@value", "name", "http://schema.org/name", "https://schema.org/name", "value", "@id"]
            {
                if let Some(v) = inner.get(key).filter(|_| key != "@id" || by_id) {
                    collect_texts(v, by_id, out);
                    return;
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use domain::document::DataItem;
    use serde_json::json;

    use super::*;
    use crate::testing::page;

    #[test]
    fn three_notations_read_the_same() {
        let mut content = page("x").1;
        let item = |value| DataItem { value, start: 0, end: 0 };
        content
            .data
            .jsonld
            .push(item(json!({"@graph": [{"@type": "Person", "@id": "#m", "name": "A", "age": 3}]})));
        content
            .data
            .microdata
            .push(item(json!({"type": ["https://schema.org/Person"], "properties": {"name": "B"}})));
        content.data.rdfa.push(item(
            json!({"@type": ["http://schema.org/Person"], "http://schema.org/name": [{"@value": "C"}]}),
        ));
        let graph = Graph::of(&content);
        let names: Vec<_> =
            graph.found.iter().map(|f| (f.node.is(&["Person"]), f.node.text("name").unwrap())).collect();
        assert_eq!(names, [(true, "A".to_owned()), (true, "B".to_owned()), (true, "C".to_owned())]);
        assert!(graph.found.iter().all(|f| f.via.is_none()));
    }

    #[test]
    fn objects_and_texts_without_end_are_cut() {
        let mut content = page("x").1;
        let inner = json!({"@type": "Person", "sameAs": vec!["https://x.example"; 5_000]});
        let value = json!({"@type": "ItemList", "itemListElement": vec![inner; MOST_OBJECTS]});
        content.data.jsonld.push(DataItem { value, start: 0, end: 0 });
        let graph = Graph::of(&content);
        assert_eq!(graph.found.len(), MOST_OBJECTS);
        assert_eq!(graph.found[1].node.texts("sameAs").len(), MOST_TEXTS);
    }

    #[test]
    fn a_reference_is_followed_within_the_page() {
        let mut content = page("x").1;
        content.data.jsonld.push(DataItem {
            value: json!([
                {"@type": "Person", "name": "A", "worksFor": {"@id": "#org"}},
                {"@type": "Organization", "@id": "#org", "name": "Acme"}
            ]),
            start: 0,
            end: 0,
        });
        let graph = Graph::of(&content);
        let works = graph.nodes(graph.found[0].node, "worksFor");
        assert_eq!(works[0].text("name").as_deref(), Some("Acme"));
    }
}
