//! The bounded fuzzy match: the quote's words in order, with few and small differences, none of them in a word that
//! carries the meaning.

use std::collections::HashMap;
use std::ops::Range;

use crate::boundary::{Cut, cut};
use crate::protected::is_protected;
use crate::words::words;

/// One word may differ in this many.
const WORDS_PER_EDIT: usize = 8;
const MAX_EDITS: usize = 3;
/// The share of the quote's characters that may differ, in percent.
const MAX_CHARS_PERCENT: usize = 10;
/// Longer quotes are looked up exactly or not at all.
const MAX_WORDS: usize = 400;
/// Rare words of the quote whose places are tried, and places tried for each of them.
const SEEDS: usize = 4;
const PLACES_PER_SEED: usize = 16;

/// The words of a text and where each of them stands.
#[derive(Debug)]
pub(crate) struct Words {
    list: Vec<Range<usize>>,
    places: HashMap<String, Vec<usize>>,
}

impl Words {
    pub(crate) fn new(text: &str) -> Self {
        let list = words(text);
        let mut places: HashMap<String, Vec<usize>> = HashMap::new();
        for (number, word) in list.iter().enumerate() {
            let word = text.get(word.clone()).unwrap_or_default().to_lowercase();
            places.entry(word).or_default().push(number);
        }
        Self { list, places }
    }
}

/// The place that differs least from the quote, within the bounds.
pub(crate) fn find(
    text: &str,
    index: &Words,
    quote: &str,
    accept: &impl Fn(Range<usize>) -> bool,
) -> Option<Range<usize>> {
    let ranges = words(quote);
    if ranges.is_empty() || ranges.len() > MAX_WORDS {
        return None;
    }
    let quoted: Vec<Word> = spelled(quote, &ranges);
    let edits = (quoted.len() / WORDS_PER_EDIT).min(MAX_EDITS);
    let bound = Cost { words: edits, chars: quote.chars().count() * MAX_CHARS_PERCENT / 100 };
    let mut best: Option<(Cost, Range<usize>)> = None;
    for start in starts(index, &quoted, edits) {
        let window = index.list.get(start..(start + quoted.len() + 2 * edits).min(index.list.len()))?;
        let stood = spelled(text, window);
        let Some((cost, from, to)) = align(&quoted, &stood, bound) else { continue };
        let (Some(first), Some(last)) = (window.get(from), window.get(to)) else { continue };
        let place = first.start..last.end;
        let better = best.as_ref().is_none_or(|(known, _)| cost < *known);
        if better && cut(text, place.start, place.end) != Cut::Inside && accept(place.clone()) {
            best = Some((cost, place));
        }
    }
    best.map(|(_, place)| place)
}

/// The numbers of the text's words at which the quote might start, judged by its rarest words.
fn starts(index: &Words, quoted: &[Word], edits: usize) -> Vec<usize> {
    let mut seeds: Vec<(usize, usize, &Vec<usize>)> = quoted
        .iter()
        .enumerate()
        .filter_map(|(number, word)| {
            index.places.get(&word.lower).map(|places| (places.len(), number, places))
        })
        .collect();
    seeds.sort_unstable_by_key(|(count, number, _)| (*count, *number));
    let mut found: Vec<usize> = seeds
        .into_iter()
        .take(SEEDS)
        .flat_map(|(_, number, places)| {
            places.iter().take(PLACES_PER_SEED).map(move |place| place.saturating_sub(number + edits))
        })
        .collect();
    found.sort_unstable();
    found.dedup();
    found
}

#[derive(Debug)]
struct Word {
    lower: String,
    protected: bool,
}

