//! What a text denies: the words that say no (`words`), what they reach (`scope`, by `grammar`), and whether a statement
//! and a quote say yes or no to the same thing (`polarity`).

mod grammar;
mod polarity;
mod scope;
#[cfg(test)]
mod tests;
mod words;

use std::ops::Range;

pub use polarity::Polarity;
pub use scope::Negations;

/// Whether a quote leaves out a negation of what it says, which stands before or after it in its clause.
pub(crate) fn left_out(text: &str, quote: &Range<usize>) -> bool {
    let (near, inside) = polarity::near(text, quote);
    Negations::of(near).left_out_of(&inside)
}

/// Whether what stands at a byte range of a text is denied there: `Shell` in `never had customers such as Shell`.
/// `before`: only by a negation that stands before it, so that who or what a denial is about (`Acme never sleeps`) is not
/// denied with it.
#[must_use]
pub fn is_denied(text: &str, range: &Range<usize>, before: bool) -> bool {
    let (near, inside) = polarity::near(text, range);
    Negations::of(near).deny(&inside, |_, at| !before || at < inside.start)
}

/// Whether a text denies anything: `not`, `can't`, `kein`, `jamais`. A `no` that denies nothing (`no. 5`, `not only`)
/// does not count.
#[must_use]
pub fn negates(text: &str) -> bool {
    !Negations::of(text).is_empty()
}
