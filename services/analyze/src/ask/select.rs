//! Which blocks a model is shown: the best for the section, within its tokens.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use serde::Serialize;

use crate::defaults;
use crate::sources::Sources;
use crate::text::bm25::Ranking;
use crate::text::terms::terms;
use crate::units::{Unit, units};

/// What the frame of a source costs besides its text.
const FRAME_TOKENS: u64 = 30;
/// After so many units in a row that do not fit, the rest is not tried.
const MOST_MISSES: u32 = 25;
/// No token of a common tokenizer is longer than this on average: a bound that needs no counting.
const BYTES_PER_TOKEN: u64 = 8;

/// What was there and did not fit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub(crate) struct NotRead {
    /// Documents of the section's kinds of which no block was shown.
    pub(crate) documents: u32,
    /// Their blocks, and those of the other documents, that were not shown; a repeated block counts once.
    pub(crate) blocks: u32,
}

/// A document that is shown, with the numbers of the blocks that are.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    pub(crate) source: usize,
    pub(crate) blocks: BTreeSet<usize>,
}

#[derive(Debug, Default)]
pub(crate) struct Selection {
    /// Documents in the order of the section's kinds; their labels are `S1`, `S2` …
    pub(crate) shown: Vec<Shown>,
    pub(crate) not_read: NotRead,
}

/// What to look for, and how much may be shown.
#[derive(Debug)]
pub(crate) struct Wanted<'w> {
    pub(crate) kinds: &'w [String],
    /// The section's words, as terms.
    pub(crate) words: &'w BTreeSet<String>,
    pub(crate) tokens: u64,
}

/// Ranks the units of the wanted documents and takes the best of every kind, then the best of all, while they fit.
pub(crate) fn select(
    sources: &Sources<'_>,
    wanted: &Wanted<'_>,
    numbers: &defaults::Select,
    count: &dyn Fn(&str) -> u64,
) -> Selection {
    let candidates: Vec<Unit> = sources
        .numbers_of(wanted.kinds)
        .into_iter()
        .filter_map(|number| Some((number, sources.get(number)?)))
        .filter(|(_, source)| !source.is_kept_from_models())
        .flat_map(|(number, source)| units(number, source))
        .collect();
    let ranked = rank(sources, wanted, numbers, &candidates);
    let mut picker = Picker::new(sources, wanted.tokens, count);
    for best in best_of_each_kind(sources, wanted.kinds, &candidates, &ranked) {
        picker.take(best);
    }
    for index in &ranked {
        let Some(unit) = candidates.get(*index).filter(|_| picker.misses < MOST_MISSES) else { break };
        picker.take(unit);
    }
    picker.finish(wanted.kinds, &candidates)
}

/// Numbers of the candidates, best first; equals in the order of the documents.
fn rank(
    sources: &Sources<'_>,
    wanted: &Wanted<'_>,
    numbers: &defaults::Select,
    candidates: &[Unit],
) -> Vec<usize> {
    let text = |unit: &Unit| sources.get(unit.source).map_or("", |source| source.slice(unit.start..unit.end));
    let ranking = Ranking::new(candidates.iter().map(text), wanted.words, numbers.k1, numbers.b);
    let mut scored: Vec<(usize, f64)> = candidates
        .iter()
        .enumerate()
        .map(|(index, unit)| {
            let source = sources.get(unit.source);
            let worth =
                source.map_or(0.0, |s| s.kinds().map(|kind| numbers.kinds.of(kind)).fold(0.0, f64::max));
            let under = under_its_words(sources, unit, wanted.words);
            (index, ranking.score(index) + worth + if under { numbers.heading_bonus } else { 0.0 })
        })
        .collect();
    scored.sort_by(|(a, x), (b, y)| y.total_cmp(x).then(a.cmp(b)));
    scored.into_iter().map(|(index, _)| index).collect()
}

/// Whether a heading above the unit holds one of the words.
fn under_its_words(sources: &Sources<'_>, unit: &Unit, words: &BTreeSet<String>) -> bool {
    let first = unit.blocks.first().and_then(|block| sources.get(unit.source)?.block(*block));
    first.is_some_and(|block| {
        block.trail.iter().any(|heading| terms(heading).any(|term| words.contains(&term)))
    })
}

