//! From the tree to blocks: one walk that breaks the text where elements break lines, and notes where each piece stands.

mod pictures;

use domain::{BlockKind, Region};

use super::cards::Cards;
use super::drafts::{Anchor, Draft, Drafts};
use super::line::{Gap, Line, plain_text};
use super::measure::Measures;
use super::region::{Place, place};
use super::tables::{is_data_list, is_data_table};
use super::tree::{Id, ROOT, Step, Tree, is_phrasing};
use super::visible::{Sheet, is_unread};
use crate::words;

/// A heading with more text than this is an element left open.
const MOST_HEADING_CHARS: u32 = 300;
/// The text of a link is cut here.
const MOST_LINK_BYTES: usize = 500;
/// Text of one hidden element.
const MOST_HIDDEN_BYTES: usize = 20_000;

/// Reads a page's blocks.
pub(crate) fn read(tree: &Tree, measures: &Measures, cards: &Cards) -> Drafts {
    let sheet = Sheet::of(tree);
    let mut reader = Reader {
        tree,
        measures,
        sheet: &sheet,
        cards,
        out: Drafts::default(),
        line: Line::default(),
        now: State::START,
        frames: Vec::new(),
        open: Vec::new(),
    };
    reader.run();
    reader.out
}

/// What holds for the text being read.
#[derive(Debug, Clone, Copy)]
struct State {
    kind: BlockKind,
    level: Option<u8>,
    place: Place,
    card: Option<u32>,
    node: Id,
    /// Line breaks of the source count.
    lines: bool,
    /// Inside a row or heading: inner blocks do not break it.
    whole: bool,
    /// Inside a table or definition list that is read as rows.
    rows: bool,
    control: bool,
}

impl State {
    const START: Self = Self {
        kind: BlockKind::Paragraph,
        level: None,
        place: Place::MAIN,
        card: None,
        node: ROOT,
        lines: false,
        whole: false,
        rows: false,
        control: false,
    };
}

struct Frame {
    outer: State,
    /// The element breaks the line where it ends.
    breaks: bool,
    anchor: bool,
}

struct Reader<'t> {
    tree: &'t Tree,
    measures: &'t Measures,
    sheet: &'t Sheet,
    cards: &'t Cards,
    out: Drafts,
    line: Line,
    now: State,
    frames: Vec<Frame>,
    /// Links being read.
    open: Vec<usize>,
}

