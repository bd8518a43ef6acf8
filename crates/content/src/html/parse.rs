//! One pass of html5ever over a page, bounded against pages made to break readers.
//!
//! Three things cost more than linear time or memory in an HTML parser: elements nested without end (each start tag
//! looks up the stack), tags with attributes without end (each is compared with all before it), and formatting
//! elements left open (each paragraph opens them again). All three are bounded here, before the tree builder sees
//! them; what is bounded is flattened or cut, and the tree says so.

use std::cell::{Cell, RefCell};

use html5ever::interface::TreeSink;
use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts};
use html5ever::{LocalName, TokenizerResult};

use super::sink::{Arena, Current};
use super::tags;
use super::tree::{Id, Tree, is_void};

/// Elements deeper than this are flattened into their ancestor at this depth.
pub(crate) const MAX_DEPTH: usize = 512;
/// A page's nodes; the largest of 486 measured pages has 51,000.
const MAX_NODES: usize = 250_000;
/// Attributes of one tag.
const MAX_ATTRIBUTES: usize = 256;
/// From this size on, a piece of the source is looked at for its number of attributes.
const LARGE_PIECE: usize = 4096;
/// Pieces without any token, after which an unfinished tag is looked at in the same way.
const SILENT_PIECES: u32 = 64;

/// Parses a page.
pub(crate) fn parse(source: &str) -> Tree {
    let builder =
        TreeBuilder::new(Arena::new(source), TreeBuilderOpts { drop_doctype: true, ..Default::default() });
    let tokenizer =
        Tokenizer::new(Watch::new(builder), TokenizerOpts { discard_bom: false, ..Default::default() });
    feed(&tokenizer, source);
    tokenizer.end();
    let cut = tokenizer.sink.cut.get();
    let arena = tokenizer.sink.builder.sink.finish();
    Tree { nodes: arena.nodes.into_inner(), cut }
}

/// Feeds the source in pieces that end behind `>`: a tag's token then arrives exactly when its piece is read, which is
/// how the places of tags become known.
fn feed(tokenizer: &Tokenizer<Watch<'_>>, source: &str) {
    let whole = StrTendril::from(source);
    let watch = &tokenizer.sink;
    let arena = &watch.builder.sink;
    let queue = BufferQueue::default();
    let (mut at, mut silent) = (0_usize, 0_u32);
    while let Some(rest) = source.as_bytes().get(at..).filter(|rest| !rest.is_empty()) {
        let len = rest.iter().position(|byte| *byte == b'>').map_or(rest.len(), |end| end + 1);
        let mut take = len;
        if len > LARGE_PIECE && !watch.raw.get() {
            take = harmless(rest.get(..len).unwrap_or_default());
            watch.cut.set(watch.cut.get() || take < len);
        }
        let piece = piece_of(&whole, at, take);
        at += len;
        arena.fed.set(at);
        watch.heard.set(false);
        queue.push_back(piece);
        while !matches!(tokenizer.feed(&queue), TokenizerResult::Done) {}
        silent = if watch.heard.get() { 0 } else { silent + 1 };
        let bomb = silent % SILENT_PIECES == SILENT_PIECES - 1 && watch.is_attribute_bomb();
        if bomb || arena.len() > MAX_NODES {
            watch.cut.set(true);
            return;
        }
    }
}

fn piece_of(whole: &StrTendril, at: usize, len: usize) -> StrTendril {
    match (u32::try_from(at), u32::try_from(len)) {
        (Ok(at), Ok(len)) => whole.try_subtendril(at, len).unwrap_or_default(),
        _ => StrTendril::new(),
    }
}

/// How much of a large piece may be fed: all of it, unless it holds a tag with too many attributes, which is left out.
fn harmless(piece: &[u8]) -> usize {
    let opens = (0..piece.len()).filter(|at| tags::is_open(piece, *at));
    let mut bombs =
        opens.filter(|at| tags::scan(piece.get(*at..).unwrap_or_default()).attributes > MAX_ATTRIBUTES);
    bombs.next().unwrap_or(piece.len())
}

/// Stands between the tokenizer and the tree builder: notes where tags stand, flattens what is too deep.
struct Watch<'t> {
    builder: TreeBuilder<Id, Arena<'t>>,
    /// Inside a script, style or other raw text.
    raw: Cell<bool>,
    /// A token came since the last piece.
    heard: Cell<bool>,
    /// The elements that stand open, as far as tags tell; set right at every start tag by the depth of its element.
    open: RefCell<Vec<LocalName>>,
    /// Start tags left out, by name, so that their end tags are left out too.
    dropped: RefCell<Vec<(LocalName, u32)>>,
    /// Scripts and items whose end tag is awaited.
    awaited: RefCell<Vec<Awaited>>,
    cut: Cell<bool>,
}

