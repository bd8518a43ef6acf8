//! Blocks and links before they have their place in a text.

use std::collections::HashSet;

use domain::{BlockKind, Region};

use super::region::Place;
use super::tree::{Id, ROOT};
use crate::words;

/// A block before its region is settled.
#[derive(Debug, Clone)]
pub(crate) struct Draft {
    pub(crate) kind: BlockKind,
    pub(crate) level: Option<u8>,
    pub(crate) text: String,
    pub(crate) place: Place,
    pub(crate) card: Option<u32>,
    pub(crate) page: Option<u32>,
    /// Characters without white space, and those of them in links.
    pub(crate) chars: u32,
    pub(crate) linked: u32,
    pub(crate) words: u32,
    /// The element that breaks the line.
    pub(crate) node: Id,
    /// The label of a button or field.
    pub(crate) control: bool,
}

impl Draft {
    /// A block that stands alone: of a text file, a PDF, application state.
    pub(crate) fn plain(kind: BlockKind, text: String) -> Self {
        let chars = text.chars().filter(|c| !c.is_whitespace()).count();
        Self {
            kind,
            level: None,
            place: Place::MAIN,
            card: None,
            page: None,
            chars: u32::try_from(chars).unwrap_or(u32::MAX),
            linked: 0,
            words: words::count(&text),
            node: ROOT,
            control: false,
            text,
        }
    }

    pub(crate) fn link_density(&self) -> f64 {
        if self.chars == 0 { 0.0 } else { f64::from(self.linked) / f64::from(self.chars) }
    }
}

/// A link as it stands in the tree.
#[derive(Debug)]
pub(crate) struct Anchor {
    pub(crate) id: Id,
    pub(crate) text: String,
    /// What names a link without text: the alternative text of its image.
    pub(crate) label: String,
    /// An address that the page hides from collectors (`data-cfemail`).
    pub(crate) email: Option<String>,
    pub(crate) region: Region,
    pub(crate) block: Option<u32>,
    pub(crate) card: Option<u32>,
}

/// All blocks and links of a page, in document order.
#[derive(Debug, Default)]
pub(crate) struct Drafts {
    pub(crate) blocks: Vec<Draft>,
    pub(crate) anchors: Vec<Anchor>,
    /// Elements that nobody sees, and notices: the outermost of each.
    pub(crate) unseen: HashSet<Id>,
}
