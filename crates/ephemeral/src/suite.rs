//! What every implementation must do. Each function is one test on a fresh, empty place; [`crate::suite_tests`] names
//! them all. Waiting is done with tokio's clock, so that a paused one makes the whole suite instant.

#![allow(clippy::expect_used, clippy::panic, reason = "it is made of tests")]

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::time::{Instant, sleep, timeout};
use tokio_stream::StreamExt;

use crate::gate::Why;
use crate::{Bucket, Closing, Ephemeral, Gate, Live, Permit, Spacing, Subscription, Usage};

type Place = Arc<dyn Ephemeral>;

const LEASE: Duration = Duration::from_secs(60);
const INTERVAL: Duration = Duration::from_millis(100);
const QUICK: Usage = Usage { took: Duration::ZERO, reached: Duration::ZERO, served: true };

/// What a test stands on: a place, and what has to be there for as long as it is used.
pub trait Ground {
    fn place(&self) -> Arc<dyn Ephemeral>;
}

impl Ground for Arc<dyn Ephemeral> {
    fn place(&self) -> Arc<dyn Ephemeral> {
        Arc::clone(self)
    }
}

/// One test per rule for an implementation: its attribute, and an expression that makes a [`Ground`].
#[macro_export]
macro_rules! suite_tests {
    (#[$attribute:meta], $ground:expr) => {
        $crate::suite_tests!(@each #[$attribute], $ground,
            a_gate_lets_one_request_in_at_a_time,
            starts_are_an_interval_apart,
            the_crawl_delay_counts_from_when_the_host_had_the_request,
            a_slow_answer_is_followed_by_as_long_a_pause,
            the_pause_has_a_limit,
            fifty_callers_never_break_the_spacing,
            gates_of_different_hosts_do_not_wait_for_each_other,
            a_dead_holder_frees_the_host_when_its_lease_ends,
            a_late_release_changes_nothing,
            a_closed_gate_is_closed_for_everyone,
            a_longer_closing_stays,
            backoff_doubles_until_the_host_serves_again,
            a_bucket_gives_its_burst_and_then_its_rate,
            a_refused_take_says_when_to_come_back,
            more_than_the_capacity_is_never_given,
            concurrent_takers_get_no_more_than_the_capacity,
            everyone_who_listens_hears_in_order,
            nobody_hears_other_channels_or_the_past,
            a_slow_listener_is_told_that_it_lags,
            the_cache_keeps_until_its_time_is_over,
            the_cache_forgets_and_replaces,
        );
    };
    (@each #[$attribute:meta], $ground:expr, $($name:ident,)+) => {
        $(
            #[$attribute]
            async fn $name() {
                let ground = $ground.await;
                $crate::suite::$name($crate::suite::Ground::place(&ground)).await;
            }
        )+
    };
}

fn spacing() -> Spacing {
    Spacing { interval: INTERVAL, ..Spacing::default() }
}

/// Waits for a permit; how long a place says to wait is believed.
async fn permit(place: &Place, key: &str, spacing: &Spacing) -> Permit {
    let waiting = async {
        loop {
            match place.gate_acquire(key, spacing, LEASE).await.expect("gate") {
                Gate::Go(permit) => return permit,
                Gate::Wait { after, .. } => sleep(after.max(Duration::from_millis(1))).await,
            }
        }
    };
    timeout(Duration::from_secs(600), waiting).await.expect("a permit in time")
}

/// How long the gate says to wait, and what for.
async fn refused(place: &Place, key: &str, spacing: &Spacing) -> (Duration, Why) {
    match place.gate_acquire(key, spacing, LEASE).await.expect("gate") {
        Gate::Wait { after, why } => (after, why),
        Gate::Go(permit) => panic!("{permit:?} was given"),
    }
}

async fn release(place: &Place, permit: Permit, usage: Usage) -> bool {
    place.gate_release(permit, usage).await.expect("release")
}

pub async fn a_gate_lets_one_request_in_at_a_time(place: Place) {
    let none = Spacing { interval: Duration::ZERO, delay_factor: 0.0, ..spacing() };
    let first = permit(&place, "a:80", &none).await;
    assert_eq!(refused(&place, "a:80", &none).await.1, Why::InFlight);
    assert!(release(&place, first, QUICK).await);
    let second = permit(&place, "a:80", &none).await;
    assert!(release(&place, second, QUICK).await);
}

