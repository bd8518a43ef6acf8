//! Notices that this process was not there: the machine slept, somebody stopped the process or set the clock.

use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// How much later than expected a tick may come. Less than what is left of a lease that is extended in time.
const SLACK: Duration = Duration::from_secs(5);
/// How long an absence is felt: time for the workers that were away as well to extend the leases they still hold.
const FELT: Duration = Duration::from_secs(3);

/// After an absence every lease looks lost, and most are not: whoever holds them has only just come back, too.
#[derive(Debug, Default)]
pub(crate) struct Absence {
    expected: Option<DateTime<Utc>>,
    felt_until: Option<Instant>,
}

impl Absence {
    /// When the next tick should come, by how much time has passed for this process. While the machine sleeps, that
    /// clock stands still; the one on the wall does not.
    pub(crate) fn expect_next(&mut self, at: DateTime<Utc>) {
        self.expected = Some(at);
    }

    /// Whether a tick comes so late, or so soon after one that did, that leases cannot be judged by the clock.
    pub(crate) fn is_felt(&mut self, now: DateTime<Utc>, tick: Instant) -> bool {
        let late =
            self.expected.take().and_then(|expected| (now - expected).to_std().ok()).unwrap_or_default();
        if late > SLACK {
            tracing::info!(
                seconds = late.as_secs(),
                "the clock went on without this process; leases are left alone"
            );
            self.felt_until = Some(tick + FELT);
        }
        self.felt_until.is_some_and(|until| tick < until)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    #[test]
    fn a_late_tick_is_felt_for_a_while() {
        let (mut absence, noon, tick) = (Absence::default(), Utc::now(), Instant::now());
        assert!(!absence.is_felt(noon, tick), "the first tick has missed nothing");
        absence.expect_next(noon + SECOND);
        assert!(absence.is_felt(noon + SECOND * 60, tick + SECOND));
        absence.expect_next(noon + SECOND * 61);
        assert!(absence.is_felt(noon + SECOND * 61, tick + SECOND * 2), "workers need a moment");
        absence.expect_next(noon + SECOND * 65);
        assert!(!absence.is_felt(noon + SECOND * 65, tick + SECOND * 6));
    }

    #[test]
    fn a_clock_that_is_set_back_or_by_little_is_not_felt() {
        let (mut absence, noon, tick) = (Absence::default(), Utc::now(), Instant::now());
        absence.expect_next(noon);
        assert!(!absence.is_felt(noon + SECOND * 4, tick));
        absence.expect_next(noon);
        assert!(!absence.is_felt(noon - SECOND * 3600, tick));
    }
}
