//! Whether a statement and a quote say yes or no to the same thing.

use std::ops::Range;

use super::scope::{Carrying, Negations};
use super::words::{guards, is_english, is_first_person};

/// How much of a longer word must be the same for two forms of one word, in percent: `sell` and `sells`,
/// `approval` and `approved`.
const SAME_PERCENT: usize = 55;
/// The shortest beginning that two forms of one word share.
const SAME_LETTERS: usize = 4;
/// What stands around a quote is looked at as far as this, in bytes.
const AROUND: usize = 400;

/// What a text says yes and no to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Polarity {
    words: Vec<Carrying>,
    /// A negation stands in it, or reaches into it.
    denies: bool,
    /// A word denies without being one: `lacks`, `solvent-free`.
    softly: bool,
    /// A word says less than a plain yes: `only on request`, `undisclosed`.
    guarded: bool,
    /// English, and nobody speaks of themselves: `you never have to walk the fields`.
    of_others: bool,
}

impl Polarity {
    #[must_use]
    pub fn of(text: &str) -> Self {
        Self::at(text, 0..text.len())
    }

    /// Of a quote where it stands: what its own clause says before and after it counts too.
    #[must_use]
    pub fn of_quote(text: &str, quote: &Range<usize>) -> Self {
        let (near, inside) = near(text, quote);
        Self::at(near, inside)
    }

    fn at(text: &str, range: Range<usize>) -> Self {
        let negations = Negations::of(text);
        Self {
            words: negations.carrying(&range),
            denies: negations.touch(&range),
            softly: negations.deny_softly(&range),
            guarded: negations.any(&range, guards),
            of_others: negations.any(&range, is_english) && !negations.any(&range, is_first_person),
        }
    }

    /// Whether it says no to something.
    #[must_use]
    pub const fn denies(&self) -> bool {
        self.denies
    }

    /// Whether the quote says no to what this statement says yes to.
    #[must_use]
    pub fn is_denied_by(&self, quote: &Self) -> bool {
        if !quote.denies || self.softly && !self.denies {
            return false;
        }
        let (shared, denied) = self.affirmed_in(quote);
        if self.denies {
            // Something is denied on both sides; what is said besides must not all be denied there.
            return shared >= 2 && denied == shared;
        }
        if self.guarded {
            return self.is_contradicted_by(quote);
        }
        if shared == 0 {
            // Another language: what the quote says on the whole. In other English words a no may promise a yes.
            let all = quote.words.len();
            let mostly = quote.words.iter().filter(|word| word.denied).count() * 2 > all;
            return all > 0 && mostly && !quote.of_others;
        }
        denied * 2 > shared
    }

    /// Whether the quote says no in nearly the same words, so that nothing but the no lies between them. What follows
    /// from a no (`not for consumers`, so for businesses) is no contradiction.
    #[must_use]
    pub fn is_contradicted_by(&self, quote: &Self) -> bool {
        let (shared, denied) = self.affirmed_in(quote);
        let alike = shared * 2 > self.words.len();
        quote.denies && !self.denies && !self.softly && alike && denied * 2 > shared
    }

    /// The words of this statement that none of the texts holds, and how many words it has, names of no account left
    /// out of both.
    #[must_use]
    pub fn unsaid_in(&self, texts: &[Self], of_no_account: impl Fn(&str) -> bool) -> (Vec<String>, usize) {
        let counted: Vec<&str> =
            self.words.iter().map(|word| word.lower.as_str()).filter(|word| !of_no_account(word)).collect();
        let said =
            |word: &&str| texts.iter().flat_map(|text| &text.words).any(|other| same(word, &other.lower));
        let unsaid = counted.iter().filter(|word| !said(word)).map(|word| (*word).to_owned()).collect();
        (unsaid, counted.len())
    }

    /// How many of the affirmed words stand in the quote, and how many of those stand there only denied.
    fn affirmed_in(&self, quote: &Self) -> (usize, usize) {
        let affirmed: Vec<&Carrying> = self.words.iter().filter(|word| !word.denied).collect();
        shared(&affirmed, quote)
    }

    /// Whether the quote carries that this statement says no.
    #[must_use]
    pub fn is_backed_by(&self, quote: &Self) -> bool {
        let denied: Vec<&Carrying> = self.words.iter().filter(|word| word.denied).collect();
        let (shared, of_them) = shared(&denied, quote);
        let in_other_words = shared < 2 && shared < denied.len().max(1);
        of_them > 0 || quote.softly || quote.denies && in_other_words
    }

    /// Whether the quote says yes to most of what this statement says no to.
    #[must_use]
    pub fn is_affirmed_by(&self, quote: &Self) -> bool {
        let denied: Vec<&Carrying> = self.words.iter().filter(|word| word.denied).collect();
        let (shared, of_them) = shared(&denied, quote);
        shared > 0 && shared * 2 >= denied.len() && of_them == 0
    }
}

/// How many of the words stand in the quote, and how many of those stand there only denied.
fn shared(words: &[&Carrying], quote: &Polarity) -> (usize, usize) {
    let (mut shared, mut denied) = (0, 0);
    for word in words {
        let mut places = quote.words.iter().filter(|other| same(&word.lower, &other.lower)).peekable();
        if places.peek().is_some() {
            shared += 1;
            denied += usize::from(places.all(|place| place.denied));
        }
    }
    (shared, denied)
}

/// Whether two words are forms of one. Numbers have no forms.
fn same(a: &str, b: &str) -> bool {
    if a == b || a.chars().chain(b.chars()).any(char::is_numeric) {
        return a == b;
    }
    let head = a.chars().zip(b.chars()).take_while(|(x, y)| x == y).count();
    let longer = a.chars().count().max(b.chars().count());
    head >= SAME_LETTERS && head * 100 >= longer * SAME_PERCENT
}

/// The text around a quote, within its block, and where the quote stands in that.
pub(crate) fn near<'t>(text: &'t str, quote: &Range<usize>) -> (&'t str, Range<usize>) {
    let boundary = |at: usize| text.is_char_boundary(at);
    let from = quote.start.saturating_sub(AROUND);
    let from = (from..=quote.start).find(|at| boundary(*at)).unwrap_or(quote.start);
    let to = (quote.end + AROUND).min(text.len());
    let to = (quote.end..=to).rev().find(|at| boundary(*at)).unwrap_or(quote.end);
    let near = text.get(from..to).unwrap_or_default();
    (near, quote.start.saturating_sub(from)..quote.end.saturating_sub(from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_one_word_are_the_same_and_numbers_have_no_forms() {
        for (a, b) in
            [("sell", "sells"), ("approved", "approval"), ("pump", "pumpen"), ("investors", "investoren")]
        {
            assert!(same(a, b), "{a} {b}");
        }
        for (a, b) in [("sell", "self"), ("27001", "27002"), ("data", "date"), ("product", "profit")] {
            assert!(!same(a, b), "{a} {b}");
        }
    }
}