pub async fn starts_are_an_interval_apart(place: Place) {
    let first = permit(&place, "a:80", &spacing()).await;
    let started = Instant::now();
    release(&place, first, QUICK).await;
    let (after, why) = refused(&place, "a:80", &spacing()).await;
    assert!(after <= INTERVAL && why == Why::Spacing, "{after:?} {why:?}");
    permit(&place, "a:80", &spacing()).await;
    assert!(started.elapsed() >= INTERVAL - Duration::from_millis(2), "{:?}", started.elapsed());
}

pub async fn the_crawl_delay_counts_from_when_the_host_had_the_request(place: Place) {
    let asked = Spacing { crawl_delay: Duration::from_millis(300), delay_factor: 0.0, ..spacing() };
    let first = permit(&place, "a:80", &asked).await;
    let started = Instant::now();
    let reached = Duration::from_millis(200);
    sleep(reached).await;
    release(&place, first, Usage { took: reached, reached, served: true }).await;
    permit(&place, "a:80", &asked).await;
    assert!(started.elapsed() >= Duration::from_millis(498), "{:?}", started.elapsed());
}

pub async fn a_slow_answer_is_followed_by_as_long_a_pause(place: Place) {
    let took = Duration::from_millis(250);
    let first = permit(&place, "a:80", &spacing()).await;
    sleep(took).await;
    release(&place, first, Usage { took, reached: Duration::ZERO, served: true }).await;
    let ended = Instant::now();
    permit(&place, "a:80", &spacing()).await;
    assert!(ended.elapsed() >= took - Duration::from_millis(2), "{:?}", ended.elapsed());
}

pub async fn the_pause_has_a_limit(place: Place) {
    let limited = Spacing { max_delay: Duration::from_millis(150), ..spacing() };
    let first = permit(&place, "a:80", &limited).await;
    let usage = Usage { took: Duration::from_secs(3600), reached: Duration::ZERO, served: true };
    release(&place, first, usage).await;
    let (after, _) = refused(&place, "a:80", &limited).await;
    assert!(after <= Duration::from_millis(150), "{after:?}");
}

pub async fn fifty_callers_never_break_the_spacing(place: Place) {
    let (inside, starts) = (Arc::new(AtomicU32::new(0)), Arc::new(tokio::sync::Mutex::new(Vec::new())));
    let interval = Duration::from_millis(20);
    let callers = (0..50).map(|_| {
        let (place, inside, starts) = (Arc::clone(&place), Arc::clone(&inside), Arc::clone(&starts));
        tokio::spawn(async move {
            let permit = permit(&place, "a:80", &Spacing { interval, delay_factor: 0.0, ..spacing() }).await;
            assert_eq!(inside.fetch_add(1, Ordering::SeqCst), 0, "two requests in flight");
            starts.lock().await.push(Instant::now());
            sleep(Duration::from_millis(5)).await;
            inside.fetch_sub(1, Ordering::SeqCst);
            release(&place, permit, QUICK).await;
        })
    });
    for caller in callers.collect::<Vec<_>>() {
        caller.await.expect("a caller");
    }
    let starts = starts.lock().await;
    assert_eq!(starts.len(), 50);
    // A start is noted a little after it was granted, so single gaps may look shorter on a real clock; 49 may not.
    let whole = starts.last().expect("a start").duration_since(*starts.first().expect("a start"));
    assert!(whole >= interval * 49 - Duration::from_millis(10), "{whole:?}");
}

pub async fn gates_of_different_hosts_do_not_wait_for_each_other(place: Place) {
    for key in ["a:80", "a:443", "b:80"] {
        assert!(
            matches!(place.gate_acquire(key, &spacing(), LEASE).await.expect("gate"), Gate::Go(_)),
            "{key}"
        );
    }
}

