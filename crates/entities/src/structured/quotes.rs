//! Where in a page a structured value stands, word for word.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::Rc;

use domain::document::DataItem;

use super::node::Node;
use crate::mention::{Method, Spot};
use crate::page::Page;
use crate::raw::{self, json::Places};

/// Quotes for the values of one page's objects: the raw bytes first, the visible text else.
#[derive(Debug)]
pub(crate) struct Quotes<'p, 'a> {
    page: &'p Page<'a>,
    /// JSON texts are scanned once.
    places: RefCell<HashMap<usize, Rc<Places>>>,
}

impl<'p, 'a> Quotes<'p, 'a> {
    pub(crate) fn new(page: &'p Page<'a>) -> Self {
        Self { page, places: RefCell::new(HashMap::new()) }
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
            let at = self.page.find(first.1)?;
            self.page.spot(at, node.method)
        })
    }

    fn in_source(&self, node: Node<'_>, first: (&str, &str), second: Option<(&str, &str)>) -> Option<Spot> {
        let item = self.item(node)?;
        if node.method != Method::Jsonld {
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
