//! How far a negation reaches.
//!
//! Rules of thumb about clauses, not grammar: a comma or an `and` ends a clause when somebody new does something after
//! it, or when what was denied is complete. In doubt a negation reaches further: a denied word that counts as
//! affirmed makes a false claim, the other way round only costs a true one.

use std::ops::Range;

use super::grammar::{
    is_and, is_article, is_auxiliary, is_content, is_or, is_preposition, is_relative, is_subject, turns,
};
use super::words::{
    self, Sort, denies, is_free, is_more, is_of, is_politeness, is_portuguese, is_than, is_way, undoes,
};
use crate::fold::Folded;
use crate::words::words as split;

/// What stands between a word and the one before it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Gap {
    Space,
    /// They are one compound: `non-profit`.
    Hyphen,
    Comma,
    Colon,
    /// A sentence or a block ends.
    End,
}

/// A word of a text.
#[derive(Debug)]
struct Word {
    /// Where it stands in the text as given.
    range: Range<usize>,
    /// Folded, lower case, without what is elided before it.
    lower: String,
    /// It begins with a capital.
    capital: bool,
    /// It has capitals alone, two at least.
    capitals: bool,
    gap: Gap,
    /// The French `n'` stood before it.
    elided_ne: bool,
    /// What stands behind it makes a number of `no`: `no. 5`.
    numbers: bool,
}

/// One negation: its word, and the words it reaches.
#[derive(Debug)]
struct Reach {
    at: usize,
    words: Range<usize>,
}

/// The negations of a text, and what they reach.
#[derive(Debug, Default)]
pub struct Negations {
    words: Vec<Word>,
    reaches: Vec<Reach>,
}

/// A word that can be affirmed or denied.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Carrying {
    pub(crate) lower: String,
    pub(crate) denied: bool,
}

impl Negations {
    #[must_use]
    pub fn of(text: &str) -> Self {
        let words = read(text);
        let mut found = Self { words, reaches: Vec::new() };
        found.reaches = (0..found.words.len()).filter_map(|at| found.reach(at)).collect();
        found
    }

