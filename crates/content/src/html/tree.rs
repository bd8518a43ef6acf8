//! The parsed page: an arena of nodes. Dropping it is dropping two vectors, however deep the page nests.

use html5ever::tendril::StrTendril;
use html5ever::{Attribute, QualName};

/// A node's place in the arena.
pub(crate) type Id = u32;

/// The document node.
pub(crate) const ROOT: Id = 0;
pub(super) const NONE: Id = u32::MAX;

#[derive(Debug)]
pub(crate) struct Node {
    pub(super) parent: Id,
    pub(super) first: Id,
    pub(super) last: Id,
    pub(super) prev: Id,
    pub(super) next: Id,
    pub(super) depth: u32,
    pub(super) kind: Kind,
}

#[derive(Debug)]
pub(crate) enum Kind {
    /// The document, a template's contents, comments: no text, no tag.
    Other,
    Element(Element),
    Text(StrTendril),
}

#[derive(Debug)]
pub(crate) struct Element {
    pub(super) name: QualName,
    pub(super) attrs: Vec<Attribute>,
    /// Where the start tag stands in the decoded text; only of elements whose place is asked for, and only if certain.
    pub(crate) open: Option<(u32, u32)>,
    /// Where its end tag begins and ends (equal where there is none).
    pub(crate) close: Option<(u32, u32)>,
    /// Of a `<template>`: the node that holds its contents.
    pub(super) contents: Id,
    pub(super) annotation: bool,
}

/// A parsed page.
#[derive(Debug)]
pub(crate) struct Tree {
    pub(super) nodes: Vec<Node>,
    /// A guard cut something: too deep, too many nodes, too many attributes.
    pub(crate) cut: bool,
}

impl Tree {
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    fn node(&self, id: Id) -> Option<&Node> {
        self.nodes.get(id as usize)
    }

    pub(crate) fn element(&self, id: Id) -> Option<&Element> {
        match &self.node(id)?.kind {
            Kind::Element(element) => Some(element),
            _ => None,
        }
    }

