//! Redis against the suite of all places, and against what only a place across a network suffers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what went wrong by panicking"
)]

mod outages;
#[allow(dead_code, reason = "shared with the tests of the queue")]
#[path = "../../../queue/tests/support/proxy.rs"]
mod proxy;
mod world;

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::Duration;

use bytes::Bytes;
use deadpool_redis::redis::cmd;
use ephemeral::gate::Why;
use ephemeral::{Bucket, Closing, Error, Gate, Live, Settings, Spacing, Usage};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout};
use tokio_stream::StreamExt;

use world::{SOON, Shared, World, until_shared};

mod suite {
    use crate::world::Shared;

    ephemeral::suite_tests!(#[tokio::test(flavor = "multi_thread", worker_threads = 2)], Shared::new());
}

#[tokio::test]
async fn two_processes_share_gates_buckets_and_copies() {
    let world = World::new();
    let (one, two) = (world.place().await, world.place().await);
    let lease = Duration::from_secs(60);
    let Gate::Go(permit) = one.gate_acquire("a:80", &Spacing::default(), lease).await.unwrap() else {
        panic!("a fresh gate was shut")
    };
    let refused = two.gate_acquire("a:80", &Spacing::default(), lease).await.unwrap();
    assert!(matches!(refused, Gate::Wait { why: Why::InFlight, .. }), "{refused:?}");
    // The permit is good wherever it is given back.
    let usage = Usage { took: Duration::ZERO, reached: Duration::ZERO, served: true };
    assert!(two.gate_release(permit, usage).await.unwrap());
    two.gate_close("a:80", Closing::For(Duration::from_secs(60))).await.unwrap();
    let closed = one.gate_acquire("a:80", &Spacing::default(), lease).await.unwrap();
    assert!(matches!(closed, Gate::Wait { why: Why::Closed, .. }), "{closed:?}");

    let bucket = Bucket { capacity: 3, refill_per_second: 0.0 };
    assert!(one.take("key", 2, &bucket).await.unwrap().allowed);
    assert!(!two.take("key", 2, &bucket).await.unwrap().allowed);

    one.put("page", Bytes::from_static(b"text"), Duration::from_secs(60)).await.unwrap();
    assert_eq!(two.get("page").await.unwrap().as_deref(), Some(&b"text"[..]));
    two.forget("page").await.unwrap();
    assert_eq!(one.get("page").await.unwrap(), None);
}

#[tokio::test]
async fn nothing_stays_for_ever() {
    let world = World::new();
    let place = world.place().await;
    for key in ["held:80", "released:80", "closed:80"] {
        let gate = place.gate_acquire(key, &Spacing::default(), Duration::from_secs(60)).await.unwrap();
        if let (Gate::Go(permit), "released:80") = (gate, key) {
            let usage = Usage { took: Duration::from_secs(1), reached: Duration::ZERO, served: true };
            place.gate_release(permit, usage).await.unwrap();
        }
    }
    place.gate_close("closed:80", Closing::For(Duration::MAX)).await.unwrap();
    let slow = Bucket { capacity: 1, refill_per_second: f64::MIN_POSITIVE };
    place.take("slow", 1, &slow).await.unwrap();
    place.take("quick", 1, &Bucket { refill_per_second: 1000.0, ..slow }).await.unwrap();
    place.put("page", Bytes::new(), Duration::MAX).await.unwrap();
    assert_eq!(world.eternal(), Vec::<String>::new());
    // Except a bucket that never fills up again: without it, it would be full.
    place.take("spent", 1, &Bucket { refill_per_second: 0.0, ..slow }).await.unwrap();
    assert_eq!(world.eternal().len(), 1);
}

#[tokio::test]
async fn two_processes_hear_each_other() {
    let world = World::new();
    let (one, two) = (world.place().await, world.place().await);
    let (mut here, mut there) = (one.subscribe("run").await.unwrap(), two.subscribe("run").await.unwrap());
    one.publish("run", Bytes::from_static(b"1")).await.unwrap();
    two.publish("run", Bytes::from_static(b"2")).await.unwrap();
    for listener in [&mut here, &mut there] {
        for expected in [&b"1"[..], b"2"] {
            let heard = timeout(SOON, listener.next()).await.expect("in time");
            assert_eq!(heard, Some(Live::Message(Bytes::from_static(expected))));
        }
    }
}

#[tokio::test]
async fn who_leaves_is_not_told_any_more() {
    let world = World::new();
    let place = world.place().await;
    let channel = format!("{}live:run", world.settings().prefix);
    let listeners = || -> u64 {
        let mut connection = world.connection();
        let (_, count): (String, u64) =
            cmd("PUBSUB").arg("NUMSUB").arg(&channel).query(&mut connection).unwrap();
        count
    };
    let (one, two) = (place.subscribe("run").await.unwrap(), place.subscribe("run").await.unwrap());
    assert_eq!(listeners(), 1, "one connection hears for all");
    drop(one);
    drop(place.subscribe("another").await.unwrap());
    assert_eq!(listeners(), 1);
    drop(two);
    let deadline = Instant::now() + SOON;
    while listeners() > 0 {
        assert!(Instant::now() < deadline, "nobody listens and Redis still tells");
        tokio::task::yield_now().await;
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn thirty_two_takers_never_get_more_than_one_bucket_gives() {
    let world = World::new();
    let places = [world.place().await, world.place().await];
    let bucket = Bucket { capacity: 40, refill_per_second: 50.0 };
    let started = Instant::now();
    let takers: Vec<_> = (0..32)
        .map(|taker: usize| {
            let place = Arc::clone(&places[taker % 2]);
            tokio::spawn(async move {
                let mut given = 0;
                while started.elapsed() < Duration::from_secs(2) {
                    given += u32::from(place.take("key", 1, &bucket).await.unwrap().allowed);
                }
                given
            })
        })
        .collect();
    let mut given = 0;
    for taker in takers {
        given += taker.await.unwrap();
    }
    let most = 40.0 + 50.0 * started.elapsed().as_secs_f64();
    assert!(f64::from(given) <= most, "{given} of {most}");
    assert!(f64::from(given) >= most * 0.9, "{given} of {most}");
}

#[tokio::test]
async fn forgotten_scripts_and_killed_connections_do_no_harm() {
    let world = World::apart(15);
    let place = world.place().await;
    let bucket = Bucket { capacity: 1000, refill_per_second: 0.0 };
    let mut listener = place.subscribe("run").await.unwrap();
    place.get("page").await.unwrap();
    for round in 1..=5 {
        cmd("SCRIPT").arg("FLUSH").query::<()>(&mut world.connection()).unwrap();
        assert!(world.kill_connections() >= 2);
        let taken = place.take("key", 1, &bucket).await.unwrap();
        assert_eq!((taken.allowed, taken.remaining), (true, 1000 - round));
        // The listener is told of the gap and hears what comes after it.
        while timeout(SOON, listener.next()).await.expect("in time") != Some(Live::Lagged) {}
        let said = Bytes::from(round.to_string());
        let hears = async {
            while listener.next().await != Some(Live::Message(said.clone())) {
                place.publish("run", said.clone()).await.unwrap();
            }
        };
        place.publish("run", said.clone()).await.unwrap();
        timeout(SOON, hears).await.expect("in time");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn calls_survive_the_connections_they_are_made_on() {
    let world = World::apart(14);
    let settings = Settings { timeout: Duration::from_secs(1), ..world.settings() };
    let place = ephemeral::connect(&settings).await.unwrap();
    let bucket = Bucket { capacity: u32::MAX, refill_per_second: 0.0 };
    let stop = Arc::new(AtomicBool::new(false));
    let answered: Arc<[AtomicUsize]> = (0..8).map(|_| AtomicUsize::new(0)).collect();
    let callers: Vec<_> = (0..answered.len())
        .map(|caller| {
            let (place, answered, stop) = (Arc::clone(&place), Arc::clone(&answered), Arc::clone(&stop));
            tokio::spawn(async move {
                while !stop.load(Ordering::SeqCst) {
                    assert!(place.take("key", 1, &bucket).await.unwrap().allowed);
                    answered[caller].fetch_add(1, Ordering::SeqCst);
                    // Without Redis there is nothing to wait for, and the others want their turn.
                    tokio::task::yield_now().await;
                }
            })
        })
        .collect();
    let mut alone = 0;
    for _ in 0..50 {
        world.kill_connections();
        // A call may lose one connection, not two: each caller is answered before the next blow.
        let before: Vec<_> = answered.iter().map(|count| count.load(Ordering::SeqCst)).collect();
        while answered.iter().zip(&before).any(|(count, before)| count.load(Ordering::SeqCst) == *before) {
            assert!(!callers.iter().any(JoinHandle::is_finished), "a caller gave up");
            tokio::task::yield_now().await;
        }
        if place.is_degraded() {
            alone += 1;
            until_shared(&*place).await;
        }
    }
    // The client can lose a request that it is handed in the very instant its connection ends: then the time limit ends
    // the call, and Redis counts as silent. That is rare; without a second try it would be every time.
    assert!(alone <= 10, "{alone} of 50 lost connections were taken for a silent Redis");
    stop.store(true, Ordering::SeqCst);
    for caller in callers {
        caller.await.unwrap();
    }
}

#[tokio::test]
async fn a_url_that_names_no_redis_is_refused_without_repeating_it() {
    for url in [
        "hidden",
        "http://me:hidden@redis.example",
        "redis://me:hidden@redis.example:port",
        "rediss://hidden",
    ] {
        let settings = Settings { url: Some(url.into()), ..Settings::default() };
        match ephemeral::connect(&settings).await {
            Err(Error::Unusable(reason)) => assert!(!reason.contains("hidden"), "{reason}"),
            other => panic!("{url}: {other:?}"),
        }
    }
}

#[tokio::test]
async fn a_copy_for_no_time_is_no_copy() {
    let ground = Shared::new().await;
    let place = ephemeral::suite::Ground::place(&ground);
    place.put("page", Bytes::from_static(b"old"), Duration::from_secs(60)).await.unwrap();
    place.put("page", Bytes::from_static(b"new"), Duration::ZERO).await.unwrap();
    assert_eq!(place.get("page").await.unwrap(), None);
    place.put("page", Bytes::from_static(b"kept"), Duration::MAX).await.unwrap();
    assert_eq!(place.get("page").await.unwrap().as_deref(), Some(&b"kept"[..]));
}
