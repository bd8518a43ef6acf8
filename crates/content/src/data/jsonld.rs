//! JSON-LD: each script an item (of a list: each of its members), with the place of the script's text in the bytes.

use domain::document::DataItem;
use serde_json::Value;

use super::repair::repair;
use crate::charset::Decoded;
use crate::html::tree::{Id, ROOT, Tree};

/// Items of one page, those that stand together in a `@graph` counted one by one.
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
    let mut left = MOST_ITEMS;
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
        let values = match parse(&text) {
            Ok(Value::Array(values)) => values,
            Ok(value) => vec![value],
            Err(error) => {
                warnings.push(format!("JSON-LD {}: {error}", number + 1));
                continue;
            }
        };
        for mut value in values {
            let Some(rest) = left.checked_sub(1) else { break };
            left = shorten(&mut value, rest);
            items.push(DataItem { value, start, end });
        }
        if left == 0 {
            warnings.push(format!("JSON-LD: no more than {MOST_ITEMS} items were read"));
            break;
        }
    }
    items
}

/// Cuts the graphs of an item to what may still be read, and says what is left then.
fn shorten(value: &mut Value, mut left: usize) -> usize {
    if let Some(Value::Array(graph)) = value.get_mut("@graph") {
        graph.truncate(left);
        left -= graph.len();
        for inner in graph {
            left = shorten(inner, left);
        }
    }
    left
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_graph_is_cut_to_what_may_still_be_read() {
        let mut value = json!({"@graph": [1, {"@graph": [2, 3, 4]}, 5]});
        assert_eq!(shorten(&mut value, 10), 4);
        assert_eq!(value, json!({"@graph": [1, {"@graph": [2, 3, 4]}, 5]}));
        assert_eq!(shorten(&mut value, 4), 0);
        assert_eq!(value, json!({"@graph": [1, {"@graph": [2]}, 5]}));
        assert_eq!(shorten(&mut value, 1), 0);
        assert_eq!(value, json!({"@graph": [1]}));
    }
}
