//! Evidence: does the quote stand in the text, do the numbers of a statement stand in its quotes, and is neither the
//! denial of the other?
//!
//! For whoever turns a model's words into findings. Not for choosing sources or judging what a claim means:
//! nothing here knows of documents, sections or models, and nothing here waits.
//! Read first: [`locate()`] and [`Index`] (quotes), [`numbers_supported`] (numbers, amounts, dates), then [`Polarity`]
//! (whether statement and quote say yes or no to the same).

mod boundary;
mod ellipsis;
mod fold;
mod fuzzy;
mod locate;
mod negation;
mod numbers;
mod protected;
mod words;

pub use domain::QuoteVerdict;
pub use locate::{Index, Located, MIN_LENGTH, locate};
pub use negation::{Negations, Polarity, is_denied, negates};
pub use numbers::numbers_supported;
