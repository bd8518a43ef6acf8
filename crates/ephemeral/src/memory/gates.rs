//! The gates of one process.

use std::collections::HashMap;
use std::time::Duration;

use tokio::time::Instant;

use super::later;
use crate::gate::Why;
use crate::{Closing, Gate, Permit, Spacing, Usage};

/// Beyond so many gates, those that no longer hold anyone back are dropped.
const TIDY_ABOVE: usize = 1024;
/// How long a quiet host's refusals are remembered.
const STRIKES_KEPT: Duration = Duration::from_secs(3600);
/// While a request is under way nobody knows when it ends: waiters look again within these bounds.
const LOOK_AGAIN: (Duration, Duration) = (Duration::from_millis(20), Duration::from_millis(500));

#[derive(Debug, Default)]
pub(super) struct Gates {
    gates: HashMap<String, State>,
    /// Counts the requests let through. The last token given out; tokens are never used twice.
    token: u64,
}

#[derive(Debug, Default)]
struct State {
    in_flight: Option<InFlight>,
    last: Option<Last>,
    closed_until: Option<Instant>,
    strikes: u32,
    /// From then on the gate holds nobody back who asks for the same spacing as those so far.
    idle_from: Option<Instant>,
}

#[derive(Debug)]
struct InFlight {
    token: u64,
    started: Instant,
    lease_until: Instant,
    spacing: Spacing,
}

/// The last request through the gate.
#[derive(Debug, Clone, Copy)]
struct Last {
    started: Instant,
    reached: Instant,
    ended: Instant,
    took: Duration,
}

impl Last {
    /// When the next request may start.
    fn next(&self, spacing: &Spacing) -> Instant {
        later(self.started, spacing.interval)
            .max(later(self.reached, spacing.crawl_delay))
            .max(later(self.ended, spacing.pause_after(self.took)))
    }
}

impl Gates {
    pub(super) fn acquire(&mut self, key: &str, spacing: &Spacing, lease: Duration, now: Instant) -> Gate {
        self.tidy(now);
        let state = self.gates.entry(key.to_owned()).or_default();
        state.expire(now);
        if let Some((until, why)) = state.held_until(spacing, now)
            && until > now
        {
            return Gate::Wait { after: until - now, why };
        }
        self.token += 1;
        state.start(self.token, spacing, lease, now);
        Gate::Go(Permit::new(key, self.token))
    }

    /// Notes a request that was let through elsewhere.
    pub(super) fn admit(&mut self, permit: &Permit, spacing: &Spacing, lease: Duration, now: Instant) {
        self.tidy(now);
        self.token += 1;
        let state = self.gates.entry(permit.key().to_owned()).or_default();
        state.expire(now);
        state.start(permit.token(), spacing, lease, now);
    }

    pub(super) fn release(&mut self, permit: &Permit, usage: Usage, now: Instant) -> bool {
        let Some(state) = self.gates.get_mut(permit.key()) else { return false };
        state.expire(now);
        let Some(held) = state.in_flight.take_if(|held| held.token == permit.token()) else { return false };
        let reached = later(held.started, usage.reached).min(now);
        state.ended(&held, Last { started: held.started, reached, ended: now, took: usage.took });
        if usage.served {
            state.strikes = 0;
        }
        true
    }

    pub(super) fn close(&mut self, key: &str, closing: Closing, now: Instant) -> Duration {
        let state = self.gates.entry(key.to_owned()).or_default();
        let until = later(now, closing.duration(state.strikes));
        if matches!(closing, Closing::Backoff { .. }) {
            state.strikes = state.strikes.saturating_add(1);
        }
        let until = state.closed_until.map_or(until, |known| known.max(until));
        state.closed_until = Some(until);
        until.saturating_duration_since(now)
    }

    /// Keeps the map small on a crawl of many hosts.
    fn tidy(&mut self, now: Instant) {
        if self.gates.len() >= TIDY_ABOVE && self.token.is_multiple_of(64) {
            self.gates.retain(|_, state| {
                state.expire(now);
                !state.is_forgettable(now)
            });
        }
    }
}

impl State {
    fn start(&mut self, token: u64, spacing: &Spacing, lease: Duration, now: Instant) {
        let lease_until = later(now, lease);
        self.in_flight = Some(InFlight { token, started: now, lease_until, spacing: *spacing });
    }

    /// A lease that ended counts as a release of a request that took no time worth a pause.
    fn expire(&mut self, now: Instant) {
        if let Some(held) = self.in_flight.take_if(|held| held.lease_until <= now) {
            let (started, ended) = (held.started, held.lease_until);
            self.ended(&held, Last { started, reached: started, ended, took: Duration::ZERO });
        }
    }

    fn ended(&mut self, held: &InFlight, last: Last) {
        self.idle_from = self.idle_from.max(Some(last.next(&held.spacing)));
        self.last = Some(last);
    }

    /// Until when nobody with this spacing may go, and what for.
    fn held_until(&self, spacing: &Spacing, now: Instant) -> Option<(Instant, Why)> {
        let closed = self.closed_until.map(|until| (until, Why::Closed));
        let spaced = self.last.map(|last| (last.next(spacing), Why::Spacing));
        let busy = self.in_flight.as_ref().map(|held| {
            let guess = self.last.map_or(LOOK_AGAIN.0, |last| last.took).clamp(LOOK_AGAIN.0, LOOK_AGAIN.1);
            let by_interval = later(held.started, spacing.interval.max(spacing.crawl_delay));
            (later(now, guess).max(by_interval).min(held.lease_until), Why::InFlight)
        });
        [closed, spaced, busy].into_iter().flatten().max_by_key(|(until, _)| *until)
    }

    fn is_forgettable(&self, now: Instant) -> bool {
        let quiet_from = self.closed_until.max(self.idle_from);
        self.in_flight.is_none() && quiet_from.is_none_or(|at| later(at, STRIKES_KEPT) <= now)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn gates_that_hold_nobody_back_are_forgotten() {
        let mut gates = Gates::default();
        let usage = Usage { took: Duration::ZERO, reached: Duration::ZERO, served: true };
        let start = Instant::now();
        for host in 0..5000 {
            let now = later(start, Duration::from_secs(host * 10));
            match gates.acquire(&format!("h{host}:80"), &Spacing::default(), Duration::from_secs(70), now) {
                Gate::Go(permit) => assert!(gates.release(&permit, usage, now)),
                wait @ Gate::Wait { .. } => panic!("{wait:?}"),
            }
        }
        assert!(gates.gates.len() < TIDY_ABOVE + 64, "{}", gates.gates.len());
    }

    #[tokio::test(start_paused = true)]
    async fn a_crawl_delay_of_days_is_not_forgotten() {
        let mut gates = Gates::default();
        let day = Duration::from_secs(24 * 3600);
        let spacing = Spacing { crawl_delay: day * 3, ..Spacing::default() };
        let usage = Usage { took: Duration::ZERO, reached: Duration::ZERO, served: true };
        let start = Instant::now();
        let Gate::Go(permit) = gates.acquire("slow:80", &spacing, day, start) else {
            panic!("gate was shut")
        };
        gates.release(&permit, usage, start);
        for host in 0..5000 {
            let now = later(start, day + Duration::from_secs(host * 10));
            gates.acquire(&format!("h{host}:80"), &Spacing::default(), Duration::from_secs(1), now);
        }
        assert!(matches!(gates.acquire("slow:80", &spacing, day, later(start, day * 2)), Gate::Wait { .. }));
    }
}