    /// Whether nothing is denied anywhere.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.reaches.is_empty()
    }

    /// What is denied: byte ranges of the negations and of the words they reach.
    pub fn denied(&self) -> impl Iterator<Item = Range<usize>> + '_ {
        let denied = |at: &usize| self.is_denied(*at) || self.reaches.iter().any(|reach| reach.at == *at);
        (0..self.words.len()).filter(denied).filter_map(|at| Some(self.words.get(at)?.range.clone()))
    }

    /// Whether half of what a byte range says, or more, is denied: by negations for which `counts` holds, given their
    /// word and where it stands.
    pub fn deny(&self, range: &Range<usize>, counts: impl Fn(&str, usize) -> bool) -> bool {
        let inside = self.inside(range);
        let counting: Vec<&Reach> = self
            .reaches
            .iter()
            .filter(|reach| {
                self.words.get(reach.at).is_some_and(|word| counts(&word.lower, word.range.start))
            })
            .collect();
        let denied = |at: &usize| counting.iter().any(|reach| reach.words.contains(at));
        let carrying: Vec<usize> = inside.clone().filter(|at| self.carries(*at)).collect();
        if carrying.is_empty() {
            // Nothing but grammar: a negation of its own is what it is looked for.
            return counting.iter().any(|reach| {
                !inside.contains(&reach.at) && inside.clone().any(|at| reach.words.contains(&at))
            });
        }
        let denied = carrying.iter().filter(|at| denied(at)).count();
        denied > 0 && denied * 2 >= carrying.len()
    }

    /// Whether a quote, cut out of this text, leaves out the negation of what it begins or ends with.
    pub(crate) fn left_out_of(&self, range: &Range<usize>) -> bool {
        let inside = self.inside(range);
        let ends = |at: usize| self.words.get(at).is_none_or(|word| word.gap == Gap::End);
        let first = (inside.start + 1..inside.end).find(|at| ends(*at)).unwrap_or(inside.end);
        let last = (inside.start + 1..inside.end).rev().find(|at| ends(*at)).unwrap_or(inside.start);
        self.reaches.iter().any(|reach| {
            let sentence = if reach.at < inside.start {
                inside.start..first
            } else if reach.at >= inside.end {
                last..inside.end
            } else {
                return false;
            };
            let carrying: Vec<usize> = sentence.filter(|at| self.carries(*at)).collect();
            let denied = carrying.iter().filter(|at| reach.words.contains(at)).count();
            denied > 0 && denied * 2 >= carrying.len()
        })
    }

    /// The carrying words of a byte range.
    pub(crate) fn carrying(&self, range: &Range<usize>) -> Vec<Carrying> {
        self.inside(range)
            .filter(|at| self.carries(*at))
            .filter_map(|at| {
                Some(Carrying { lower: self.words.get(at)?.lower.clone(), denied: self.is_denied(at) })
            })
            .collect()
    }

    /// Whether some word of the byte range is of the sort.
    pub(crate) fn any(&self, range: &Range<usize>, is: impl Fn(&str) -> bool) -> bool {
        self.inside(range).any(|at| is(self.lower(at)))
    }

    /// Whether the byte range denies without a negation: `solvent-free`, `lacks a licence`.
    pub(crate) fn deny_softly(&self, range: &Range<usize>) -> bool {
        self.inside(range).any(|at| {
            let word = self.lower(at);
            let joined = || self.gap(at) == Gap::Hyphen || is_of(self.lower(at + 1));
            denies(word) || is_free(word) && joined() || word.len() > 6 && word.ends_with("less")
        })
    }

    /// Whether a negation stands in the byte range or reaches into it.
    pub(crate) fn touch(&self, range: &Range<usize>) -> bool {
        let inside = self.inside(range);
        self.reaches.iter().any(|reach| {
            inside.contains(&reach.at) || reach.words.start < inside.end && inside.start < reach.words.end
        })
    }

    /// The words of a byte range.
    fn inside(&self, range: &Range<usize>) -> Range<usize> {
        let start = self.words.partition_point(|word| word.range.end <= range.start);
        let end = self.words.partition_point(|word| word.range.start < range.end);
        start..end.max(start)
    }

    fn is_denied(&self, at: usize) -> bool {
        self.reaches.iter().any(|reach| reach.words.contains(&at))
    }

    fn carries(&self, at: usize) -> bool {
        self.words.get(at).is_some_and(|word| is_content(&word.lower))
    }

    fn lower(&self, at: usize) -> &str {
        self.words.get(at).map(|word| word.lower.as_str()).unwrap_or_default()
    }

    fn gap(&self, at: usize) -> Gap {
        self.words.get(at).map_or(Gap::End, |word| word.gap)
    }

    /// What the word reaches, if it is a negation that denies something.
    fn reach(&self, at: usize) -> Option<Reach> {
        let word = self.words.get(at)?;
        let sort = words::sort(&word.lower, word.capitals, self.has_ne(at))?;
        if word.numbers || word.lower == "no" && self.is_contraction(at) || self.is_undone(at) {
            return None;
        }
        let next = at + 1;
        if self.gap(next) == Gap::Hyphen {
            return Some(Reach { at, words: next..next + 1 });
        }
        let before = at.checked_sub(1).filter(|_| word.gap == Gap::Space).map(|at| self.lower(at));
        let sort = match (sort, before) {
            (Sort::Noun, Some("in" | "auf" | "under" | "unter" | "en")) if is_way(self.lower(next)) => {
                Sort::Clause
            }
            (Sort::Noun, Some(before)) if is_preposition(before) || is_and(before) => Sort::Without,
            (sort, _) => sort,
        };
        let end = self.end(at, sort);
        let start = if sort == Sort::Without { at } else { self.start(at, sort) };
        (start + 1 < end).then_some(Reach { at, words: start..end })
    }

    /// Where the reach ends that begins behind the negation.
    fn end(&self, negation: usize, sort: Sort) -> usize {
        let mut said = 0;
        for at in negation + 1..self.words.len() {
            let ends = match self.gap(at) {
                Gap::End => true,
                Gap::Colon => said >= 2,
                Gap::Comma if sort == Sort::Without => said > 0,
                Gap::Comma => self.starts_anew(at, said) && !self.is_aside(at),
                Gap::Space | Gap::Hyphen => false,
            };
            if ends || self.turns_at(at, sort, said) {
                return at;
            }
            said += usize::from(self.carries(at));
        }
        self.words.len()
    }

    /// Whether the word itself ends a reach.
    fn turns_at(&self, at: usize, sort: Sort, said: usize) -> bool {
        let (word, next) = (self.lower(at), self.lower(at + 1));
        if turns(word) {
            // `nicht wenn`, `not so easy`: what follows at once is what is denied.
            return said > 0;
        }
        if is_and(word) {
            let pause = self.gap(at) == Gap::Comma && sort == Sort::Clause;
            return pause || said >= 2 || is_subject(next) || sort != Sort::Noun && is_article(next);
        }
        sort == Sort::Without && said > 0 && is_preposition(word)
    }

    /// Whether another clause begins with the word behind a comma.
    fn starts_anew(&self, at: usize, said: usize) -> bool {
        let word = self.lower(at);
        if is_subject(word) || turns(word) || is_relative(word) {
            return true;
        }
        if is_auxiliary(word) {
            return false;
        }
        let open = (at..self.words.len())
            .take_while(|at| self.gap(*at) != Gap::End && !is_subject(self.lower(*at)))
            .any(|at| is_or(self.lower(at)));
        let named = self.words.get(at).is_some_and(|word| word.capital) || is_article(word);
        !open && (named || said >= 2)
    }

    /// Whether what begins behind the comma is an aside, after which the clause goes on: `none of ours, which …, are`.
    fn is_aside(&self, at: usize) -> bool {
        let word = self.lower(at);
        let closed = || {
            (at + 1..self.words.len())
                .take_while(|at| self.gap(*at) != Gap::End)
                .find(|at| self.gap(*at) == Gap::Comma)
                .is_some_and(|at| is_auxiliary(self.lower(at)))
        };
        !is_subject(word) && !turns(word) && closed()
    }

    /// Where the clause of a negation starts.
    fn start(&self, negation: usize, sort: Sort) -> usize {
        let mut start = negation;
        while let Some(at) = start.checked_sub(1) {
            let word = self.lower(at);
            // `designed to never fail`, but `sold to nobody`.
            let infinitive = word == "to" && start == negation && sort == Sort::Clause;
            if !matches!(self.gap(start), Gap::Space | Gap::Hyphen)
                || is_and(word)
                || turns(word)
                || is_relative(word)
                || infinitive
            {
                break;
            }
            start = at;
        }
        start
    }

    /// `not only`, `do not hesitate`, `no more than`, `why not`, `not without`: nothing is denied.
    fn is_undone(&self, at: usize) -> bool {
        let (one, two) = (self.lower(at + 1), self.lower(at + 2));
        let before = at.checked_sub(1).map(|at| self.lower(at)).unwrap_or_default();
        let earlier = at.checked_sub(2).map(|at| self.lower(at)).unwrap_or_default();
        let without = |word: &str| matches!(words::sort(word, false, false), Some(Sort::Without));
        let near = at.saturating_sub(2)..at + 4;
        undoes(one)
            || one.starts_with("stop")
            || one.starts_with("ceas")
            || is_more(one) && is_than(two)
            || one == "fail" && two == "to"
            || near.into_iter().any(|at| is_politeness(self.lower(at)))
            || before == "why"
            || before == "to" && earlier == "second"
            || without(one)
            || without(self.lower(at)) && words::sort(before, false, false) == Some(Sort::Clause)
            || self.is_until(at)
    }

    /// `did not open until 2020`: it did, in 2020.
    fn is_until(&self, at: usize) -> bool {
        (at + 1..self.words.len())
            .take_while(|at| !matches!(self.gap(*at), Gap::End | Gap::Comma))
            .any(|at| matches!(self.lower(at), "until" | "till"))
    }

    /// Whether the French `ne` stands in the words before, where `plus` and `personne` need it.
    fn has_ne(&self, at: usize) -> bool {
        (at.saturating_sub(5)..at)
            .any(|at| self.words.get(at).is_some_and(|word| word.elided_ne || word.lower == "ne"))
    }

    /// Whether `no` is Portuguese for `in the`: something that only Portuguese has stands nearby.
    fn is_contraction(&self, at: usize) -> bool {
        (at.saturating_sub(12)..at + 12).filter(|near| *near != at).any(|at| is_portuguese(self.lower(at)))
    }
}

