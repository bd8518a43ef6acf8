//! The documents that the run has, as far as the next one must be compared with them.

use std::collections::HashMap;

use domain::{Document, DocumentId};
use serde_json::Value;

use crate::normal::Normal;
use crate::tables::Addresses;
use crate::verdict::{HASHABLE_WORDS, same_text};

/// A document kept.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct KeptOne {
    pub(crate) id: DocumentId,
    pub(crate) url: String,
    text_hash: String,
    simhash: u64,
    words: u32,
}

impl KeptOne {
    pub(crate) fn new(id: DocumentId, url: &str, text_hash: &str, simhash: u64, words: u32) -> Self {
        Self { id, url: url.to_owned(), text_hash: text_hash.to_owned(), simhash, words }
    }

    /// Whether its text is (nearly) the other's: similarity from 100 words on, equality below.
    pub(crate) fn is_like(&self, text_hash: &str, simhash: u64, words: u32) -> bool {
        self.text_hash == text_hash || same_text(self.simhash, simhash, self.words.min(words), HASHABLE_WORDS)
    }
}

/// Found by address or by text.
#[derive(Debug, Default)]
pub(crate) struct Kept {
    all: Vec<KeptOne>,
    by_key: HashMap<String, usize>,
    by_text: HashMap<String, usize>,
}

impl Kept {
    pub(crate) fn of(documents: &[Document], addresses: &Addresses) -> Self {
        let mut kept = Self::default();
        for document in documents {
            let Some(url) = document.url.as_deref() else { continue };
            let attributes = &document.attributes;
            let text = |name: &str| attributes.get(name).and_then(Value::as_str).unwrap_or_default();
            let simhash = u64::from_str_radix(text("simhash"), 16).unwrap_or_default();
            let words =
                attributes.get("words").and_then(Value::as_u64).and_then(|words| words.try_into().ok());
            let one = KeptOne::new(document.id, url, text("text_hash"), simhash, words.unwrap_or_default());
            let aliases = attributes.get("aliases").and_then(Value::as_array).into_iter().flatten();
            let aliases = aliases.filter_map(Value::as_str);
            let keys = std::iter::once(url).chain(aliases).filter_map(|url| Normal::parse(url, addresses));
            let keys: Vec<String> = keys.map(|normal| normal.key).collect();
            kept.add(one, keys);
        }
        kept
    }

    pub(crate) fn add(&mut self, one: KeptOne, keys: impl IntoIterator<Item = String>) {
        let place = self.all.len();
        self.by_text.entry(one.text_hash.clone()).or_insert(place);
        for key in keys {
            self.by_key.entry(key).or_insert(place);
        }
        self.all.push(one);
    }

    pub(crate) fn at(&self, url_key: &str) -> Option<&KeptOne> {
        self.all.get(*self.by_key.get(url_key)?)
    }

    pub(crate) fn with_text(&self, text_hash: &str) -> Option<&KeptOne> {
        self.all.get(*self.by_text.get(text_hash)?)
    }
}
