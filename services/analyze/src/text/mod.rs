//! What a text says, measured without understanding it: sentences, terms, ranking, and what is not worth quoting.

pub(crate) mod address;
pub(crate) mod bm25;
pub(crate) mod claims;
pub(crate) mod crumbs;
pub(crate) mod denials;
pub(crate) mod sentences;
pub(crate) mod terms;