fn spelled(text: &str, ranges: &[Range<usize>]) -> Vec<Word> {
    ranges
        .iter()
        .map(|range| {
            let word = text.get(range.clone()).unwrap_or_default();
            Word { lower: word.to_lowercase(), protected: is_protected(word) }
        })
        .collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Cost {
    words: usize,
    chars: usize,
}

impl Cost {
    fn plus(self, chars: usize) -> Self {
        Self { words: self.words + 1, chars: self.chars + chars }
    }
}

/// One cell of the alignment: what it cost so far, and with which word of the text it began.
type Cell = Option<(Cost, usize)>;

/// Aligns the whole quote with a stretch of the text; tells the cost and the first and last word of the stretch.
fn align(quoted: &[Word], stood: &[Word], bound: Cost) -> Option<(Cost, usize, usize)> {
    let mut row: Vec<Cell> =
        (0..=stood.len()).map(|start| Some((Cost { words: 0, chars: 0 }, start))).collect();
    for word in quoted {
        let mut next: Vec<Cell> = Vec::with_capacity(row.len());
        next.push(dropped(row.first().copied().flatten(), word));
        for (number, other) in stood.iter().enumerate() {
            let diagonal = row.get(number).copied().flatten().and_then(|cell| paired(cell, word, other));
            let up = dropped(row.get(number + 1).copied().flatten(), word);
            let left = dropped(next.last().copied().flatten(), other);
            next.push(
                [diagonal, up, left].into_iter().flatten().filter(|(cost, _)| within(*cost, bound)).min(),
            );
        }
        row = next;
    }
    row.into_iter()
        .enumerate()
        .filter_map(|(end, cell)| {
            let (cost, start) = cell?;
            Some((cost, start, end.checked_sub(1)?)).filter(|(_, from, to)| from <= to)
        })
        .min()
}

const fn within(cost: Cost, bound: Cost) -> bool {
    cost.words <= bound.words && cost.chars <= bound.chars
}

/// The word stands on one side only.
fn dropped(cell: Cell, word: &Word) -> Cell {
    let (cost, start) = cell?;
    (!word.protected).then(|| (cost.plus(word.lower.chars().count()), start))
}

/// The words stand against each other: equal but for case, or alike.
fn paired((cost, start): (Cost, usize), word: &Word, other: &Word) -> Cell {
    if word.lower == other.lower {
        return Some((cost, start));
    }
    if word.protected || other.protected {
        return None;
    }
    let edits = alike(&word.lower, &other.lower)?;
    Some((cost.plus(edits), start))
}

/// How many characters differ between two spellings of one word; none if they are two words.
fn alike(a: &str, b: &str) -> Option<usize> {
    let (a, b): (Vec<char>, Vec<char>) = (a.chars().collect(), b.chars().collect());
    let most = match a.len().min(b.len()) {
        0..=3 => return None,
        4..=7 => 1,
        _ => 2,
    };
    let same_head = a.iter().zip(&b).take(2).all(|(x, y)| x == y);
    if !same_head || a.len().abs_diff(b.len()) > most {
        return None;
    }
    Some(distance(&a, &b)).filter(|edits| *edits <= most)
}

/// Levenshtein distance.
fn distance(a: &[char], b: &[char]) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, x) in a.iter().enumerate() {
        let mut diagonal = i;
        let mut left = i + 1;
        if let Some(first) = row.first_mut() {
            *first = left;
        }
        for (y, cell) in b.iter().zip(row.iter_mut().skip(1)) {
            let up = *cell;
            left = (diagonal + usize::from(x != y)).min(up + 1).min(left + 1);
            diagonal = up;
            *cell = left;
        }
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{QuoteVerdict, locate};

    const TEXT: &str = "Our remote monitored pumps help small farms save water and energy every day, and they are \
        installed at 1,200 sites in 12 countries. We do not sell customer data to third parties.";

    #[test]
    fn a_small_slip_is_loose_and_the_original_is_given() {
        for quote in [
            "Our remote monitored pumps help small farm save water and energy every day",
            "our remote monitored pumps help small farms save water, and energy every day",
            "Our remote monitored pumps help the small farms save water and energy every day",
        ] {
            let found = locate(TEXT, quote);
            assert_eq!(found.verdict, QuoteVerdict::Loose, "{quote}");
            assert_eq!(
                found.of(TEXT),
                "Our remote monitored pumps help small farms save water and energy every day"
            );
        }
    }

    #[test]
    fn numbers_negations_and_names_never_differ() {
        for quote in [
            "installed at 1,300 sites in 12 countries",
            "and they are installed at 1,200 sites in 13 countries",
            "We do sell customer data to third parties",
            "Acme remote monitored pumps help small farms save water and energy every day",
            "installed at 1200 sites in 12 countries",
        ] {
            assert_eq!(locate(TEXT, quote).verdict, QuoteVerdict::Unsupported, "{quote}");
        }
    }

    #[test]
    fn another_word_in_its_place_is_unsupported() {
        for quote in [
            "Our remote monitored pumps help large farms save water and energy every day",
            "save water and energy every day and they are removed",
        ] {
            assert_eq!(locate(TEXT, quote).verdict, QuoteVerdict::Unsupported, "{quote}");
        }
    }

    #[test]
    fn the_distance_of_two_spellings_counts_their_edits() {
        let d = |a: &str, b: &str| distance(&a.chars().collect::<Vec<_>>(), &b.chars().collect::<Vec<_>>());
        assert_eq!(
            (d("kitten", "sitting"), d("farm", "farms"), d("", "abc"), d("same", "same")),
            (3, 1, 3, 0)
        );
    }
}