/// The words of a text with what parts them.
fn read(text: &str) -> Vec<Word> {
    let folded = Folded::new(text);
    let mut read: Vec<Word> = Vec::new();
    let mut last = 0;
    for range in split(&folded.text) {
        let between = folded.text.get(last..range.start).unwrap_or_default();
        let raw = folded.end(last)..folded.start(range.start);
        let gap = if read.is_empty() || parts_blocks(text.get(raw).unwrap_or_default()) {
            Gap::End
        } else {
            gap(between, read.last(), folded.text.get(range.start..).unwrap_or_default())
        };
        last = range.end;
        let spelled = folded.text.get(range.clone()).unwrap_or_default();
        let behind = folded.text.get(range.end..).unwrap_or_default();
        read.push(word(spelled, behind, gap, folded.start(range.start)..folded.end(range.end)));
    }
    read
}

fn word(spelled: &str, behind: &str, gap: Gap, range: Range<usize>) -> Word {
    let lower = spelled.to_lowercase();
    let (elided, lower) = match lower.split_once('\'') {
        Some((head, "s" | "re" | "ve" | "ll" | "d" | "m")) => ("", head.to_owned()),
        Some((head @ ("c" | "d" | "j" | "l" | "m" | "n" | "qu" | "s" | "t"), tail)) => {
            (head, tail.to_owned())
        }
        _ => ("", lower.clone()),
    };
    let elided_ne = elided == "n";
    let mut letters = spelled.chars().filter(|c| c.is_alphabetic());
    let capital = letters.next().is_some_and(char::is_uppercase);
    let capitals = capital && letters.clone().next().is_some() && letters.all(char::is_uppercase);
    let abbreviated = behind.starts_with(['.', ':', '\u{ba}', '\u{b0}']) || capital && gap != Gap::End;
    let number = behind.trim_start_matches(['.', ':', '\u{ba}', '\u{b0}', ' ', '#']);
    let numbers = lower == "no" && abbreviated && number.starts_with(|c: char| c.is_ascii_digit());
    Word { range, lower, capital, capitals, gap, elided_ne, numbers }
}

