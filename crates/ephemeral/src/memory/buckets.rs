//! The token buckets of one process.

use std::collections::HashMap;

use tokio::time::Instant;

use crate::{Bucket, Taken};

/// Beyond so many buckets, the full ones are dropped: a bucket never seen before is full as well.
const TIDY_ABOVE: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Buckets {
    levels: HashMap<String, Level>,
    tidy_above: usize,
}

#[derive(Debug)]
struct Level {
    tokens: f64,
    at: Instant,
    shape: Bucket,
}

impl Buckets {
    pub(super) fn take(&mut self, key: &str, n: u32, bucket: &Bucket, now: Instant) -> Taken {
        self.tidy(now);
        let level = self.levels.entry(key.to_owned()).or_insert_with(|| Level {
            tokens: f64::from(bucket.capacity),
            at: now,
            shape: *bucket,
        });
        let tokens = bucket.refilled(level.tokens, now.saturating_duration_since(level.at));
        let wanted = f64::from(n);
        let allowed = wanted <= tokens;
        *level = Level { tokens: if allowed { tokens - wanted } else { tokens }, at: now, shape: *bucket };
        let retry_after =
            if allowed || n > bucket.capacity { None } else { bucket.time_for(wanted - level.tokens) };
        Taken { allowed, remaining: whole(level.tokens), retry_after }
    }

    fn tidy(&mut self, now: Instant) {
        if self.levels.len() <= self.tidy_above.max(TIDY_ABOVE) {
            return;
        }
        self.levels.retain(|_, level| {
            let elapsed = now.saturating_duration_since(level.at);
            level.shape.refilled(level.tokens, elapsed) < f64::from(level.shape.capacity)
        });
        self.tidy_above = self.levels.len() * 2;
    }
}

#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "0 ≤ tokens ≤ a u32 capacity")]
fn whole(tokens: f64) -> u32 {
    tokens.max(0.0) as u32
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn full_buckets_are_forgotten_and_empty_ones_are_not() {
        let mut buckets = Buckets::default();
        let now = Instant::now();
        let slow = Bucket { capacity: 1, refill_per_second: 0.000_001 };
        let quick = Bucket { capacity: 1, refill_per_second: 1000.0 };
        assert!(buckets.take("slow", 1, &slow, now).allowed);
        for key in 0..TIDY_ABOVE {
            buckets.take(&key.to_string(), 1, &quick, now);
        }
        let later = now + Duration::from_secs(1);
        buckets.take("one more", 1, &quick, later);
        assert_eq!(buckets.levels.len(), 2);
        assert!(!buckets.take("slow", 1, &slow, later).allowed);
    }
}
