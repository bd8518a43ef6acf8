//! Redis goes away, and comes back.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use bytes::Bytes;
use ephemeral::gate::Why;
use ephemeral::{Bucket, Closing, Ephemeral, Gate, Live, Settings, Spacing, Subscription, Usage};
use tokio::time::{Instant, sleep, timeout};
use tokio_stream::StreamExt;
use tracing_subscriber::layer::{Context, Layer, SubscriberExt};

use crate::world::{SOON, World, until_alone, until_shared};

const LEASE: Duration = Duration::from_secs(60);
const MINUTE: Duration = Duration::from_secs(60);
const QUICK: Usage = Usage { took: Duration::ZERO, reached: Duration::ZERO, served: true };

async fn hear(listener: &mut Subscription) -> Live {
    timeout(SOON, listener.next()).await.expect("in time").expect("a message")
}

/// Waits for the message, through gaps.
async fn hear_message(listener: &mut Subscription, message: &'static [u8]) {
    while hear(listener).await != Live::Message(Bytes::from_static(message)) {}
}

/// Everything that a place does, done by this process alone.
async fn works_alone(place: &dyn Ephemeral) {
    let bucket = Bucket { capacity: 2, refill_per_second: 0.0 };
    for allowed in [true, true, false] {
        assert_eq!(place.take("alone", 1, &bucket).await.unwrap().allowed, allowed);
    }
    place.put("alone", Bytes::from_static(b"copy"), MINUTE).await.unwrap();
    assert_eq!(place.get("alone").await.unwrap().as_deref(), Some(&b"copy"[..]));
    let Gate::Go(permit) = place.gate_acquire("alone:80", &Spacing::default(), LEASE).await.unwrap() else {
        panic!("a fresh gate was shut")
    };
    let refused = place.gate_acquire("alone:80", &Spacing::default(), LEASE).await.unwrap();
    assert!(matches!(refused, Gate::Wait { why: Why::InFlight, .. }), "{refused:?}");
    assert!(place.gate_release(permit, QUICK).await.unwrap());
    let shut = place.gate_close("alone:80", Closing::For(MINUTE)).await.unwrap();
    assert!(shut > MINUTE / 2, "{shut:?}");
    let mut listener = place.subscribe("alone").await.unwrap();
    assert_eq!(hear(&mut listener).await, Live::Lagged, "others are not heard");
    place.publish("alone", Bytes::from_static(b"said")).await.unwrap();
    hear_message(&mut listener, b"said").await;
    assert!(place.is_degraded());
}

#[tokio::test]
async fn a_redis_that_was_never_there_is_not_missed() {
    let world = World::new();
    let proxy = world.proxy().await;
    proxy.cut();
    let place = ephemeral::connect(&world.through(&proxy)).await.unwrap();
    works_alone(place.as_ref()).await;
    proxy.restore();
    until_shared(place.as_ref()).await;
}

#[tokio::test]
async fn a_redis_that_goes_is_not_missed_and_one_that_comes_back_is_used() {
    let world = World::new();
    let proxy = world.proxy().await;
    let place = ephemeral::connect(&world.through(&proxy)).await.unwrap();
    let other = world.place().await;
    place.put("page", Bytes::from_static(b"before"), MINUTE).await.unwrap();
    assert_eq!(other.get("page").await.unwrap().as_deref(), Some(&b"before"[..]));
    proxy.cut();
    until_alone(place.as_ref()).await;
    works_alone(place.as_ref()).await;
    proxy.restore();
    until_shared(place.as_ref()).await;
    place.put("page", Bytes::from_static(b"after"), MINUTE).await.unwrap();
    assert_eq!(other.get("page").await.unwrap().as_deref(), Some(&b"after"[..]));
}

#[tokio::test]
async fn a_redis_that_says_nothing_costs_one_timeout() {
    let world = World::new();
    let proxy = world.proxy().await;
    let (timeout, pause) = (Duration::from_millis(400), Duration::from_secs(3600));
    let place = ephemeral::connect(&Settings { timeout, pause, ..world.through(&proxy) }).await.unwrap();
    place.get("page").await.unwrap();
    proxy.freeze();
    let asked = Instant::now();
    for _ in 0..100 {
        place.get("page").await.unwrap();
    }
    assert!(asked.elapsed() < timeout * 3, "{:?}", asked.elapsed());
    assert!(place.is_degraded());
}

#[tokio::test]
async fn what_this_process_knows_is_respected_when_redis_goes() {
    let world = World::new();
    let proxy = world.proxy().await;
    let place = ephemeral::connect(&world.through(&proxy)).await.unwrap();
    let slow = Spacing { crawl_delay: MINUTE, ..Spacing::default() };
    let bucket = Bucket { capacity: 2, refill_per_second: 0.0 };
    let Gate::Go(visited) = place.gate_acquire("visited:80", &slow, LEASE).await.unwrap() else {
        panic!("a fresh gate was shut")
    };
    assert!(place.gate_release(visited, QUICK).await.unwrap());
    let Gate::Go(under_way) = place.gate_acquire("busy:80", &slow, LEASE).await.unwrap() else {
        panic!("a fresh gate was shut")
    };
    place.gate_close("closed:80", Closing::For(MINUTE)).await.unwrap();
    assert!(place.take("used", 2, &bucket).await.unwrap().allowed);
    proxy.cut();
    until_alone(place.as_ref()).await;
    for (key, expected) in
        [("visited:80", Why::Spacing), ("busy:80", Why::InFlight), ("closed:80", Why::Closed)]
    {
        let refused = place.gate_acquire(key, &slow, LEASE).await.unwrap();
        assert!(matches!(refused, Gate::Wait { why, .. } if why == expected), "{key}: {refused:?}");
    }
    assert!(!place.take("used", 1, &bucket).await.unwrap().allowed);
    assert!(place.gate_release(under_way, QUICK).await.unwrap(), "a permit of Redis is good here too");
}