    /// The text of a text node.
    pub(crate) fn text(&self, id: Id) -> Option<&str> {
        match &self.node(id)?.kind {
            Kind::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The tag name, lower case; empty for what is no element.
    pub(crate) fn tag(&self, id: Id) -> &str {
        self.element(id).map_or("", |element| &element.name.local)
    }

    pub(crate) fn attr(&self, id: Id, name: &str) -> Option<&str> {
        self.element(id)?.attrs.iter().find(|attr| &*attr.name.local == name).map(|attr| &*attr.value)
    }

    /// All attributes of an element, in order.
    pub(crate) fn attributes(&self, id: Id) -> impl Iterator<Item = (&str, &str)> {
        let attrs = self.element(id).map(|element| element.attrs.iter()).into_iter().flatten();
        attrs.map(|attr| (&*attr.name.local, &*attr.value))
    }

    /// The attribute, folded at its ends; `None` when blank.
    pub(crate) fn attr_text(&self, id: Id, name: &str) -> Option<&str> {
        self.attr(id, name).map(str::trim).filter(|value| !value.is_empty())
    }

    pub(crate) fn has_attr(&self, id: Id, name: &str) -> bool {
        self.attr(id, name).is_some()
    }

    pub(crate) fn parent(&self, id: Id) -> Option<Id> {
        self.node(id).map(|node| node.parent).filter(|id| *id != NONE)
    }

    pub(crate) fn ancestors(&self, id: Id) -> impl Iterator<Item = Id> {
        std::iter::successors(self.parent(id), |id| self.parent(*id))
    }

    pub(crate) fn children(&self, id: Id) -> impl Iterator<Item = Id> {
        let first = self.node(id).map(|node| node.first).filter(|id| *id != NONE);
        std::iter::successors(first, |id| self.node(*id).map(|node| node.next).filter(|id| *id != NONE))
    }

    pub(crate) fn child_elements(&self, id: Id) -> impl Iterator<Item = Id> {
        self.children(id).filter(|id| self.element(*id).is_some())
    }

    /// Whether text that is not blank stands directly before or behind a node.
    pub(crate) fn is_beside_text(&self, id: Id) -> bool {
        let Some(node) = self.node(id) else { return false };
        let has_text = |id: Id| self.text(id).is_some_and(|text| !text.trim().is_empty());
        has_text(node.prev) || has_text(node.next)
    }

    /// The node that holds a template's contents.
    pub(crate) fn template_contents(&self, id: Id) -> Option<Id> {
        self.element(id).map(|element| element.contents).filter(|id| *id != NONE)
    }

    /// Everything under `root` in document order, entering and leaving elements.
    pub(crate) fn walk(&self, root: Id) -> Walk<'_> {
        Walk { tree: self, root, next: Some(Step::Enter(root)) }
    }

    /// Elements under `root` (itself included) in document order.
    pub(crate) fn elements(&self, root: Id) -> impl Iterator<Item = Id> {
        self.walk(root).filter_map(|step| match step {
            Step::Enter(id) if self.element(id).is_some() => Some(id),
            _ => None,
        })
    }

    /// The first element of a name under the document.
    pub(crate) fn first(&self, tag: &str) -> Option<Id> {
        self.elements(ROOT).find(|id| self.tag(*id) == tag)
    }

    /// The raw text under a node, scripts and styles left out, a space where elements meet.
    pub(crate) fn inner_text(&self, root: Id, limit: usize) -> String {
        let mut out = String::new();
        let mut walk = self.walk(root);
        while let Some(step) = walk.next() {
            let (Step::Enter(id) | Step::Leave(id)) = step;
            if let Some(text) = self.text(id) {
                out.push_str(text);
            } else if step == Step::Enter(id) && id != root && is_unread(self.tag(id)) {
                walk.pass(id);
            } else if !is_phrasing(self.tag(id)) && !out.ends_with(' ') {
                out.push(' ');
            }
            if out.len() > limit {
                break;
            }
        }
        crate::words::fold(&out)
    }

    /// The text of a raw-text element (`script`, `style`, `title`): its text children joined.
    pub(crate) fn raw_text(&self, id: Id) -> String {
        self.children(id).filter_map(|child| self.text(child)).collect()
    }
}

/// Elements whose text is no text of the page.
fn is_unread(tag: &str) -> bool {
    matches!(tag, "script" | "style" | "noscript" | "template")
}

/// Elements without an end tag.
pub(super) fn is_void(tag: &str) -> bool {
    matches!(
        tag,
        "area"
            | "base"
            | "br"
            | "col"
            | "embed"
            | "hr"
            | "img"
            | "input"
            | "link"
            | "meta"
            | "param"
            | "source"
            | "track"
            | "wbr"
    )
}

/// Elements that stand inside a line of text.
pub(crate) fn is_phrasing(tag: &str) -> bool {
    matches!(
        tag,
        "a" | "abbr"
            | "acronym"
            | "b"
            | "bdi"
            | "bdo"
            | "big"
            | "cite"
            | "code"
            | "data"
            | "del"
            | "dfn"
            | "em"
            | "font"
            | "i"
            | "ins"
            | "kbd"
            | "label"
            | "mark"
            | "nobr"
            | "q"
            | "s"
            | "samp"
            | "small"
            | "span"
            | "strike"
            | "strong"
            | "sub"
            | "sup"
            | "time"
            | "tt"
            | "u"
            | "var"
            | "wbr"
            | "ruby"
            | "rb"
            | "rt"
            | "rp"
            | "output"
            | "img"
            | "picture"
            | "math"
            | "mi"
            | "mo"
            | "mn"
            | "mrow"
            | "msup"
            | "msub"
    )
}

/// One step of a walk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    Enter(Id),
    Leave(Id),
}

/// A walk through a tree that needs no stack.
#[derive(Debug)]
pub(crate) struct Walk<'t> {
    tree: &'t Tree,
    root: Id,
    next: Option<Step>,
}

impl Walk<'_> {
    /// Goes on behind the node that was just entered, without its children and without leaving it.
    pub(crate) fn pass(&mut self, id: Id) {
        self.next = self.after(id);
    }

    fn after(&self, id: Id) -> Option<Step> {
        if id == self.root {
            return None;
        }
        let node = self.tree.node(id)?;
        if node.next != NONE { Some(Step::Enter(node.next)) } else { Some(Step::Leave(node.parent)) }
    }
}

impl Iterator for Walk<'_> {
    type Item = Step;

    fn next(&mut self) -> Option<Step> {
        let step = self.next?;
        self.next = match step {
            Step::Enter(id) => {
                let first = self.tree.node(id).map_or(NONE, |node| node.first);
                if first != NONE {
                    Some(Step::Enter(first))
                } else if self.tree.text(id).is_some() {
                    self.after(id)
                } else {
                    Some(Step::Leave(id))
                }
            }
            Step::Leave(id) => self.after(id),
        };
        Some(step)
    }
}
