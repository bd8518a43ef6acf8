//! Evidence: does the quote stand in the text, and do the numbers of a statement stand in its quotes?
//!
//! For whoever turns a model's words into findings. Not for choosing sources or judging what a claim means:
//! nothing here knows of documents, sections or models, and nothing here waits.
//! Read first: [`locate()`] and [`Index`] (quotes), then [`numbers_supported`] (numbers, amounts, dates).

mod boundary;
mod ellipsis;
mod fold;
mod fuzzy;
mod locate;
mod numbers;
mod protected;
mod words;

pub use domain::QuoteVerdict;
pub use locate::{Index, Located, MIN_LENGTH, locate};
pub use numbers::numbers_supported;
pub use protected::negates;
