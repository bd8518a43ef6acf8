//! Entities: the people, organisations, addresses, sums … that a subject's documents name.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{EntityId, Evidence};

/// One entity with every mention's facts kept: merging adds, it never replaces.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entity {
    /// Stable between runs of the subject.
    pub id: EntityId,
    /// `person`, `organisation`, `email`, `phone`, `address`, `money` …
    pub kind: String,
    /// What mentions were merged by, folded: `mara lind`, `+4930123456`.
    pub key: String,
    /// The canonical value as a reader writes it.
    pub value: String,
    /// Every value seen for every attribute; a single-valued attribute with two values is a conflict.
    pub attributes: BTreeMap<String, Vec<Attribute>>,
    /// Spellings seen.
    pub variants: Vec<String>,
    pub mentions: u32,
    /// In how many documents.
    pub documents: u32,
    /// Estimated probability that the value is right, 0–.99.
    pub confidence: f64,
    pub evidence: Vec<Evidence>,
    /// The rules that joined mentions, in order.
    pub merged_by: Vec<String>,
    pub maybe_same_as: Vec<EntityId>,
    /// Names of single-valued attributes that sources disagree on.
    pub conflicts: Vec<String>,
}

/// One value of an attribute. `evidence` are indices into the entity's evidence.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Attribute {
    pub value: Value,
    pub confidence: f64,
    pub evidence: Vec<u32>,
}
