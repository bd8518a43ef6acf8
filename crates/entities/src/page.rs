//! One document as extraction sees it: usable blocks, cards, sections, and the spots that quote it.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;
use std::rc::Rc;

use domain::{Block, BlockKind, Content, Document, Layer, Region};
use xxhash_rust::xxh3::xxh3_64;

use crate::extractor::Source;
use crate::gazetteer::Country;
use crate::last::Last;
use crate::lexicon::Hit;
use crate::mention::{Method, Spot};
use crate::raw;
use crate::scan::{Scan, Token, sentences};
use crate::stop::Stop;

/// A whole block is quoted when it is no longer than this.
const SHORT_BLOCK_BYTES: usize = 160;

#[derive(Debug)]
pub(crate) struct Page<'a> {
    /// The document's place in the input.
    pub(crate) source: u32,
    pub(crate) document: &'a Document,
    pub(crate) content: &'a Content,
    pub(crate) raw: Option<&'a [u8]>,
    pub(crate) scan: Scan<'a>,
    /// A quote is widened to its sentence up to this many bytes.
    quote_bytes: usize,
    /// Of this page, else of the site.
    pub(crate) country: Option<Country>,
    stop: Stop<'a>,
    cards: OnceCell<BTreeMap<u32, Vec<usize>>>,
    /// Of the block that was asked for last.
    sentences: Last<Rc<[Range<usize>]>>,
    block_tokens: Last<Rc<[Token]>>,
    /// Of the sentence that was asked for last.
    sentence_tokens: Last<Rc<[Token]>>,
}

impl<'a> Page<'a> {
    pub(crate) fn new(
        source: u32,
        from: Source<'a>,
        scan: Scan<'a>,
        country: Option<Country>,
        quote_bytes: usize,
        stop: Stop<'a>,
    ) -> Self {
        let Source { document, content, raw } = from;
        Self {
            source,
            document,
            content,
            raw,
            scan,
            country,
            quote_bytes,
            stop,
            cards: OnceCell::new(),
            sentences: Last::default(),
            block_tokens: Last::default(),
            sentence_tokens: Last::default(),
        }
    }

