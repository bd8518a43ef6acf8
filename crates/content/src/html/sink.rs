//! What html5ever builds into: the arena, and a note of where the tags stood.

use std::borrow::Cow;
use std::cell::{Cell, RefCell};

use html5ever::interface::{ElemName, ElementFlags, NodeOrText, QuirksMode, TreeSink};
use html5ever::tendril::StrTendril;
use html5ever::{Attribute, LocalName, Namespace, QualName};

use super::tree::{Element, Id, Kind, NONE, Node, ROOT};

/// The arena while it grows.
#[derive(Debug)]
pub(super) struct Arena<'t> {
    pub(super) nodes: RefCell<Vec<Node>>,
    /// The depth of the parent of the node put in last.
    pub(super) depth: Cell<u32>,
    /// All text fed to the tokenizer.
    pub(super) source: &'t str,
    /// How much of it was fed, and where the last tag or comment ended.
    pub(super) fed: Cell<usize>,
    pub(super) last: Cell<usize>,
    /// The tag being processed.
    pub(super) current: RefCell<Current>,
}

/// The tag being processed: its element gets its place.
#[derive(Debug, Default)]
pub(super) struct Current {
    pub(super) name: Option<LocalName>,
    pub(super) open: Option<(u32, u32)>,
    /// The element that got the place so far: of several made for one tag, the last is its own.
    pub(super) made: Option<Id>,
}

#[derive(Debug)]
pub(super) struct Name(QualName);

impl ElemName for Name {
    fn ns(&self) -> &Namespace {
        &self.0.ns
    }

    fn local_name(&self) -> &LocalName {
        &self.0.local
    }
}

impl<'t> Arena<'t> {
    pub(super) fn new(source: &'t str) -> Self {
        let nodes = Vec::with_capacity(source.len() / 24 + 16);
        let arena = Self {
            nodes: RefCell::new(nodes),
            depth: Cell::new(0),
            source,
            fed: Cell::new(0),
            last: Cell::new(0),
            current: RefCell::default(),
        };
        arena.push(Kind::Other);
        arena
    }

    /// Notes where an element's end tag stands.
    pub(super) fn close(&self, id: Id, close: Option<(u32, u32)>) {
        self.edit(id, |node| {
            if let Kind::Element(element) = &mut node.kind {
                element.close = close;
            }
        });
    }

    pub(super) fn len(&self) -> usize {
        self.nodes.borrow().len()
    }

    fn push(&self, kind: Kind) -> Id {
        let mut nodes = self.nodes.borrow_mut();
        let id = Id::try_from(nodes.len()).unwrap_or(NONE);
        nodes.push(Node { parent: NONE, first: NONE, last: NONE, prev: NONE, next: NONE, depth: 0, kind });
        id
    }

    fn edit<R>(&self, id: Id, edit: impl FnOnce(&mut Node) -> R) -> Option<R> {
        self.nodes.borrow_mut().get_mut(id as usize).map(edit)
    }

    fn read<R>(&self, id: Id, read: impl FnOnce(&Node) -> R) -> Option<R> {
        self.nodes.borrow().get(id as usize).map(read)
    }

    fn unlink(&self, id: Id) {
        let Some((parent, prev, next)) = self.read(id, |node| (node.parent, node.prev, node.next)) else {
            return;
        };
        if parent == NONE {
            return;
        }
        if self.edit(prev, |node| node.next = next).is_none() {
            self.edit(parent, |node| node.first = next);
        }
        if self.edit(next, |node| node.prev = prev).is_none() {
            self.edit(parent, |node| node.last = prev);
        }
        self.edit(id, |node| (node.parent, node.prev, node.next) = (NONE, NONE, NONE));
    }

    /// Puts `id` under `parent` behind `prev` (at the front if `prev` is none).
    fn link(&self, parent: Id, prev: Id, id: Id) {
        let depth = self.read(parent, |node| node.depth).unwrap_or(0);
        let next = if prev == NONE {
            self.read(parent, |node| node.first)
        } else {
            self.read(prev, |node| node.next)
        };
        let next = next.unwrap_or(NONE);
        self.edit(id, |node| {
            (node.parent, node.prev, node.next, node.depth) = (parent, prev, next, depth + 1);
        });
        if self.edit(prev, |node| node.next = id).is_none() {
            self.edit(parent, |node| node.first = id);
        }
        if self.edit(next, |node| node.prev = id).is_none() {
            self.edit(parent, |node| node.last = id);
        }
        self.depth.set(depth);
    }