pub async fn a_dead_holder_frees_the_host_when_its_lease_ends(place: Place) {
    let lease = Duration::from_millis(200);
    let held = place.gate_acquire("a:80", &spacing(), lease).await.expect("gate");
    assert!(matches!(held, Gate::Go(_)));
    let (after, why) = refused(&place, "a:80", &spacing()).await;
    assert!(after <= lease && why == Why::InFlight, "{after:?} {why:?}");
    let started = Instant::now();
    permit(&place, "a:80", &spacing()).await;
    assert!(started.elapsed() >= Duration::from_millis(150), "{:?}", started.elapsed());
}

pub async fn a_late_release_changes_nothing(place: Place) {
    let lease = Duration::from_millis(100);
    let Gate::Go(late) = place.gate_acquire("a:80", &spacing(), lease).await.expect("gate") else {
        panic!("a fresh gate was shut");
    };
    let held = permit(&place, "a:80", &spacing()).await;
    let slow = Usage { took: Duration::from_secs(3600), reached: Duration::ZERO, served: true };
    assert!(!release(&place, late, slow).await);
    assert_eq!(refused(&place, "a:80", &spacing()).await.1, Why::InFlight);
    assert!(release(&place, held, QUICK).await);
    assert!(!place.gate_release(Permit::new("never:80", 1), QUICK).await.expect("release"));
}

pub async fn a_closed_gate_is_closed_for_everyone(place: Place) {
    let first = permit(&place, "a:80", &spacing()).await;
    let closed = Duration::from_millis(400);
    let shut = place.gate_close("a:80", Closing::For(closed)).await.expect("close");
    assert!(shut <= closed && shut >= Duration::from_millis(390), "{shut:?}");
    release(&place, first, Usage { served: false, ..QUICK }).await;
    let started = Instant::now();
    assert_eq!(refused(&place, "a:80", &spacing()).await.1, Why::Closed);
    permit(&place, "a:80", &spacing()).await;
    assert!(started.elapsed() >= Duration::from_millis(380), "{:?}", started.elapsed());
}

pub async fn a_longer_closing_stays(place: Place) {
    place.gate_close("a:80", Closing::For(Duration::from_secs(60))).await.expect("close");
    let shut = place.gate_close("a:80", Closing::For(Duration::from_secs(1))).await.expect("close");
    assert!(shut > Duration::from_secs(50), "{shut:?}");
}

pub async fn backoff_doubles_until_the_host_serves_again(place: Place) {
    let backoff =
        Closing::Backoff { first: Duration::from_millis(100), cap: Duration::from_millis(350), jitter: 0.0 };
    for expected in [100, 200, 350] {
        let held = permit(&place, "a:80", &spacing()).await;
        let shut = place.gate_close("a:80", backoff).await.expect("close").as_millis();
        assert!((expected - 20..=expected).contains(&shut), "{shut} of {expected}");
        release(&place, held, Usage { served: false, ..QUICK }).await;
    }
    let held = permit(&place, "a:80", &spacing()).await;
    release(&place, held, QUICK).await;
    let shut = place.gate_close("a:80", backoff).await.expect("close");
    assert!(shut <= Duration::from_millis(100), "{shut:?}");
}

pub async fn a_bucket_gives_its_burst_and_then_its_rate(place: Place) {
    let bucket = Bucket { capacity: 10, refill_per_second: 20.0 };
    let started = Instant::now();
    let mut given = 0;
    while started.elapsed() < Duration::from_millis(1000) {
        if place.take("key", 1, &bucket).await.expect("take").allowed {
            given += 1;
        } else {
            sleep(Duration::from_millis(10)).await;
        }
    }
    let most = 10.0 + 20.0 * started.elapsed().as_secs_f64();
    assert!(f64::from(given) <= most + 1.0 && given >= 27, "{given} of {most}");
}

pub async fn a_refused_take_says_when_to_come_back(place: Place) {
    let bucket = Bucket { capacity: 4, refill_per_second: 10.0 };
    let taken = place.take("key", 3, &bucket).await.expect("take");
    assert!(taken.allowed && taken.remaining == 1 && taken.retry_after.is_none(), "{taken:?}");
    let refused = place.take("key", 4, &bucket).await.expect("take");
    let after = refused.retry_after.expect("a time");
    assert!(!refused.allowed && refused.remaining >= 1, "{refused:?}");
    assert!(after <= Duration::from_millis(300) && after >= Duration::from_millis(200), "{after:?}");
    sleep(after + Duration::from_millis(5)).await;
    assert!(place.take("key", 4, &bucket).await.expect("take").allowed);
}