    pub(crate) fn text(&self) -> &'a str {
        &self.content.text
    }

    /// Whether the rest of the page is left unread.
    pub(crate) fn is_stopped(&self) -> bool {
        self.stop.is_asked()
    }

    /// The blocks that are read: not hidden, not a consent notice, with a range that lies in the text.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (usize, &'a Block)> {
        let blocks = self.content.blocks.iter().enumerate().filter(|(_, b)| self.is_usable(b));
        blocks.take_while(|_| !self.is_stopped())
    }

    pub(crate) fn is_usable(&self, block: &Block) -> bool {
        !matches!(block.region, Region::Hidden | Region::Banner)
            && self.text().get(range(block)).is_some_and(|t| !t.is_empty())
    }

    pub(crate) fn block_text(&self, block: &Block) -> &'a str {
        self.text().get(range(block)).unwrap_or_default()
    }

    /// The usable block that an offset lies in.
    pub(crate) fn block_at(&self, offset: usize) -> Option<(usize, &'a Block)> {
        let blocks = &self.content.blocks;
        let n = blocks.partition_point(|b| b.end as usize <= offset);
        let block = blocks.get(n)?;
        (range(block).contains(&offset) && self.is_usable(block)).then_some((n, block))
    }

    /// The block of a link, by its number.
    pub(crate) fn block(&self, id: u32) -> Option<&'a Block> {
        self.content.blocks.get(id as usize).filter(|block| block.id == id)
    }

    /// The hits of usable blocks that are neither code nor consent.
    pub(crate) fn hits(&self) -> impl Iterator<Item = (Hit, usize, &'a Block)> {
        self.scan.all().iter().take_while(|_| !self.is_stopped()).filter_map(|hit| {
            let (n, block) = self.block_at(hit.start)?;
            (block.kind != BlockKind::Code).then_some((*hit, n, block))
        })
    }

    /// The blocks (places in `content.blocks`) of every card, in order.
    pub(crate) fn cards(&self) -> &BTreeMap<u32, Vec<usize>> {
        self.cards.get_or_init(|| {
            let mut cards: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
            for (n, block) in self.blocks() {
                if let Some(card) = block.card {
                    cards.entry(card).or_default().push(n);
                }
            }
            cards
        })
    }

    /// Whether the page is judged to be of one of the kinds, as its main sort or besides.
    pub(crate) fn is_kind(&self, kinds: &[String]) -> bool {
        kinds.iter().any(|k| *k == self.content.kind || self.content.kinds_also.contains(k))
    }

    pub(crate) fn language(&self) -> &str {
        self.content.language.as_deref().unwrap_or("")
    }

    /// The sentence around a range, within its block.
    pub(crate) fn sentence(&self, at: Range<usize>) -> Range<usize> {
        let Some((_, block)) = self.block_at(at.start) else { return at };
        let whole = range(block);
        let all = self.sentences.of(&whole, || sentences(self.text(), whole.clone()).into());
        let found = all.get(all.partition_point(|s| s.end <= at.start)).filter(|s| s.start <= at.start);
        found.map_or_else(|| at.clone(), |s| s.start..s.end.max(at.end))
    }

    /// The words and marks of a block.
    pub(crate) fn block_tokens(&self, block: &Block) -> Rc<[Token]> {
        let at = range(block);
        self.block_tokens.of(&at, || self.scan.tokens(at.clone()).into())
    }

    /// The words and marks of the sentence around a range.
    pub(crate) fn sentence_tokens(&self, at: Range<usize>) -> Rc<[Token]> {
        let sentence = self.sentence(at);
        self.sentence_tokens.of(&sentence, || self.scan.tokens(sentence.clone()).into())
    }

    /// Exactly this range of the text layer; none if it is empty.
    pub(crate) fn spot(&self, at: Range<usize>, method: Method) -> Option<Spot> {
        let quote = self.text().get(at.clone())?;
        let start = at.start + (quote.len() - quote.trim_start().len());
        let quote = quote.trim();
        if quote.is_empty() {
            return None;
        }
        let block = self.block_at(start).map(|(_, b)| b);
        let print = block.map_or_else(
            || xxh3_64(quote.as_bytes()),
            |b| xxh3_64(format!("{:x}+{}+{}", b.hash, start - b.start as usize, quote.len()).as_bytes()),
        );
        Some(Spot {
            source: self.source,
            layer: Layer::Text,
            start: start as u64,
            end: (start + quote.len()) as u64,
            quote: quote.to_owned(),
            method,
            print,
            page: block.and_then(|b| b.page),
        })
    }

    /// The range with what a reader needs to understand it: its block if short, else its sentence if short.
    pub(crate) fn context(&self, at: Range<usize>, method: Method) -> Option<Spot> {
        let wide = self.block_at(at.start).map_or_else(
            || at.clone(),
            |(_, block)| {
                let whole = range(block);
                if whole.len() <= SHORT_BLOCK_BYTES && whole.end >= at.end {
                    return whole;
                }
                let sentence = self.sentence(at.clone());
                if sentence.len() <= self.quote_bytes { sentence } else { at.clone() }
            },
        );
        self.spot(wide, method)
    }

    /// Exactly these raw bytes; none if they are no UTF-8 or the raw bytes are not at hand.
    pub(crate) fn raw_spot(&self, start: u64, end: u64, method: Method) -> Option<Spot> {
        let quote = raw::text(self.raw?, start, end).filter(|q| !q.is_empty())?;
        Some(Spot {
            source: self.source,
            layer: Layer::Source,
            start,
            end,
            quote: quote.to_owned(),
            method,
            print: xxh3_64(quote.as_bytes()),
            page: None,
        })
    }

    /// Where the words first stand in a usable block, as whole words.
    pub(crate) fn find(&self, words: &str) -> Option<Range<usize>> {
        if words.is_empty() {
            return None;
        }
        let text = self.text();
        text.match_indices(words)
            .find(|(at, found)| {
                let end = at + found.len();
                let before = text.get(..*at).and_then(|t| t.chars().next_back());
                let after = text.get(end..).and_then(|t| t.chars().next());
                !before.is_some_and(char::is_alphanumeric)
                    && !after.is_some_and(char::is_alphanumeric)
                    && self.block_at(*at).is_some_and(|(_, b)| end <= b.end as usize)
            })
            .map(|(at, found)| at..at + found.len())
    }

    /// The section headings above a block, innermost first.
    pub(crate) fn trail(&self, block: &'a Block) -> impl Iterator<Item = &'a str> {
        block.trail.iter().rev().map(String::as_str)
    }
}

/// A block's range of the text.
pub(crate) fn range(block: &Block) -> Range<usize> {
    block.start as usize..(block.end as usize).max(block.start as usize)
}

/// The links that are read: not hidden, not of a consent notice.
pub(crate) fn links<'a>(page: &Page<'a>) -> impl Iterator<Item = &'a domain::Link> + use<'a> {
    page.content.links.iter().filter(|l| !matches!(l.region, Region::Hidden | Region::Banner))
}
