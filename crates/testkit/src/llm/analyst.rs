//! An analyst that never lies: it quotes sentences of the sources and says nothing else.

use serde_json::Value;

use super::fill::Filler;
use super::{Prompt, Reply};

/// Answers any prompt: a value that fits the schema, made of sentences that stand in the sources word for word.
///
/// Claims cite sources (`S…`), or earlier findings (`F…`) when those are shown; summaries cite the claims.
/// Without a schema, the first sentence that can be quoted.
#[must_use]
pub fn honest(prompt: &Prompt) -> Reply {
    Reply::text(honest_value(prompt).map_or_else(|| first_sentence(prompt), |value| value.to_string()))
}

/// The value alone; none without a schema.
pub(super) fn honest_value(prompt: &Prompt) -> Option<Value> {
    let schema = prompt.schema.as_ref()?;
    Some(Filler::new(prompt, schema).value(schema))
}

fn first_sentence(prompt: &Prompt) -> String {
    let sources = prompt.sources();
    let first = sources.iter().flat_map(|source| source.sentences()).next();
    first.unwrap_or("Nothing was shown.").to_owned()
}
