//! How long a failed job waits. Decided here and nowhere else.

use std::time::Duration;

use rand::Rng;

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_secs(300);

/// Equal jitter over an exponential: between half and all of `2 s · 2^failures`, at most five minutes.
/// Spread, so that jobs that failed together do not come back together.
pub(crate) fn delay(failures: i32) -> Duration {
    let doublings = u32::try_from(failures.clamp(0, 16)).unwrap_or(0);
    let ceiling = FIRST.saturating_mul(2_u32.saturating_pow(doublings)).min(LONGEST);
    ceiling.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn delays_grow_and_stay_bounded() {
        for failures in 0..40 {
            let ceiling = FIRST.saturating_mul(2_u32.saturating_pow(failures.min(16) as u32)).min(LONGEST);
            for _ in 0..50 {
                let delay = delay(failures);
                assert!(delay <= ceiling && delay >= ceiling / 2, "{failures}: {delay:?} of {ceiling:?}");
            }
        }
    }
}