/// Abbreviations whose point ends no sentence.
const ABBREVIATIONS: [&str; 14] =
    ["approx", "b", "bzw", "ca", "dr", "e", "g", "mr", "mrs", "ms", "no", "nr", "prof", "st"];

/// What the marks between two words mean; `rest` begins with the second one.
fn gap(between: &str, before: Option<&Word>, rest: &str) -> Gap {
    let capital = rest.starts_with(|c: char| c.is_uppercase() || c.is_numeric());
    let abbreviated = before.is_some_and(|word| ABBREVIATIONS.contains(&word.lower.as_str()));
    let point = between.contains('.') && between.ends_with([' ', '"', '\'', '(']) && capital && !abbreviated;
    if point || between.contains(['!', '?', ';', '|', '\u{2022}', '\u{b7}', '\u{3002}']) {
        Gap::End
    } else if between.contains(':') {
        Gap::Colon
    } else if between.contains([',', '(', ')', '[', ']', '"'])
        || between.contains(" - ")
        || between.contains("...")
    {
        Gap::Comma
    } else if between == "-" {
        Gap::Hyphen
    } else {
        Gap::Space
    }
}

/// Whether an empty line stands there: blocks are parted by one.
fn parts_blocks(raw: &str) -> bool {
    raw.chars().filter(|c| *c == '\n').count() >= 2
}
