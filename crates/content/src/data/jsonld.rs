//! JSON-LD: each script an item (of a list: each of its members), with the place of the script's text in the bytes.

use domain::document::DataItem;
use serde_json::Value;

use super::repair::repair;
use crate::charset::Decoded;
use crate::html::tree::{Id, ROOT, Tree};

/// Items of one page.
const MOST_ITEMS: usize = 500;
/// A script's text.
const MOST_BYTES: usize = 2 << 20;

/// Whether an element is a JSON-LD script.
pub(crate) fn is_jsonld(tree: &Tree, id: Id) -> bool {
    tree.tag(id) == "script"
        && tree.attr(id, "type").is_some_and(|kind| {
            kind.split(';').next().is_some_and(|kind| kind.trim().eq_ignore_ascii_case("application/ld+json"))
        })
}

pub(super) fn read(tree: &Tree, source: &Decoded<'_>, warnings: &mut Vec<String>) -> Vec<DataItem> {
    let mut items = Vec::new();
    for (number, id) in tree.elements(ROOT).filter(|id| is_jsonld(tree, *id)).enumerate() {
        let text = tree.raw_text(id);
        if text.trim().is_empty() {
            continue;
        }
        if text.len() > MOST_BYTES {
            warnings.push(format!("JSON-LD {}: more than {MOST_BYTES} bytes", number + 1));
            continue;
        }
        let (start, end) = inner_place(tree, id, source);
        match parse(&text) {
            Ok(Value::Array(values)) => {
                items.extend(values.into_iter().map(|value| DataItem { value, start, end }));
            }
            Ok(value) => items.push(DataItem { value, start, end }),
            Err(error) => warnings.push(format!("JSON-LD {}: {error}", number + 1)),
        }
        if items.len() >= MOST_ITEMS {
            items.truncate(MOST_ITEMS);
            break;
        }
    }
    items
}

/// Parses as written, else as repaired.
pub(crate) fn parse(text: &str) -> Result<Value, serde_json::Error> {
    serde_json::from_str(text).or_else(|error| serde_json::from_str(&repair(text)).map_err(|_| error))
}

/// Where a script's text stands in the raw bytes.
fn inner_place(tree: &Tree, id: Id, source: &Decoded<'_>) -> (u64, u64) {
    let range = tree.element(id).and_then(|element| {
        let ((_, start), (end, _)) = (element.open?, element.close?);
        Some((source.raw_offset(start as usize)?, source.raw_offset(end as usize)?))
    });
    range.unwrap_or_default()
}
