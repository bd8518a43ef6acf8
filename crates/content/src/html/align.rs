//! Which blocks another extractor kept, told from the text it gave back.
//!
//! Both texts are the page's words in the page's order, with gaps. Long blocks are found by their four-word shingles;
//! what they leave open between them decides for the short ones, whose words may stand anywhere.

use std::collections::HashMap;

use super::drafts::Draft;
use crate::words;

/// Words in a shingle; blocks with fewer are short.
const SHINGLE: usize = 4;
/// The share of a long block's shingles that must be found.
const SHARE: f64 = 0.5;

/// For each block, whether `kept` holds it.
pub(crate) fn kept(blocks: &[Draft], kept: &str) -> Vec<bool> {
    let output: Vec<u64> = words::tokens(kept).collect();
    let tokens: Vec<Vec<u64>> = blocks.iter().map(|block| words::tokens(&block.text).collect()).collect();
    let mut page = Alignment::new(&output);
    let anchors: Vec<Option<Range>> = tokens.iter().map(|block| page.long(block)).collect();
    let mut found: Vec<bool> = anchors.iter().map(Option::is_some).collect();
    let mut before = 0;
    let mut after = next_starts(&anchors, output.len());
    after.reverse();
    for ((block, anchor), hit) in tokens.iter().zip(&anchors).zip(found.iter_mut()) {
        let limit = after.pop().unwrap_or(output.len());
        if let Some(range) = anchor {
            before = range.1;
        } else if block.len() < SHINGLE
            && !block.is_empty()
            && let Some(at) = page.short(block, before, limit)
        {
            before = at;
            *hit = true;
        }
    }
    found
}

type Range = (usize, usize);

/// For each block, where the first long block behind it begins.
fn next_starts(anchors: &[Option<Range>], end: usize) -> Vec<usize> {
    let mut next = end;
    let mut starts: Vec<usize> = anchors
        .iter()
        .rev()
        .map(|anchor| {
            let here = next;
            if let Some((start, _)) = anchor {
                next = *start;
            }
            here
        })
        .collect();
    starts.reverse();
    starts
}

/// Places that are tried for one shingle or word: texts that repeat themselves would have them without end.
const MOST_PLACES: usize = 64;

struct Alignment<'o> {
    output: &'o [u64],
    used: Vec<bool>,
    /// Where each shingle and each word stands, ascending.
    shingles: HashMap<&'o [u64], Vec<usize>>,
    words: HashMap<u64, Vec<usize>>,
    /// Where the last long block ended: the next one is looked for behind it first.
    end: usize,
}

impl<'o> Alignment<'o> {
    fn new(output: &'o [u64]) -> Self {
        let mut shingles: HashMap<&[u64], Vec<usize>> = HashMap::with_capacity(output.len());
        for (at, shingle) in output.windows(SHINGLE).enumerate() {
            shingles.entry(shingle).or_default().push(at);
        }
        let mut words: HashMap<u64, Vec<usize>> = HashMap::with_capacity(output.len());
        for (at, word) in output.iter().enumerate() {
            words.entry(*word).or_default().push(at);
        }
        Self { output, used: vec![false; output.len()], shingles, words, end: 0 }
    }

    fn is_free(&self, at: usize) -> bool {
        self.used.get(at) == Some(&false)
    }

    /// Finds a long block, marks its words as used and gives their range.
    fn long(&mut self, block: &[u64]) -> Option<Range> {
        let all = block.windows(SHINGLE).count();
        if all == 0 {
            return None;
        }
        let mut places = Vec::new();
        let mut cursor = self.end;
        for shingle in block.windows(SHINGLE) {
            let Some(known) = self.shingles.get(shingle) else { continue };
            let behind = known.partition_point(|at| *at < cursor);
            let onward = known.iter().skip(behind).take(MOST_PLACES);
            let place =
                onward.chain(known.iter().take(behind.min(MOST_PLACES))).find(|at| self.is_free(**at));
            if let Some(at) = place {
                places.push(*at);
                cursor = at + 1;
            }
        }
        if (places.len() as f64) < SHARE * all as f64 {
            return None;
        }
        for at in &places {
            self.take(*at, SHINGLE);
        }
        let (first, last) = (places.iter().min()?, places.iter().max()?);
        self.end = last + SHINGLE;
        Some((*first, last + SHINGLE))
    }

    /// Finds a short block between two places, among words not used.
    fn short(&mut self, block: &[u64], from: usize, to: usize) -> Option<usize> {
        let known = self.words.get(block.first()?)?;
        let behind = known.partition_point(|at| *at < from);
        let at = known.iter().skip(behind).take(MOST_PLACES).copied().find(|at| {
            let end = at + block.len();
            end <= to && self.output.get(*at..end) == Some(block) && (*at..end).all(|at| self.is_free(at))
        })?;
        self.take(at, block.len());
        Some(at + block.len())
    }

    fn take(&mut self, from: usize, len: usize) {
        for used in self.used.iter_mut().skip(from).take(len) {
            *used = true;
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::BlockKind;

    use super::*;

    fn found(blocks: &[&str], text: &str) -> Vec<bool> {
        let blocks: Vec<Draft> =
            blocks.iter().map(|text| Draft::plain(BlockKind::Paragraph, (*text).to_owned())).collect();
        kept(&blocks, text)
    }

    #[test]
    fn long_blocks_are_found_by_their_shingles_and_short_ones_between_them() {
        let blocks = [
            "Home",
            "Our pumps",
            "They run for ten years without oil.",
            "Home",
            "Call us today for a quiet talk.",
        ];
        let text = "Our pumps They run for ten years, without oil. Home";
        assert_eq!(found(&blocks, text), [false, true, true, true, false]);
    }

    #[test]
    fn the_same_words_are_given_out_once() {
        let blocks = ["one two three four five", "one two three four five"];
        assert_eq!(found(&blocks, "One two three four five."), [true, false]);
        assert_eq!(found(&["a b c d e f", ""], ""), [false, false]);
    }

    #[test]
    fn a_text_that_repeats_itself_takes_no_time() {
        let text = "word ".repeat(200_000);
        let blocks = vec![text.as_str(), "word", "word word word word"];
        assert_eq!(found(&blocks, &text), [true, false, false]);
    }
}
