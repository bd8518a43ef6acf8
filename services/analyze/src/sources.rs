//! The run's documents as analysis sees them: what may be read, what may be shown, where a quote may stand.

use std::collections::{BTreeMap, HashMap};
use std::ops::Range;

use domain::{Block, BlockKind, Content, Document, DocumentId, Region};
use serde_json::Value;

/// Every kind of page, in `select.kinds`.
const EVERY: &str = "*";

/// One document with what it says.
#[derive(Debug)]
pub(crate) struct Source<'a> {
    pub(crate) document: &'a Document,
    pub(crate) content: &'a Content,
    /// Numbers of the blocks that are the document's own words: `main`, and not repeated all over the site.
    own: Vec<usize>,
}

/// All documents of the run, in the store's order.
#[derive(Debug, Default)]
pub(crate) struct Sources<'a> {
    list: Vec<Source<'a>>,
    by_document: HashMap<DocumentId, usize>,
}

impl<'a> Sources<'a> {
    /// `is_template` tells which blocks of a host repeat on too many of its pages to be anybody's words.
    pub(crate) fn new(pairs: &'a [(Document, Content)], is_template: impl Fn(&str, &Block) -> bool) -> Self {
        let list: Vec<Source<'a>> = pairs
            .iter()
            .map(|(document, content)| {
                let host = host(document);
                let own = |block: &Block| block.region == Region::Main && !is_template(host, block);
                let own = content
                    .blocks
                    .iter()
                    .enumerate()
                    .filter(|(_, block)| own(block))
                    .map(|(n, _)| n)
                    .collect();
                Source { document, content, own }
            })
            .collect();
        let by_document = list.iter().enumerate().map(|(n, source)| (source.document.id, n)).collect();
        Self { list, by_document }
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = &Source<'a>> {
        self.list.iter()
    }

    pub(crate) fn get(&self, number: usize) -> Option<&Source<'a>> {
        self.list.get(number)
    }

    pub(crate) fn of(&self, document: DocumentId) -> Option<&Source<'a>> {
        self.get(*self.by_document.get(&document)?)
    }

    /// The numbers of the documents of the given kinds.
    pub(crate) fn numbers_of(&self, kinds: &[String]) -> Vec<usize> {
        self.list
            .iter()
            .enumerate()
            .filter(|(_, source)| source.is_of(kinds))
            .map(|(number, _)| number)
            .collect()
    }

    /// How many documents of every kind were read.
    pub(crate) fn kinds(&self) -> BTreeMap<&'a str, u32> {
        let mut counts = BTreeMap::new();
        for kind in self.list.iter().flat_map(Source::kinds) {
            *counts.entry(kind).or_default() += 1;
        }
        counts
    }
}

impl<'a> Source<'a> {
    /// The judged kind and what the page is besides.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &'a str> + use<'a> {
        std::iter::once(&self.content.kind).chain(&self.content.kinds_also).map(String::as_str)
    }

    pub(crate) fn is_of(&self, kinds: &[String]) -> bool {
        kinds.iter().any(|kind| kind == EVERY || self.kinds().any(|own| own == kind))
    }

    /// The place of its best kind in the list, first = 0; the list's length when only `*` fits.
    pub(crate) fn rank_in(&self, kinds: &[String]) -> usize {
        kinds.iter().position(|kind| self.kinds().any(|own| own == kind)).unwrap_or(kinds.len())
    }

    /// The document's own blocks with their numbers.
    pub(crate) fn blocks(&self) -> impl Iterator<Item = (usize, &'a Block)> + '_ {
        let blocks = &self.content.blocks;
        self.own.iter().filter_map(|number| Some((*number, blocks.get(*number)?)))
    }

    pub(crate) fn block(&self, number: usize) -> Option<&'a Block> {
        self.content.blocks.get(number)
    }

    pub(crate) fn text_of(&self, block: &Block) -> &'a str {
        self.content.text.get(block.start as usize..block.end as usize).unwrap_or_default()
    }

    pub(crate) fn slice(&self, range: Range<usize>) -> &'a str {
        self.content.text.get(range).unwrap_or_default()
    }

    /// Whether a byte range of the text lies in the document's own blocks alone.
    pub(crate) fn is_own(&self, range: &Range<usize>) -> bool {
        let mut inside = false;
        for (number, block) in self.content.blocks.iter().enumerate() {
            let touches = (block.start as usize) < range.end && range.start < block.end as usize;
            if touches && self.own.binary_search(&number).is_err() {
                return false;
            }
            inside |= touches;
        }
        inside
    }

    /// The block in which a byte of the text stands.
    pub(crate) fn block_at(&self, byte: usize) -> Option<&'a Block> {
        let blocks = &self.content.blocks;
        let after = blocks.partition_point(|block| block.start as usize <= byte);
        blocks.get(after.checked_sub(1)?).filter(|block| byte < block.end as usize)
    }

    /// Whether the byte stands in something somebody else is made to say.
    pub(crate) fn is_testimonial(&self, byte: usize) -> bool {
        self.block_at(byte).is_some_and(|block| block.kind == BlockKind::Quote)
    }

    /// Whether the publisher keeps its text out of models (`Content-Signal: ai-input=no`).
    pub(crate) fn is_kept_from_models(&self) -> bool {
        let signal = self.document.attributes.pointer("/signals/ai_input");
        matches!(signal, Some(Value::Bool(false))) || signal.and_then(Value::as_str) == Some("no")
    }
}

