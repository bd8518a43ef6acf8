//! Token buckets: how much of something may be used per time, with a burst.

use std::time::Duration;

/// The shape of a bucket. Every caller of one key should give the same.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bucket {
    /// The burst: what a full bucket holds.
    pub capacity: u32,
    pub refill_per_second: f64,
}

/// The answer to [`crate::Ephemeral::take`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Taken {
    pub allowed: bool,
    /// Whole tokens left.
    pub remaining: u32,
    /// When refused: how long until that many tokens are there if nobody else takes any. None when allowed, and when
    /// it can never be allowed (more than the capacity, or no refill).
    pub retry_after: Option<Duration>,
}

impl Bucket {
    /// What `level` tokens have grown to after `elapsed`.
    #[must_use]
    pub fn refilled(&self, level: f64, elapsed: Duration) -> f64 {
        let rate = if self.refill_per_second.is_finite() { self.refill_per_second.max(0.0) } else { 0.0 };
        (level + rate * elapsed.as_secs_f64()).min(f64::from(self.capacity))
    }

    /// How long until `missing` tokens more are there, if ever.
    #[must_use]
    pub fn time_for(&self, missing: f64) -> Option<Duration> {
        if self.refill_per_second > 0.0 {
            Duration::try_from_secs_f64(missing / self.refill_per_second).ok()
        } else {
            None
        }
    }
}
