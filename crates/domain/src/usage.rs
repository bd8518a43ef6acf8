//! What models were asked, what they used and what it cost.

use std::ops::AddAssign;

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::MicroUsd;

/// Tokens in disjoint classes: `input + cache_read + cache_write` is the whole prompt, `output` the whole answer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Tokens {
    /// Read anew, at the full price.
    pub input: u64,
    pub cache_read: u64,
    pub cache_write: u64,
    /// With `reasoning`.
    pub output: u64,
    /// The part of `output` that was not shown.
    pub reasoning: u64,
}

impl AddAssign for Tokens {
    fn add_assign(&mut self, other: Self) {
        self.input += other.input;
        self.cache_read += other.cache_read;
        self.cache_write += other.cache_write;
        self.output += other.output;
        self.reasoning += other.reasoning;
    }
}

/// One journaled call: what was asked (by hash), what came back, what it cost. Reused when its job runs again.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct ModelCall {
    /// The call's number in its job, from 0.
    pub seq: u32,
    /// SHA-256 of the request in canonical form; an answer is reused only for the same question.
    pub request_hash: String,
    pub provider: String,
    pub model: String,
    /// The answer as the caller got it.
    pub answer: Value,
    pub tokens: Tokens,
    pub cost: MicroUsd,
    pub duration_ms: u64,
    pub at: DateTime<Utc>,
}