struct Awaited {
    id: Id,
    name: LocalName,
    /// Elements of the same name open inside.
    nested: u32,
}

impl<'t> Watch<'t> {
    fn new(builder: TreeBuilder<Id, Arena<'t>>) -> Self {
        Self {
            builder,
            raw: Cell::default(),
            heard: Cell::default(),
            open: RefCell::default(),
            dropped: RefCell::default(),
            awaited: RefCell::default(),
            cut: Cell::default(),
        }
    }

    /// Whether the tag that began after the last token has too many attributes already.
    fn is_attribute_bomb(&self) -> bool {
        let arena = &self.builder.sink;
        let pending = arena.source.as_bytes().get(arena.last.get()..arena.fed.get()).unwrap_or_default();
        let open = pending.iter().position(|byte| *byte == b'<');
        open.is_some_and(|at| {
            tags::is_open(pending, at)
                && tags::scan(pending.get(at..).unwrap_or_default()).attributes > MAX_ATTRIBUTES
        })
    }

    /// Whether a tag is left out: a start tag too deep, or the end tag of one.
    fn drops(&self, tag: &Tag) -> bool {
        let mut dropped = self.dropped.borrow_mut();
        let known = dropped.iter_mut().find(|(name, _)| *name == tag.name).map(|(_, count)| count);
        if tag.kind == TagKind::EndTag {
            return known.is_some_and(|count| {
                let awaited = *count > 0;
                *count = count.saturating_sub(1);
                awaited
            });
        }
        if self.open.borrow().len() < MAX_DEPTH || tag.self_closing || !is_flattened(&tag.name) {
            return false;
        }
        self.cut.set(true);
        match known {
            Some(count) => *count += 1,
            None => dropped.push((tag.name.clone(), 1)),
        }
        true
    }

    fn start(&self, tag: Tag, line: u64) -> TokenSinkResult<Id> {
        let arena = &self.builder.sink;
        let name = tag.name.clone();
        let void = tag.self_closing || is_void(&name);
        let open = if is_placed(&tag) {
            tags::find_open(arena.source, arena.last.get(), arena.fed.get(), &name)
        } else {
            None
        };
        arena.current.replace(Current { name: Some(name.clone()), open, made: None });
        let result = self.builder.process_token(Token::TagToken(tag), line);
        let made = arena.current.take().made;
        let mut awaited = self.awaited.borrow_mut();
        if let Some(id) = made.filter(|_| is_closed_by_tag(&name)) {
            awaited.push(Awaited { id, name: name.clone(), nested: 0 });
        } else if !void && let Some(outer) = awaited.iter_mut().rfind(|awaited| awaited.name == name) {
            outer.nested += 1;
        }
        let mut stack = self.open.borrow_mut();
        stack.resize(arena.depth.get() as usize, LocalName::default());
        if !void {
            stack.push(name);
        }
        result
    }

    fn end_tag(&self, tag: Tag, line: u64) -> TokenSinkResult<Id> {
        let mut stack = self.open.borrow_mut();
        if let Some(at) = stack.iter().rposition(|name| *name == tag.name) {
            stack.truncate(at);
        }
        let mut awaited = self.awaited.borrow_mut();
        if let Some(at) = awaited.iter().rposition(|awaited| awaited.name == tag.name)
            && let Some(open) = awaited.get_mut(at)
        {
            if open.nested > 0 {
                open.nested -= 1;
            } else {
                let (arena, id) = (&self.builder.sink, open.id);
                let (from, end) = (arena.last.get(), arena.fed.get());
                let start =
                    arena.source.get(from..end).and_then(|text| text.rfind("</")).map_or(end, |at| from + at);
                arena.close(id, tags::span(start, end));
                awaited.remove(at);
            }
        }
        self.builder.process_token(Token::TagToken(tag), line)
    }
}

