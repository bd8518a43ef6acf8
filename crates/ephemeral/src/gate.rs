//! Gates: one per host and port, shared by every run and worker, so that a host sees one polite visitor.
//!
//! One request is in flight at a time. The next one starts no sooner than [`Spacing::interval`] after the last start,
//! [`Spacing::crawl_delay`] after the host had the last request, and the last request's own duration (times
//! [`Spacing::delay_factor`], at most [`Spacing::max_delay`]) after its end: a slow host is asked less often. That last
//! rule is Heritrix's delay factor.

use std::time::Duration;

/// How far apart requests to one host are kept.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Spacing {
    /// From start to start.
    pub interval: Duration,
    /// What the host itself asks for (`Crawl-delay`), whatever its size. Zero: nothing asked.
    pub crawl_delay: Duration,
    /// How much of the last request's duration to pause after its end; zero switches that pause off.
    pub delay_factor: f64,
    /// The longest such pause.
    pub max_delay: Duration,
}

impl Default for Spacing {
    fn default() -> Self {
        Self {
            interval: Duration::from_secs(1),
            crawl_delay: Duration::ZERO,
            delay_factor: 1.0,
            max_delay: Duration::from_secs(30),
        }
    }
}

impl Spacing {
    /// The pause after the end of a request that took `took`.
    #[must_use]
    pub fn pause_after(&self, took: Duration) -> Duration {
        let factor = if self.delay_factor.is_finite() { self.delay_factor.max(0.0) } else { 0.0 };
        Duration::try_from_secs_f64(took.as_secs_f64() * factor).unwrap_or(self.max_delay).min(self.max_delay)
    }
}

/// The answer at the gate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Gate {
    /// One request may start now.
    Go(Permit),
    /// Not before `after` has passed; asking earlier changes nothing. `why` tells a reader what is waited for.
    Wait { after: Duration, why: Why },
}

/// What a closed gate waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Why {
    /// Somebody's request is under way; `after` is a guess.
    InFlight,
    /// The pause between two requests.
    Spacing,
    /// The host asked everyone to stay away.
    Closed,
}

/// The right to have one request in flight. Give it back with [`crate::Ephemeral::gate_release`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Permit {
    key: String,
    token: u64,
}

impl Permit {
    /// For implementations: `token` tells this permit from every other one of the gate.
    #[must_use]
    pub fn new(key: impl Into<String>, token: u64) -> Self {
        Self { key: key.into(), token }
    }

    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    #[must_use]
    pub const fn token(&self) -> u64 {
        self.token
    }
}

/// What a request took, from the moment its permit was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usage {
    /// Until it ended.
    pub took: Duration,
    /// By when the host had it at the latest (the head of its answer arrived); the crawl delay counts from there,
    /// so that the host itself measures no shorter one.
    pub reached: Duration,
    /// The host answered without asking for a slower pace; earlier refusals are forgotten.
    pub served: bool,
}

/// How long a gate is shut.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Closing {
    /// As long as the host said.
    For(Duration),
    /// `first · 2^n · (1 + jitter)`, at most `cap`; `n` counts the closings of this kind since the host last served.
    Backoff { first: Duration, cap: Duration, jitter: f64 },
}

impl Closing {
    /// The duration, given how many closings came before.
    #[must_use]
    pub fn duration(&self, strikes: u32) -> Duration {
        match *self {
            Self::For(duration) => duration,
            Self::Backoff { first, cap, jitter } => {
                let doubled = first.saturating_mul(2_u32.saturating_pow(strikes));
                let jitter = if jitter.is_finite() { jitter.clamp(0.0, 1.0) } else { 0.0 };
                Duration::try_from_secs_f64(doubled.as_secs_f64() * (1.0 + jitter)).unwrap_or(cap).min(cap)
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_pause_follows_the_duration_up_to_its_limit() {
        let spacing = Spacing::default();
        assert_eq!(spacing.pause_after(Duration::from_secs(2)), Duration::from_secs(2));
        assert_eq!(spacing.pause_after(Duration::from_secs(45)), Duration::from_secs(30));
        let off = Spacing { delay_factor: 0.0, ..spacing };
        assert_eq!(off.pause_after(Duration::from_secs(45)), Duration::ZERO);
        let broken = Spacing { delay_factor: f64::NAN, ..spacing };
        assert_eq!(broken.pause_after(Duration::MAX), Duration::ZERO);
    }

    #[test]
    fn a_backoff_doubles_and_is_capped() {
        let closing =
            Closing::Backoff { first: Duration::from_secs(5), cap: Duration::from_secs(600), jitter: 0.0 };
        let seconds: Vec<u64> = (0..9).map(|n| closing.duration(n).as_secs()).collect();
        assert_eq!(seconds, [5, 10, 20, 40, 80, 160, 320, 600, 600]);
        assert_eq!(closing.duration(u32::MAX), Duration::from_secs(600));
    }
}
