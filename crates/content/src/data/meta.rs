//! `<meta>`: OpenGraph by property, everything else by name.

use crate::html::tree::{ROOT, Tree};
use crate::words;

/// Pairs of one page, and the length of one value.
const MOST_PAIRS: usize = 500;
const MOST_VALUE_CHARS: usize = 5_000;

/// Prefixes of properties that are OpenGraph or its relatives.
const GRAPH: &[&str] = &[
    "og:",
    "article:",
    "product:",
    "book:",
    "profile:",
    "video:",
    "music:",
    "business:",
    "place:",
    "fb:",
    "al:",
    "books:",
    "restaurant:",
];

type Pairs = Vec<(String, String)>;

/// OpenGraph pairs and all others, in the order of the page.
pub(super) fn read(tree: &Tree) -> (Pairs, Pairs) {
    let (mut graph, mut meta) = (Vec::new(), Vec::new());
    for id in tree.elements(ROOT).filter(|id| tree.tag(*id) == "meta") {
        let Some(content) = tree.attr(id, "content") else { continue };
        let content: String = words::fold(content).chars().take(MOST_VALUE_CHARS).collect();
        let name =
            ["property", "name", "http-equiv", "itemprop"].iter().find_map(|key| tree.attr_text(id, key));
        let Some(name) = name.map(str::to_lowercase) else { continue };
        let pairs = if GRAPH.iter().any(|prefix| name.starts_with(prefix)) { &mut graph } else { &mut meta };
        if !content.is_empty() && pairs.len() < MOST_PAIRS {
            pairs.push((name, content));
        }
    }
    (graph, meta)
}
