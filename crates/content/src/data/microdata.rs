//! Microdata (HTML Standard, chapter 5), in the shape of JSON-LD: `{"@context", "@type", "@id", property: value}`.

use std::collections::{HashMap, HashSet};

use domain::document::DataItem;
use serde_json::{Map, Value};
use url::Url;

use super::{Budget, add, place, property_value, short};
use crate::charset::Decoded;
use crate::html::tree::{Id, ROOT, Tree};

const MOST_DEPTH: usize = 16;

pub(super) fn read(tree: &Tree, source: &Decoded<'_>, base: Option<&Url>) -> Vec<DataItem> {
    let tops: Vec<Id> = tree
        .elements(ROOT)
        .filter(|id| tree.has_attr(*id, "itemscope") && !tree.has_attr(*id, "itemprop"))
        .collect();
    if tops.is_empty() {
        return Vec::new();
    }
    let mut reader = Reader { tree, base, ids: ids(tree), budget: Budget::PAGE };
    let mut items = Vec::new();
    for top in tops {
        if reader.budget.items == 0 {
            break;
        }
        let (start, end) = place(tree, top, source);
        let value = Value::Object(reader.item(top, &mut HashSet::new(), 0));
        items.push(DataItem { value, start, end });
    }
    items
}

/// Elements that `itemref` can name; only pages that use it pay for the table.
fn ids(tree: &Tree) -> HashMap<&str, Id> {
    let uses = tree.elements(ROOT).any(|id| tree.has_attr(id, "itemref"));
    if !uses {
        return HashMap::new();
    }
    let mut ids = HashMap::new();
    for id in tree.elements(ROOT) {
        if let Some(name) = tree.attr_text(id, "id") {
            ids.entry(name).or_insert(id);
        }
    }
    ids
}

struct Reader<'t> {
    tree: &'t Tree,
    base: Option<&'t Url>,
    ids: HashMap<&'t str, Id>,
    budget: Budget,
}

impl Reader<'_> {
    fn item(&mut self, id: Id, open: &mut HashSet<Id>, depth: usize) -> Map<String, Value> {
        self.budget.items = self.budget.items.saturating_sub(1);
        let mut object = Map::new();
        self.head(id, &mut object);
        if depth >= MOST_DEPTH || self.budget.items == 0 || !open.insert(id) {
            return object;
        }
        let refs = self.tree.attr(id, "itemref").unwrap_or_default();
        let referred: Vec<Id> =
            refs.split_whitespace().filter_map(|name| self.ids.get(name).copied()).collect();
        for root in std::iter::once(id).chain(referred) {
            self.properties(root, id, &mut object, open, depth);
        }
        open.remove(&id);
        object
    }

    fn head(&self, id: Id, object: &mut Map<String, Value>) {
        let kinds: Vec<&str> =
            self.tree.attr(id, "itemtype").unwrap_or_default().split_whitespace().collect();
        if let Some(vocabulary) =
            kinds.first().and_then(|kind| kind.strip_suffix(short(kind))).filter(|v| !v.is_empty())
        {
            object.insert("@context".to_owned(), Value::from(vocabulary.trim_end_matches(['/', '#'])));
        }
        let names: Vec<Value> = kinds.iter().map(|kind| Value::from(short(kind))).collect();
        match names.as_slice() {
            [] => {}
            [one] => {
                object.insert("@type".to_owned(), one.clone());
            }
            _ => {
                object.insert("@type".to_owned(), Value::Array(names));
            }
        }
        if let Some(itemid) = self.tree.attr_text(id, "itemid") {
            object.insert("@id".to_owned(), Value::from(itemid));
        }
    }

    /// Adds the properties under `root`, those inside of inner items left to them.
    fn properties(
        &mut self,
        root: Id,
        item: Id,
        object: &mut Map<String, Value>,
        open: &mut HashSet<Id>,
        depth: usize,
    ) {
        let tree = self.tree;
        let mut walk = tree.walk(root);
        while let Some(step) = walk.next() {
            let crate::html::tree::Step::Enter(id) = step else { continue };
            if id == item || tree.element(id).is_none() {
                continue;
            }
            let scoped = tree.has_attr(id, "itemscope");
            if let Some(names) = tree.attr_text(id, "itemprop") {
                let value = if scoped {
                    Value::Object(self.item(id, open, depth + 1))
                } else {
                    Value::from(property_value(tree, id, self.base, &mut self.budget))
                };
                // An item is kept under its first name only: each further one would double what is inside.
                let most = if scoped { 1 } else { 4 };
                for name in names.split_whitespace().take(most) {
                    add(object, short(name), value.clone());
                }
            }
            if scoped && id != root {
                walk.pass(id);
            } else if scoped {
                break;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::html::parse::parse;

    fn items(html: &str) -> Vec<DataItem> {
        let source = crate::charset::decode(html.as_bytes(), None, true);
        read(&parse(html), &source, Url::parse("https://a.example/p").ok().as_ref())
    }

    #[test]
    fn items_nest_repeat_and_know_their_place() {
        let html = "<div itemscope itemtype='https://schema.org/Organization'><h1 itemprop=name>Brightwater  Pumps</h1>\
            <a itemprop=url href='/home'>x</a><img itemprop=logo src=l.png><meta itemprop=foundingDate content=2014>\
            <div itemprop=address itemscope itemtype=http://schema.org/PostalAddress><span itemprop=postalCode>LS1</span></div>\
            <p itemprop=telephone>1</p><p itemprop=telephone>2</p></div>";
        let found = items(html);
        assert_eq!(
            found[0].value,
            json!({"@context": "https://schema.org", "@type": "Organization", "name": "Brightwater Pumps",
                "url": "https://a.example/home", "logo": "https://a.example/l.png", "foundingDate": "2014",
                "address": {"@context": "http://schema.org", "@type": "PostalAddress", "postalCode": "LS1"},
                "telephone": ["1", "2"]})
        );
        assert_eq!((found[0].start, found[0].end), (0, html.len() as u64));
        assert_eq!(found.len(), 1);
    }

    #[test]
    fn references_are_followed_but_not_in_circles() {
        let html = "<div itemscope itemtype=http://schema.org/Person itemref='a b'></div>\
            <p id=a><b itemprop=name>Mara</b></p><div id=b itemprop=knows itemscope itemref='a b'></div>";
        let found = items(html);
        assert_eq!(found[0].value["name"], "Mara");
        assert_eq!(found[0].value["knows"]["name"], "Mara");
    }

    #[test]
    fn items_without_end_are_bounded() {
        let html = format!("<div itemscope>{}", "<div itemprop=a itemscope itemref=x id=x>".repeat(300));
        assert!(!items(&html).is_empty());
    }
}
