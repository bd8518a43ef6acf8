//! What a page says in structured form: JSON-LD, microdata, RDFa, OpenGraph, meta.

pub(crate) mod jsonld;
pub(crate) mod meta;
pub(crate) mod microdata;
pub(crate) mod rdfa;
mod repair;

use domain::document::Data;
use serde_json::Value;
use url::Url;

use crate::charset::Decoded;
use crate::html::tree::{Id, Tree};

/// Reads everything structured; what is broken becomes a warning.
pub(crate) fn read(
    tree: &Tree,
    source: &Decoded<'_>,
    base: Option<&Url>,
    warnings: &mut Vec<String>,
) -> Data {
    let (opengraph, meta) = meta::read(tree);
    Data {
        jsonld: jsonld::read(tree, source, warnings),
        microdata: microdata::read(tree, source, base),
        rdfa: rdfa::read(tree, source, base),
        opengraph,
        meta,
    }
}

/// Where an element stands in the raw bytes, `(0, 0)` where that is not certain.
fn place(tree: &Tree, id: Id, source: &Decoded<'_>) -> (u64, u64) {
    let range = tree.element(id).and_then(|element| {
        let (start, open_end) = element.open?;
        let end = element.close.map_or(open_end, |(_, end)| end);
        Some((source.raw_offset(start as usize)?, source.raw_offset(end as usize)?))
    });
    range.unwrap_or_default()
}

/// Adds a property; one that is there already becomes a list.
fn add(object: &mut serde_json::Map<String, Value>, name: &str, value: Value) {
    match object.get_mut(name) {
        None => {
            object.insert(name.to_owned(), value);
        }
        Some(Value::Array(values)) => values.push(value),
        Some(single) => {
            let first = single.take();
            *single = Value::Array(vec![first, value]);
        }
    }
}

/// The last part of a type or property: `https://schema.org/Person` and `schema:Person` are `Person`.
fn short(name: &str) -> &str {
    name.rsplit(['/', '#', ':']).find(|part| !part.is_empty()).unwrap_or(name)
}

/// The value that an element gives a property, after the HTML Standard's microdata rules; `content` wins everywhere,
/// as search engines read it.
fn property_value(tree: &Tree, id: Id, base: Option<&Url>, budget: &mut Budget) -> String {
    let value = full_value(tree, id, base, budget.bytes.min(MOST_VALUE_BYTES));
    budget.bytes = budget.bytes.saturating_sub(value.len());
    value
}

fn full_value(tree: &Tree, id: Id, base: Option<&Url>, limit: usize) -> String {
    if limit == 0 {
        return String::new();
    }
    if let Some(content) = tree.attr(id, "content") {
        return crate::words::fold(content);
    }
    let address = |name: &str| {
        let written = tree.attr(id, name).unwrap_or_default();
        crate::links::resolve(written, base).map_or_else(|| written.trim().to_owned(), String::from)
    };
    let attribute = |name: &str| tree.attr(id, name).map(crate::words::fold);
    let text = || tree.inner_text(id, limit);
    match tree.tag(id) {
        "audio" | "embed" | "iframe" | "img" | "source" | "track" | "video" => address("src"),
        "a" | "area" | "link" => address("href"),
        "object" => address("data"),
        "data" | "meter" => attribute("value").unwrap_or_else(text),
        "time" => attribute("datetime").unwrap_or_else(text),
        _ => text(),
    }
}

/// A property's text is cut here.
const MOST_VALUE_BYTES: usize = 20_000;

/// What may still be read of one page: items can refer to each other and stand in each other without end.
#[derive(Debug)]
struct Budget {
    items: usize,
    bytes: usize,
}

impl Budget {
    const PAGE: Self = Self { items: 500, bytes: 4 << 20 };
}