fn best_of_each_kind<'u>(
    sources: &Sources<'_>,
    kinds: &[String],
    candidates: &'u [Unit],
    ranked: &[usize],
) -> Vec<&'u Unit> {
    let mut best: BTreeMap<&str, (usize, &Unit)> = BTreeMap::new();
    for (place, index) in ranked.iter().enumerate() {
        let Some(unit) = candidates.get(*index) else { continue };
        let Some(source) = sources.get(unit.source) else { continue };
        let wanted = |kind: &&str| kinds.iter().any(|wanted| wanted == "*" || wanted == kind);
        for kind in source.kinds().filter(wanted) {
            best.entry(kind).or_insert((place, unit));
        }
    }
    let mut units: Vec<(usize, &Unit)> = best.into_values().collect();
    units.sort_by_key(|(place, _)| *place);
    units.into_iter().map(|(_, unit)| unit).collect()
}

struct Picker<'p> {
    sources: &'p Sources<'p>,
    count: &'p dyn Fn(&str) -> u64,
    left: u64,
    misses: u32,
    shown: BTreeMap<usize, BTreeSet<usize>>,
    /// Hashes of the blocks shown: a text is shown once.
    hashes: HashSet<u64>,
}

impl<'p> Picker<'p> {
    fn new(sources: &'p Sources<'p>, left: u64, count: &'p dyn Fn(&str) -> u64) -> Self {
        Self { sources, count, left, misses: 0, shown: BTreeMap::new(), hashes: HashSet::new() }
    }

    /// Shows the unit and its heading if they fit and are new.
    fn take(&mut self, unit: &Unit) {
        let Some(source) = self.sources.get(unit.source) else { return };
        let blocks: Vec<usize> = unit.heading.iter().chain(&unit.blocks).copied().collect();
        let known = self.shown.get(&unit.source);
        let fresh: Vec<(usize, u64, &str)> = blocks
            .into_iter()
            .filter(|number| known.is_none_or(|shown| !shown.contains(number)))
            .filter_map(|number| Some((number, source.block(number)?)))
            .filter(|(_, block)| !self.hashes.contains(&block.hash))
            .map(|(number, block)| (number, block.hash, source.text_of(block)))
            .collect();
        // A heading alone says nothing that its repeated text did not say.
        if !fresh.iter().any(|(number, ..)| unit.blocks.contains(number)) {
            return;
        }
        let frame = if known.is_none() { FRAME_TOKENS } else { 0 };
        let bytes: u64 = fresh.iter().map(|(_, _, text)| text.len() as u64).sum();
        if frame + bytes / BYTES_PER_TOKEN > self.left {
            self.misses += 1;
            return;
        }
        let cost = frame + fresh.iter().map(|(_, _, text)| (self.count)(text) + 1).sum::<u64>();
        if cost > self.left {
            self.misses += 1;
            return;
        }
        (self.left, self.misses) = (self.left - cost, 0);
        let shown = self.shown.entry(unit.source).or_default();
        for (number, hash, _) in fresh {
            shown.insert(number);
            self.hashes.insert(hash);
        }
    }

    fn finish(self, kinds: &[String], candidates: &[Unit]) -> Selection {
        let documents: BTreeSet<usize> = candidates.iter().map(|unit| unit.source).collect();
        let unseen: HashSet<u64> = candidates
            .iter()
            .flat_map(|unit| unit.blocks.iter().filter_map(|n| self.sources.get(unit.source)?.block(*n)))
            .map(|block| block.hash)
            .filter(|hash| !self.hashes.contains(hash))
            .collect();
        let not_read = NotRead {
            documents: small(documents.iter().filter(|number| !self.shown.contains_key(number)).count()),
            blocks: small(unseen.len()),
        };
        let mut shown: Vec<Shown> =
            self.shown.into_iter().map(|(source, blocks)| Shown { source, blocks }).collect();
        shown.sort_by_key(|shown| {
            (self.sources.get(shown.source).map_or(usize::MAX, |source| source.rank_in(kinds)), shown.source)
        });
        Selection { shown, not_read }
    }
}