pub async fn more_than_the_capacity_is_never_given(place: Place) {
    let bucket = Bucket { capacity: 3, refill_per_second: 1000.0 };
    let taken = place.take("key", 4, &bucket).await.expect("take");
    assert!(!taken.allowed && taken.retry_after.is_none() && taken.remaining == 3, "{taken:?}");
}

pub async fn concurrent_takers_get_no_more_than_the_capacity(place: Place) {
    let bucket = Bucket { capacity: 25, refill_per_second: 0.0 };
    let takers: Vec<_> = (0..100)
        .map(|_| {
            let place = Arc::clone(&place);
            tokio::spawn(async move { place.take("key", 1, &bucket).await.expect("take").allowed })
        })
        .collect();
    let mut given = 0;
    for taker in takers {
        given += u32::from(taker.await.expect("a taker"));
    }
    assert_eq!(given, 25);
    assert_eq!(place.take("key", 1, &bucket).await.expect("take").retry_after, None);
}

async fn hear(subscription: &mut Subscription) -> Live {
    timeout(Duration::from_secs(10), subscription.next()).await.expect("in time").expect("a message")
}

pub async fn everyone_who_listens_hears_in_order(place: Place) {
    let mut listeners =
        [place.subscribe("run").await.expect("subscribe"), place.subscribe("run").await.expect("subscribe")];
    for n in 0..100_u8 {
        place.publish("run", Bytes::from(vec![n])).await.expect("publish");
    }
    for listener in &mut listeners {
        for n in 0..100_u8 {
            assert_eq!(hear(listener).await, Live::Message(Bytes::from(vec![n])));
        }
    }
}

pub async fn nobody_hears_other_channels_or_the_past(place: Place) {
    place.publish("run", Bytes::from_static(b"before")).await.expect("publish");
    let mut listener = place.subscribe("run").await.expect("subscribe");
    place.publish("other", Bytes::from_static(b"elsewhere")).await.expect("publish");
    place.publish("run", Bytes::from_static(b"now")).await.expect("publish");
    assert_eq!(hear(&mut listener).await, Live::Message(Bytes::from_static(b"now")));
}

pub async fn a_slow_listener_is_told_that_it_lags(place: Place) {
    let mut listener = place.subscribe("run").await.expect("subscribe");
    for n in 0..5000_u32 {
        place.publish("run", Bytes::from(n.to_be_bytes().to_vec())).await.expect("publish");
    }
    let last = Live::Message(Bytes::from(4999_u32.to_be_bytes().to_vec()));
    let (mut heard, mut lagged) = (0, false);
    loop {
        match hear(&mut listener).await {
            Live::Lagged => lagged = true,
            message => {
                heard += 1;
                if message == last {
                    break;
                }
            }
        }
    }
    assert!(lagged || heard == 5000, "{heard} heard, and not told of the rest");
}

pub async fn the_cache_keeps_until_its_time_is_over(place: Place) {
    assert_eq!(place.get("key").await.expect("get"), None);
    place.put("key", Bytes::from_static(b"value"), Duration::from_millis(300)).await.expect("put");
    assert_eq!(place.get("key").await.expect("get"), Some(Bytes::from_static(b"value")));
    sleep(Duration::from_millis(320)).await;
    assert_eq!(place.get("key").await.expect("get"), None);
}

pub async fn the_cache_forgets_and_replaces(place: Place) {
    let minute = Duration::from_secs(60);
    place.put("a", Bytes::from_static(b"1"), minute).await.expect("put");
    place.put("b", Bytes::new(), minute).await.expect("put");
    place.put("a", Bytes::from_static(b"2"), minute).await.expect("put");
    place.forget("b").await.expect("forget");
    place.forget("never").await.expect("forget");
    assert_eq!(place.get("a").await.expect("get"), Some(Bytes::from_static(b"2")));
    assert_eq!(place.get("b").await.expect("get"), None);
}