impl Reader<'_> {
    fn run(&mut self) {
        let tree = self.tree;
        let mut walk = tree.walk(ROOT);
        while let Some(step) = walk.next() {
            match step {
                Step::Enter(id) => {
                    if let Some(text) = tree.text(id) {
                        self.text(text);
                    } else if self.is_passed(id) {
                        walk.pass(id);
                    } else {
                        self.enter(id);
                    }
                }
                Step::Leave(_) => self.leave(),
            }
        }
        self.flush();
    }

    fn text(&mut self, text: &str) {
        let linked = self.open.last().copied();
        let added = self.line.push(text, self.now.lines, linked.is_some());
        let Some(index) = linked else { return };
        if let Some(anchor) = self.out.anchors.get_mut(index)
            && anchor.text.len() < MOST_LINK_BYTES
        {
            anchor.text.push_str(text);
        }
        let number = u32::try_from(index).unwrap_or(u32::MAX);
        if added > 0 && self.line.anchors.last() != Some(&number) {
            self.line.anchors.push(number);
        }
    }

    /// Elements that are not entered, after taking from them what they give without it.
    fn is_passed(&mut self, id: Id) -> bool {
        let tag = self.tree.tag(id);
        match tag {
            "template" => self.template(id),
            "noscript" => self.hidden(&plain_text(&self.tree.raw_text(id))),
            "svg" => self.icon(id),
            "br" => self.line_break(),
            "img" => self.image(id),
            "hr" => self.flush(),
            _ if self.tree.has_attr(id, "data-cfemail") => return self.email(id),
            _ if is_unread(tag) => {}
            _ => return is_phrasing(tag) && self.is_hidden_inline(id),
        }
        true
    }

    /// A hidden piece of a visible line is set apart, so that the line stays whole.
    fn is_hidden_inline(&mut self, id: Id) -> bool {
        let hidden = self.now.place.region != Region::Hidden
            && self.tree.tag(id) != "a"
            && self.measures.get(id).anchors == 0
            && super::visible::is_hidden(self.tree, id, self.sheet);
        if hidden {
            self.out.unseen.insert(id);
            let text = self.tree.inner_text(id, MOST_HIDDEN_BYTES);
            self.label(&text);
            self.hidden(&text);
        }
        hidden
    }

    fn template(&mut self, id: Id) {
        if let Some(contents) = self.tree.template_contents(id) {
            let text = self.tree.inner_text(contents, MOST_HIDDEN_BYTES);
            self.hidden(&text);
        }
    }

    /// Adds a block that nobody sees, without touching the line being read.
    fn hidden(&mut self, text: &str) {
        let text = words::fold(text);
        if text.is_empty() {
            return;
        }
        let place = Place { region: Region::Hidden, firm: true };
        let draft = Draft { place, node: self.now.node, ..Draft::plain(BlockKind::Paragraph, text) };
        self.out.blocks.push(draft);
    }

    fn line_break(&mut self) {
        if self.now.whole {
            self.line.widen(Gap::Space);
        } else if self.line.gap == Gap::Break && !self.now.lines {
            self.flush();
        } else {
            self.line.widen(Gap::Break);
        }
    }

    /// Names the link being read, unless it has a name.
    fn label(&mut self, text: &str) {
        let Some(anchor) = self.open.last().and_then(|index| self.out.anchors.get_mut(*index)) else {
            return;
        };
        if anchor.label.is_empty() {
            anchor.label = words::fold(text);
        }
    }

    fn enter(&mut self, id: Id) {
        let tag = self.tree.tag(id);
        if tag.is_empty() {
            self.frames.push(Frame { outer: self.now, breaks: false, anchor: false });
            return;
        }
        let inner = place(self.tree, id, self.now.place, self.measures, self.sheet);
        let moved = inner.region != self.now.place.region;
        if moved && matches!(inner.region, Region::Hidden | Region::Banner) {
            self.out.unseen.insert(id);
        }
        let pair = self.now.rows && !moved && (tag == "dt" || tag == "dd" && self.line.row);
        let whole = self.now.whole && !moved;
        let breaks = !pair && !whole && (moved || self.breaks_line(id, tag));
        if breaks || tag == "dt" && pair {
            self.flush();
            self.line.row = pair;
        } else if pair || whole && !is_phrasing(tag) {
            self.between(tag);
        } else {
            self.line.enter_inline();
        }
        let anchor = self.open_link(id, tag, inner.region);
        self.frames.push(Frame { outer: self.now, breaks, anchor });
        self.now.place = inner;
        self.now.whole = whole || pair;
        if breaks {
            self.begin(id, tag);
        }
    }

    fn leave(&mut self) {
        let Some(frame) = self.frames.pop() else { return };
        if frame.breaks {
            self.flush();
        } else {
            self.line.leave_inline();
        }
        if frame.anchor {
            self.open.pop();
        }
        self.now = frame.outer;
    }

    /// Inside a row, cells are parted by a bar and blocks by a space.
    fn between(&mut self, tag: &str) {
        let row = self.line.row || self.now.kind == BlockKind::TableRow;
        if row && matches!(tag, "td" | "th" | "dd") && !self.line.is_empty() {
            self.line.widen(Gap::Space);
            self.line.push("|", false, false);
        }
        self.line.widen(Gap::Space);
    }

    fn breaks_line(&self, id: Id, tag: &str) -> bool {
        if self.cards.roots.contains_key(&id) || self.cards.fields.contains(&id) {
            return true;
        }
        if tag == "a" {
            return false;
        }
        match tag {
            "button" | "label" => !self.tree.is_beside_text(id),
            _ if tag.contains('-') => !self.tree.is_beside_text(id),
            _ => !is_phrasing(tag),
        }
    }

    /// Sets what holds inside an element that breaks the line.
    fn begin(&mut self, id: Id, tag: &str) {
        let chars = self.measures.get(id).chars;
        self.now.node = id;
        if let Some(number) = self.cards.roots.get(&id) {
            (self.now.card, self.now.kind, self.now.level) = (Some(*number), BlockKind::Card, None);
        }
        let is_card = self.cards.roots.contains_key(&id);
        match tag {
            "h1" | "h2" | "h3" | "h4" | "h5" | "h6" if chars <= MOST_HEADING_CHARS => {
                let level = tag.as_bytes().get(1).map(|digit| digit - b'0');
                (self.now.kind, self.now.level, self.now.whole) = (BlockKind::Heading, level, true);
            }
            "li" | "dt" | "dd" if !is_card => self.now.kind = BlockKind::ListItem,
            "table" => self.now.rows = is_data_table(self.tree, id, self.measures),
            "dl" => self.now.rows = is_data_list(self.tree, id, self.measures),
            "tr" if self.now.rows => (self.now.kind, self.now.whole) = (BlockKind::TableRow, true),
            "blockquote" => self.now.kind = BlockKind::Quote,
            "figcaption" | "caption" => self.now.kind = BlockKind::Caption,
            "pre" => (self.now.kind, self.now.lines) = (BlockKind::Code, true),
            "td" | "th" if !is_card && self.now.card.is_none() => self.now.kind = BlockKind::Paragraph,
            "button" | "label" | "legend" => self.now.control = true,
            _ => {}
        }
        if self.tree.attr(id, "role") == Some("heading")
            && chars <= MOST_HEADING_CHARS
            && self.now.kind != BlockKind::Heading
        {
            let level = self.tree.attr(id, "aria-level").and_then(|level| level.trim().parse().ok());
            (self.now.kind, self.now.whole) = (BlockKind::Heading, true);
            self.now.level = Some(level.filter(|level| (1..=6).contains(level)).unwrap_or(2));
        }
    }

    /// An address that a script would write in clear: read, and linked as `mailto:`.
    fn email(&mut self, id: Id) -> bool {
        let Some(email) = self.tree.attr(id, "data-cfemail").and_then(crate::links::decode_email) else {
            return false;
        };
        let region = self.now.place.region;
        let (text, label, card) = (String::new(), String::new(), self.now.card);
        self.open.push(self.out.anchors.len());
        self.out.anchors.push(Anchor {
            id,
            text,
            label,
            email: Some(email.clone()),
            region,
            block: None,
            card,
        });
        self.text(&email);
        self.open.pop();
        true
    }

    fn open_link(&mut self, id: Id, tag: &str, region: Region) -> bool {
        if !matches!(tag, "a" | "area") || !self.tree.has_attr(id, "href") {
            return false;
        }
        self.open.push(self.out.anchors.len());
        let label = ["aria-label", "title", "alt"].iter().find_map(|name| self.tree.attr_text(id, name));
        let card = self.cards.roots.get(&id).copied().or(self.now.card);
        let label = label.map(words::fold).unwrap_or_default();
        self.out.anchors.push(Anchor {
            id,
            text: String::new(),
            label,
            email: None,
            region,
            block: None,
            card,
        });
        true
    }

    /// Ends the block being read, if it has text.
    fn flush(&mut self) {
        let line = std::mem::take(&mut self.line);
        let text = words::nfc(line.text);
        let text = text.trim_matches(['|', ' ', '\n']);
        if text.is_empty() {
            return;
        }
        let number = u32::try_from(self.out.blocks.len()).unwrap_or(u32::MAX);
        for index in line.anchors {
            if let Some(anchor) = self.out.anchors.get_mut(index as usize) {
                anchor.block.get_or_insert(number);
            }
        }
        self.out.blocks.push(Draft {
            kind: if line.row { BlockKind::TableRow } else { self.now.kind },
            level: self.now.level.filter(|_| !line.row),
            text: text.to_owned(),
            place: self.now.place,
            card: self.now.card,
            page: None,
            chars: line.chars,
            linked: line.linked,
            words: words::count(text),
            node: self.now.node,
            control: self.now.control,
        });
    }
}