    /// Puts a node or text under `parent` behind `prev`; text next to text is joined.
    fn insert(&self, parent: Id, prev: Id, child: NodeOrText<Id>) {
        match child {
            NodeOrText::AppendNode(id) => {
                self.unlink(id);
                self.link(parent, prev, id);
            }
            NodeOrText::AppendText(text) => {
                let joined = self.edit(prev, |node| match &mut node.kind {
                    Kind::Text(before) => {
                        before.push_tendril(&text);
                        true
                    }
                    _ => false,
                });
                if joined != Some(true) {
                    let id = self.push(Kind::Text(text));
                    self.link(parent, prev, id);
                }
            }
        }
    }
}

impl TreeSink for Arena<'_> {
    type Handle = Id;
    type Output = Self;
    type ElemName<'a>
        = Name
    where
        Self: 'a;

    fn finish(self) -> Self {
        self
    }

    fn parse_error(&self, _message: Cow<'static, str>) {}

    fn get_document(&self) -> Id {
        ROOT
    }

    fn elem_name(&self, target: &Id) -> Name {
        let name = self.read(*target, |node| match &node.kind {
            Kind::Element(element) => Some(element.name.clone()),
            _ => None,
        });
        Name(name.flatten().unwrap_or_else(|| QualName::new(None, html5ever::ns!(), LocalName::from(""))))
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> Id {
        let contents = if flags.template { self.push(Kind::Other) } else { NONE };
        let mut current = self.current.borrow_mut();
        let own = current.open.is_some() && current.name.as_ref() == Some(&name.local);
        let annotation = flags.mathml_annotation_xml_integration_point;
        let open = current.open.filter(|_| own);
        let id = self.push(Kind::Element(Element { name, attrs, open, close: None, contents, annotation }));
        if own && let Some(before) = current.made.replace(id) {
            self.edit(before, |node| {
                if let Kind::Element(element) = &mut node.kind {
                    element.open = None;
                }
            });
        }
        id
    }

    fn create_comment(&self, _text: StrTendril) -> Id {
        self.push(Kind::Other)
    }

    fn create_pi(&self, _target: StrTendril, _data: StrTendril) -> Id {
        self.push(Kind::Other)
    }

    fn append(&self, parent: &Id, child: NodeOrText<Id>) {
        let last = self.read(*parent, |node| node.last).unwrap_or(NONE);
        self.insert(*parent, last, child);
    }

    fn append_based_on_parent_node(&self, element: &Id, prev_element: &Id, child: NodeOrText<Id>) {
        if self.read(*element, |node| node.parent != NONE) == Some(true) {
            self.append_before_sibling(element, child);
        } else {
            self.append(prev_element, child);
        }
    }

    fn append_doctype_to_document(&self, _name: StrTendril, _public_id: StrTendril, _system_id: StrTendril) {}

    fn get_template_contents(&self, target: &Id) -> Id {
        let contents = self.read(*target, |node| match &node.kind {
            Kind::Element(element) => element.contents,
            _ => NONE,
        });
        contents.filter(|id| *id != NONE).unwrap_or(ROOT)
    }

    fn same_node(&self, x: &Id, y: &Id) -> bool {
        x == y
    }

    fn set_quirks_mode(&self, _mode: QuirksMode) {}

    fn append_before_sibling(&self, sibling: &Id, new_node: NodeOrText<Id>) {
        if let NodeOrText::AppendNode(id) = &new_node {
            self.unlink(*id);
        }
        let Some((parent, prev)) = self.read(*sibling, |node| (node.parent, node.prev)) else { return };
        if parent != NONE {
            self.insert(parent, prev, new_node);
        }
    }

    fn add_attrs_if_missing(&self, target: &Id, attrs: Vec<Attribute>) {
        self.edit(*target, |node| {
            if let Kind::Element(element) = &mut node.kind {
                for attr in attrs {
                    if !element.attrs.iter().any(|known| known.name == attr.name) {
                        element.attrs.push(attr);
                    }
                }
            }
        });
    }

    fn remove_from_parent(&self, target: &Id) {
        self.unlink(*target);
    }

    fn reparent_children(&self, node: &Id, new_parent: &Id) {
        while let Some(child) = self.read(*node, |node| node.first).filter(|id| *id != NONE) {
            self.unlink(child);
            let last = self.read(*new_parent, |node| node.last).unwrap_or(NONE);
            self.link(*new_parent, last, child);
        }
    }

    fn is_mathml_annotation_xml_integration_point(&self, handle: &Id) -> bool {
        self.read(*handle, |node| matches!(&node.kind, Kind::Element(element) if element.annotation))
            .unwrap_or(false)
    }
}