fn small(count: usize) -> u32 {
    u32::try_from(count).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::defaults::Defaults;
    use crate::sources::fixture::Site;

    fn words(words: &[&str]) -> BTreeSet<String> {
        words.iter().map(|word| crate::text::terms::term(word)).collect()
    }

    fn count(text: &str) -> u64 {
        text.split_whitespace().count() as u64
    }

    fn chosen(
        site: &Site,
        kinds: &[&str],
        query: &[&str],
        tokens: u64,
    ) -> (Vec<(String, Vec<String>)>, NotRead) {
        let pairs = site.pairs();
        let sources = Sources::new(&pairs, |_, _| false);
        let kinds: Vec<String> = kinds.iter().map(|kind| (*kind).to_owned()).collect();
        let wanted = Wanted { kinds: &kinds, words: &words(query), tokens };
        let defaults = Defaults::load().unwrap();
        let selection = select(&sources, &wanted, &defaults.select, &count);
        let shown = selection.shown.iter().map(|shown| {
            let source = sources.get(shown.source).unwrap();
            let texts =
                shown.blocks.iter().map(|n| source.text_of(source.block(*n).unwrap()).to_owned()).collect();
            (source.content.kind.clone(), texts)
        });
        (shown.collect(), selection.not_read)
    }

    #[test]
    fn every_kind_present_is_shown_and_the_rest_goes_to_what_is_most_about_the_words() {
        let mut site = Site::new();
        site.page("/about", "about")
            .paragraph("We like weather.")
            .paragraph("Our price list hangs in the hall.");
        site.page("/pricing", "pricing").heading("Plans").paragraph("The price is 49 per site.");
        site.page("/blog/x", "blog").paragraph("The price of bread.");
        let (shown, not_read) = chosen(&site, &["pricing", "about"], &["price"], 77);
        assert_eq!(
            shown,
            [
                ("pricing".to_owned(), vec!["Plans".to_owned(), "The price is 49 per site.".to_owned()]),
                ("about".to_owned(), vec!["Our price list hangs in the hall.".to_owned()]),
            ]
        );
        assert_eq!(not_read, NotRead { documents: 0, blocks: 1 });
    }

    #[test]
    fn the_tokens_are_never_exceeded_and_what_did_not_fit_is_counted() {
        let mut site = Site::new();
        for page in 0..6 {
            let text = format!("Page {page} {}", "word ".repeat(40));
            site.page(&format!("/{page}"), "product").paragraph(&text).paragraph(&format!("short {page}"));
        }
        for tokens in [0, 10, 33, 60, 120, 400] {
            let (shown, not_read) = chosen(&site, &["*"], &["word"], tokens);
            let blocks: u64 = shown.iter().flat_map(|(_, texts)| texts).map(|text| count(text) + 1).sum();
            let cost = blocks + FRAME_TOKENS * shown.len() as u64;
            assert!(cost <= tokens, "{cost} of {tokens}");
            let blocks: usize = shown.iter().map(|(_, texts)| texts.len()).sum();
            assert_eq!(not_read.blocks as usize, 12 - blocks);
            assert_eq!(not_read.documents as usize, 6 - shown.len());
        }
    }

    #[test]
    fn a_text_is_shown_once_and_texts_kept_from_models_never() {
        let mut site = Site::new();
        site.page("/a", "product").paragraph("The same price.").paragraph("One price.");
        site.page("/b", "product").paragraph("The same price.").paragraph("Two prices.");
        site.page("/c", "product")
            .paragraph("Secret price.")
            .attributes(serde_json::json!({"signals": {"ai_input": "no"}}));
        let (shown, _) = chosen(&site, &["product"], &["price"], 1000);
        let texts: Vec<String> = shown.into_iter().flat_map(|(_, texts)| texts).collect();
        assert_eq!(texts.iter().filter(|text| *text == "The same price.").count(), 1);
        assert_eq!(texts.len(), 3);
        assert!(!texts.iter().any(|text| text.contains("Secret")));
    }
}
