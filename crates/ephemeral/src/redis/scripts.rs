//! Gates and buckets, each call one script: atomic towards every process, by Redis' own clock.

use std::sync::LazyLock;
use std::time::Duration;

use deadpool_redis::redis::{Script, ScriptInvocation};

use crate::gate::Why;
use crate::{Bucket, Closing, Spacing, Taken, Usage};

static ACQUIRE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("lua/gate.lua"), include_str!("lua/acquire.lua"))));
static RELEASE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("lua/gate.lua"), include_str!("lua/release.lua"))));
static CLOSE: LazyLock<Script> =
    LazyLock::new(|| Script::new(concat!(include_str!("lua/gate.lua"), include_str!("lua/close.lua"))));
static TAKE: LazyLock<Script> = LazyLock::new(|| Script::new(include_str!("lua/take.lua")));

/// The longest time that is worth telling, and that a double holds to the microsecond.
const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);

fn micros(duration: Duration) -> String {
    duration.min(CENTURY).as_micros().to_string()
}

/// A number that Lua reads: neither infinite nor negative.
fn positive(number: f64) -> f64 {
    if number.is_finite() { number.max(0.0) } else { 0.0 }
}

pub(super) fn acquire(
    key: &str,
    token: u64,
    spacing: &Spacing,
    lease: Duration,
) -> ScriptInvocation<'static> {
    let mut script = ACQUIRE.key(key);
    script.arg(token).arg(micros(lease)).arg(micros(spacing.interval)).arg(micros(spacing.crawl_delay));
    script.arg(positive(spacing.delay_factor)).arg(micros(spacing.max_delay));
    script
}

/// The answer to [`acquire`]: None if the request may go, else how long to wait and what for.
pub(super) fn acquired((go, wait, why): (u8, u64, String)) -> Option<(Duration, Why)> {
    let why = match why.as_str() {
        "closed" => Why::Closed,
        "spacing" => Why::Spacing,
        _ => Why::InFlight,
    };
    (go == 0).then(|| (Duration::from_micros(wait), why))
}

pub(super) fn release(key: &str, token: u64, usage: Usage) -> ScriptInvocation<'static> {
    let mut script = RELEASE.key(key);
    script.arg(token).arg(micros(usage.took)).arg(micros(usage.reached)).arg(u8::from(usage.served));
    script
}

/// Answered in microseconds.
pub(super) fn close(key: &str, closing: Closing) -> ScriptInvocation<'static> {
    let mut script = CLOSE.key(key);
    match closing {
        Closing::For(duration) => script.arg("for").arg(micros(duration)),
        Closing::Backoff { first, cap, jitter } => {
            let jitter = positive(jitter).min(1.0);
            script.arg("backoff").arg(micros(first)).arg(micros(cap)).arg(jitter)
        }
    };
    script
}

pub(super) fn take(key: &str, n: u32, bucket: &Bucket) -> ScriptInvocation<'static> {
    let mut script = TAKE.key(key);
    script.arg(n).arg(bucket.capacity).arg(positive(bucket.refill_per_second));
    script
}

/// The answer to [`take`].
pub(super) fn taken((allowed, remaining, wait): (u8, u32, i64)) -> Taken {
    let retry_after = u64::try_from(wait).ok().map(Duration::from_micros);
    Taken { allowed: allowed == 1, remaining, retry_after }
}

#[cfg(test)]
mod tests {
    use deadpool_redis::redis::{Client, cmd};

    use super::*;

    #[test]
    fn asking_again_because_the_answer_was_lost_is_asking_once() {
        let url = std::env::var("ASSAY_TEST_REDIS_URL");
        let url = url.unwrap_or_else(|_| "redis://127.0.0.1:6379/".to_owned());
        let mut redis = Client::open(url).unwrap().get_connection().expect("Redis answers (`make services`)");
        let key = format!("test-{}", uuid::Uuid::new_v4());
        let mut ask = |token| {
            acquired(
                acquire(&key, token, &Spacing::default(), Duration::from_secs(60))
                    .invoke(&mut redis)
                    .unwrap(),
            )
        };
        assert_eq!((ask(u64::MAX), ask(u64::MAX)), (None, None));
        // As a number it would be the same.
        assert!(matches!(ask(u64::MAX - 1), Some((_, Why::InFlight))));
        cmd("DEL").arg(&key).query::<()>(&mut redis).unwrap();
    }
}
