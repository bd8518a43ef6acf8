//! Where in a page a structured value stands, word for word.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use domain::document::DataItem;

use super::node::Node;
use crate::mention::{Method, Spot};
use crate::page::Page;
use crate::raw::{self, json::Places};

/// Bytes of a page that are searched for the values of its objects, every time counted.
const MOST_SEARCHED_BYTES: usize = 256 << 20;

/// Quotes for the values of one page's objects: the raw bytes first, the visible text else.
#[derive(Debug)]
pub(crate) struct Quotes<'p, 'a> {
    page: &'p Page<'a>,
    /// JSON texts are scanned once.
    places: RefCell<HashMap<usize, Rc<Places>>>,
    /// Bytes that may still be searched.
    left: Cell<usize>,
}

impl<'p, 'a> Quotes<'p, 'a> {
    pub(crate) fn new(page: &'p Page<'a>) -> Self {
        Self { page, places: RefCell::new(HashMap::new()), left: Cell::new(MOST_SEARCHED_BYTES) }
    }

    /// The spot of `key: value` in the node's item.
    pub(crate) fn spot(&self, node: Node<'_>, key: &str, value: &str) -> Option<Spot> {
        self.pair(node, (key, value), None)
    }

    /// One spot that holds two properties of an object where they stand close together, else the first's.
    pub(crate) fn pair(
        &self,
        node: Node<'_>,
        first: (&str, &str),
        second: Option<(&str, &str)>,
    ) -> Option<Spot> {
        self.in_source(node, first, second).or_else(|| {
            self.pay(self.page.text().len())?;
            let at = self.page.find(first.1)?;
            self.page.spot(at, node.method)
        })
    }

    /// Takes the bytes of a search from what may still be searched; none when too little is left.
    fn pay(&self, bytes: usize) -> Option<()> {
        self.left.set(self.left.get().checked_sub(bytes)?);
        Some(())
    }

    fn in_source(&self, node: Node<'_>, first: (&str, &str), second: Option<(&str, &str)>) -> Option<Spot> {
        let item = self.item(node)?;
        if node.method != Method::Jsonld {
            self.pay(usize::try_from(item.end.saturating_sub(item.start)).ok()?)?;
            let (start, end) = raw::find(self.page.raw?, item.start, item.end, first.1)?;
            return self.page.raw_spot(start, end, node.method);
        }
        let places = self.places(node.item, item)?;
        let (mut start, mut end) = places.find(first.0, first.1).or_else(|| places.value(first.1))?;
        if let Some((key, value)) = second
            && let Some((s, e)) = places.near(key, value, (start, end))
            && e.max(end) - s.min(start) <= 400
        {
            (start, end) = (s.min(start), e.max(end));
        }
        self.page.raw_spot(item.start + start as u64, item.start + end as u64, node.method)
    }

    fn item(&self, node: Node<'_>) -> Option<&'a DataItem> {
        let data = &self.page.content.data;
        match node.method {
            Method::Jsonld => &data.jsonld,
            Method::Microdata => &data.microdata,
            _ => &data.rdfa,
        }
        .get(node.item)
    }

    fn places(&self, number: usize, item: &DataItem) -> Option<Rc<Places>> {
        if let Some(known) = self.places.borrow().get(&number) {
            return Some(Rc::clone(known));
        }
        let text = raw::text(self.page.raw?, item.start, item.end)?;
        let places = Rc::new(Places::of(text));
        self.places.borrow_mut().insert(number, Rc::clone(&places));
        Some(places)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::Source;
    use crate::scan::Scan;
    use crate::stop::Stop;
    use crate::structured::node::Graph;
    use crate::testing::{know, page};

    #[test]
    fn a_page_is_not_searched_without_end() {
        let (document, mut content) = page(&format!("Mara Lind {}", "x".repeat(1 << 20)));
        let value = json!({"@type": "Person", "name": "Mara Lind"});
        content.data.jsonld.push(DataItem { value, start: 0, end: 0 });
        let scan = Scan::new(&know().lexicon, &content.text);
        let from = Source { document: &document, content: &content, raw: None };
        let page = Page::new(0, from, scan, None, 300, Stop::NEVER);
        let (quotes, graph) = (Quotes::new(&page), Graph::of(&content));
        let found = (0..1_000).filter(|_| quotes.spot(graph.found[0].node, "name", "Mara Lind").is_some());
        assert_eq!(found.count(), MOST_SEARCHED_BYTES / content.text.len());
    }
}