#[tokio::test]
async fn a_copy_that_was_replaced_does_not_come_back() {
    let world = World::new();
    let proxy = world.proxy().await;
    let place = ephemeral::connect(&world.through(&proxy)).await.unwrap();
    proxy.cut();
    place.put("page", Bytes::from_static(b"old"), MINUTE).await.unwrap();
    proxy.restore();
    until_shared(place.as_ref()).await;
    place.put("page", Bytes::from_static(b"new"), MINUTE).await.unwrap();
    proxy.cut();
    until_alone(place.as_ref()).await;
    assert_eq!(place.get("page").await.unwrap(), None);
}

#[tokio::test]
async fn listeners_are_told_of_gaps_while_and_after_redis_is_gone() {
    let world = World::new();
    let proxy = world.proxy().await;
    let place = ephemeral::connect(&world.through(&proxy)).await.unwrap();
    let other = world.place().await;
    let mut listener = place.subscribe("run").await.unwrap();
    other.publish("run", Bytes::from_static(b"before")).await.unwrap();
    assert_eq!(hear(&mut listener).await, Live::Message(Bytes::from_static(b"before")));
    proxy.cut();
    // When it goes, and again with every attempt to find it, so that the log is read meanwhile.
    for _ in 0..3 {
        assert_eq!(hear(&mut listener).await, Live::Lagged);
    }
    let mut late = place.subscribe("run").await.unwrap();
    assert_eq!(hear(&mut late).await, Live::Lagged);
    until_alone(place.as_ref()).await;
    place.publish("run", Bytes::from_static(b"here")).await.unwrap();
    hear_message(&mut listener, b"here").await;
    hear_message(&mut late, b"here").await;
    proxy.restore();
    until_shared(place.as_ref()).await;
    other.publish("run", Bytes::from_static(b"after")).await.unwrap();
    for listener in [&mut listener, &mut late] {
        // The gap is told before the first message after it.
        assert_eq!(hear(listener).await, Live::Lagged);
        hear_message(listener, b"after").await;
    }
}

#[tokio::test]
async fn who_did_not_hear_us_is_told_when_redis_is_back() {
    let world = World::new();
    let proxy = world.proxy().await;
    let cut_off = ephemeral::connect(&world.through(&proxy)).await.unwrap();
    let other = world.place().await;
    let mut listener = other.subscribe("run").await.unwrap();
    proxy.cut();
    cut_off.publish("run", Bytes::from_static(b"the last word")).await.unwrap();
    proxy.restore();
    assert_eq!(hear(&mut listener).await, Live::Lagged);
    assert!(!other.is_degraded());
}

#[tokio::test]
async fn a_subscription_during_an_outage_does_not_wait() {
    let world = World::new();
    let proxy = world.proxy().await;
    let place = ephemeral::connect(&world.through(&proxy)).await.unwrap();
    let mut first = place.subscribe("run").await.unwrap();
    proxy.cut();
    assert_eq!(hear(&mut first).await, Live::Lagged);
    // The attempts to connect are not refused any more, they get no answer.
    proxy.freeze();
    let before = proxy.connections();
    let deadline = Instant::now() + SOON;
    while proxy.connections() == before {
        assert!(Instant::now() < deadline, "nobody tries to connect");
        sleep(Duration::from_millis(10)).await;
    }
    let asked = Instant::now();
    let mut listener = place.subscribe("run").await.unwrap();
    assert_eq!(hear(&mut listener).await, Live::Lagged);
    assert!(asked.elapsed() < Duration::from_secs(5), "{:?}", asked.elapsed());
}

/// Counts what is logged at warn level or above.
struct Warnings(Arc<AtomicU32>);

impl<S: tracing::Subscriber> Layer<S> for Warnings {
    fn on_event(&self, event: &tracing::Event<'_>, _: Context<'_, S>) {
        if *event.metadata().level() <= tracing::Level::WARN {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }
}

#[tokio::test]
async fn an_outage_is_logged_once() {
    let warnings = Arc::new(AtomicU32::new(0));
    let subscriber = tracing_subscriber::registry().with(Warnings(Arc::clone(&warnings)));
    let _guard = tracing::subscriber::set_default(subscriber);
    let world = World::new();
    let proxy = world.proxy().await;
    let pause = Duration::from_millis(1);
    let place = ephemeral::connect(&Settings { pause, ..world.through(&proxy) }).await.unwrap();
    for outage in 1..=2 {
        until_shared(place.as_ref()).await;
        proxy.freeze();
        let calls: Vec<_> = (0..8)
            .map(|_| {
                let place = Arc::clone(&place);
                tokio::spawn(async move { place.get("page").await })
            })
            .collect();
        // All of them are under way when the runtime has nothing else to do.
        tokio::task::yield_now().await;
        proxy.cut();
        for call in calls {
            call.await.unwrap().unwrap();
        }
        until_alone(place.as_ref()).await;
        for _ in 0..50 {
            place.get("page").await.unwrap();
            sleep(pause).await;
        }
        assert_eq!(warnings.load(Ordering::SeqCst), outage);
        proxy.restore();
    }
}