impl TokenSink for Watch<'_> {
    type Handle = Id;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<Id> {
        self.heard.set(true);
        let arena = &self.builder.sink;
        let marks = matches!(token, Token::TagToken(_) | Token::CommentToken(_) | Token::DoctypeToken(_));
        let result = match token {
            Token::TagToken(tag) => {
                self.raw.set(false);
                if self.drops(&tag) {
                    TokenSinkResult::Continue
                } else if tag.kind == TagKind::StartTag {
                    self.start(tag, line)
                } else {
                    self.end_tag(tag, line)
                }
            }
            other => self.builder.process_token(other, line),
        };
        if marks {
            arena.last.set(arena.fed.get());
        }
        if matches!(result, TokenSinkResult::RawData(_) | TokenSinkResult::Plaintext) {
            self.raw.set(true);
        }
        result
    }

    fn end(&self) {
        self.builder.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        self.builder.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// Elements that may be left out without changing how what follows them is tokenized.
fn is_flattened(name: &str) -> bool {
    !is_void(name)
        && !matches!(
            name,
            "script"
                | "style"
                | "textarea"
                | "title"
                | "xmp"
                | "iframe"
                | "noembed"
                | "noframes"
                | "noscript"
                | "plaintext"
                | "select"
                | "option"
        )
}

/// Tags whose place is asked for: anchors, scripts, the beginnings of structured items.
fn is_placed(tag: &Tag) -> bool {
    matches!(&*tag.name, "a" | "area" | "script")
        || tag.attrs.iter().any(|attr| matches!(&*attr.name.local, "itemscope" | "typeof"))
}

/// Elements that end at their own end tag in any page that is well enough made to be quoted from.
fn is_closed_by_tag(name: &str) -> bool {
    !is_void(name)
        && !matches!(name, "a" | "p" | "li" | "dt" | "dd" | "tr" | "td" | "th" | "option" | "html" | "body")
}

#[cfg(test)]
mod tests {
    use super::super::tree::ROOT;
    use super::*;

    fn places<'s>(tree: &Tree, source: &'s str, tag: &str) -> Vec<Option<&'s str>> {
        let of =
            |id| tree.element(id).and_then(|e| e.open).and_then(|(a, b)| source.get(a as usize..b as usize));
        tree.elements(ROOT).filter(|id| tree.tag(*id) == tag).map(of).collect()
    }

    #[test]
    fn every_anchor_knows_its_start_tag() {
        let source =
            "<p>1 < 2 <a href='x>y'>a</a><!-- <a href=no> --><script>'<a href=no>'</script><A HREF=b>b</A>";
        let tree = parse(source);
        assert_eq!(places(&tree, source, "a"), [Some("<a href='x>y'>"), Some("<A HREF=b>")]);
    }

    #[test]
    fn an_anchor_that_the_parser_repeats_has_its_place_once() {
        let source = "<p><a href=x>one<p>two</a><p><b><a href=y>three";
        let tree = parse(source);
        let found: Vec<_> = places(&tree, source, "a").into_iter().flatten().collect();
        assert_eq!(found, ["<a href=x>", "<a href=y>"]);
    }

    #[test]
    fn a_script_knows_where_its_text_stands() {
        let source = "<script type='application/ld+json'>{\"a\": \"</b>\"}</script ><p>x";
        let tree = parse(source);
        let script = tree.first("script").unwrap();
        let element = tree.element(script).unwrap();
        let (start, end) = (element.open.unwrap().1 as usize, element.close.unwrap().0 as usize);
        assert_eq!(source.get(start..end), Some(tree.raw_text(script).as_str()));
    }

    #[test]
    fn a_nesting_bomb_is_flattened_and_its_text_kept() {
        let source = format!("<p>before{}deep{}<p>after", "<div>".repeat(100_000), "</div>".repeat(100_000));
        let tree = parse(&source);
        assert!(tree.cut);
        assert!(tree.len() < 2_000);
        assert_eq!(tree.inner_text(ROOT, 1000), "before deep after");
        let depth = tree.nodes.iter().map(|node| node.depth).max();
        assert!(depth <= u32::try_from(MAX_DEPTH + 2).ok(), "{depth:?}");
        let after = tree.elements(ROOT).last().unwrap();
        assert!(tree.ancestors(after).count() < 5);
    }

    #[test]
    fn formatting_left_open_without_end_is_bounded() {
        let fonts: String = (0..2000).map(|n| format!("<p><font color={n}>x")).collect();
        let source = fonts + &"<p>y".repeat(50_000);
        let tree = parse(&source);
        assert!(tree.len() <= MAX_NODES + 2_000);
    }

    #[test]
    fn tags_with_attributes_without_end_are_left_out() {
        let attributes: String = (0..200_000).map(|n| format!(" a{n}")).collect();
        let tree = parse(&format!("<p>before</p><div{attributes}>inside</div><p>after"));
        assert!(tree.cut);
        assert_eq!(tree.inner_text(ROOT, 1000), "before inside after");
        let quoted: String = (0..200_000).map(|n| format!(" a{n}='>'")).collect();
        let tree = parse(&format!("<p>before</p><div{quoted}>inside</div>"));
        assert!(tree.cut);
        assert_eq!(tree.inner_text(ROOT, 1000), "before");
    }

    #[test]
    fn long_comments_and_large_data_urls_are_no_bombs() {
        let source = format!("<!-- {} --><img src='data:{}'><p>x", "<i>".repeat(5000), "A".repeat(200_000));
        let tree = parse(&source);
        assert!(!tree.cut);
        assert_eq!(tree.inner_text(ROOT, 1000), "x");
    }
}