/// The host of a document, empty for what did not come from the web.
pub(crate) fn host(document: &Document) -> &str {
    let url = document.url.as_deref().unwrap_or_default();
    let rest = url.split_once("://").map_or(url, |(_, rest)| rest);
    rest.split(['/', '?', '#']).next().unwrap_or_default()
}

#[cfg(test)]
pub(crate) mod fixture;

#[cfg(test)]
mod tests {
    use super::fixture::Site;
    use super::*;

    #[test]
    fn footers_banners_hidden_text_and_template_blocks_are_nobodys_words() {
        let mut site = Site::new();
        site.page("/about", "about")
            .paragraph("We make pumps for farms.")
            .in_region(Region::Footer, "Leeds, UK");
        site.last().in_region(Region::Banner, "We use cookies.").in_region(Region::Hidden, "Ignore this.");
        site.last().paragraph("Repeated everywhere.");
        let pairs = site.pairs();
        let repeated = pairs[0].1.blocks.last().unwrap().hash;
        let sources = Sources::new(&pairs, |_, block| block.hash == repeated);
        let source = sources.get(0).unwrap();
        let texts: Vec<&str> = source.blocks().map(|(_, block)| source.text_of(block)).collect();
        assert_eq!(texts, ["We make pumps for farms."]);
        let footer = source.content.text.find("Leeds").unwrap();
        assert!(!source.is_own(&(footer..footer + 5)) && source.is_own(&(0..7)));
        assert!(!source.is_own(&(0..footer + 5)), "a range that runs into the footer is not its own");
    }

    #[test]
    fn documents_are_found_by_any_of_their_kinds() {
        let mut site = Site::new();
        site.page("/about", "about").also("team").paragraph("x");
        site.page("/pricing", "pricing").paragraph("y");
        let pairs = site.pairs();
        let sources = Sources::new(&pairs, |_, _| false);
        let of =
            |kinds: &[&str]| sources.numbers_of(&kinds.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>());
        assert_eq!((of(&["team"]), of(&["*"]), of(&["news"])), (vec![0], vec![0, 1], vec![]));
        assert_eq!(sources.kinds().get("team"), Some(&1));
    }

    #[test]
    fn a_publisher_can_keep_its_text_from_models() {
        let mut site = Site::new();
        site.page("/a", "about")
            .paragraph("x")
            .attributes(serde_json::json!({"signals": {"ai_input": "no"}}));
        site.page("/b", "about").paragraph("y");
        let pairs = site.pairs();
        let sources = Sources::new(&pairs, |_, _| false);
        assert!(
            sources.get(0).unwrap().is_kept_from_models() && !sources.get(1).unwrap().is_kept_from_models()
        );
        assert_eq!(host(&pairs[0].0), "brightwater.example");
    }
}
