//! The behaviour every broker owes, as one suite. A broker's tests call [`all`] with a fresh, empty broker.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::collections::HashSet;
use std::time::Duration;

use domain::{JobId, RunId, Stage};
use tokio::time::timeout;

use crate::{Broker, Consumer, Delivery, Doorbell, Trace};

const SOON: Duration = Duration::from_secs(10);
/// Long enough for a wrong delivery to show itself, short enough to wait for every time.
const QUIET: Duration = Duration::from_millis(150);

/// Runs every check against the broker; each leaves the queues empty.
pub async fn all(broker: &dyn Broker) {
    what_is_published_is_delivered_whole(broker).await;
    stages_do_not_mix(broker).await;
    prefetch_bounds_what_is_unacknowledged(broker).await;
    what_was_not_acknowledged_comes_again(broker).await;
    waiting_can_be_abandoned_without_loss(broker).await;
    two_consumers_share_and_never_both_get_one(broker).await;
    what_a_dropped_consumer_had_not_handed_out_goes_to_others(broker).await;
    a_delivery_outlives_its_consumer(broker).await;
    nothing_can_be_published_too(broker).await;
}

fn doorbell() -> Doorbell {
    Doorbell {
        job: JobId::new(),
        run: RunId::new(),
        attempt: 2,
        trace: Trace {
            parent: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01".into(),
            state: "a=b".into(),
        },
    }
}

async fn next(consumer: &mut dyn Consumer) -> Delivery {
    timeout(SOON, consumer.next()).await.expect("a delivery in time").unwrap()
}

async fn what_is_published_is_delivered_whole(broker: &dyn Broker) {
    let sent: Vec<_> = (0..20).map(|_| doorbell()).collect();
    broker.publish(Stage::Crawl, &sent).await.unwrap();
    assert_eq!(broker.depth(Stage::Crawl).await.unwrap(), 20);
    let mut consumer = broker.consume(Stage::Crawl, 32).await.unwrap();
    for _ in &sent {
        let delivery = next(consumer.as_mut()).await;
        assert!(sent.contains(&delivery.doorbell));
        delivery.ack().await.unwrap();
    }
    assert!(timeout(QUIET, consumer.next()).await.is_err(), "nothing is delivered twice once acknowledged");
}

async fn stages_do_not_mix(broker: &dyn Broker) {
    broker.publish(Stage::Extract, &[doorbell()]).await.unwrap();
    let mut analyze = broker.consume(Stage::Analyze, 1).await.unwrap();
    assert!(timeout(QUIET, analyze.next()).await.is_err());
    let mut extract = broker.consume(Stage::Extract, 1).await.unwrap();
    next(extract.as_mut()).await.ack().await.unwrap();
}

async fn prefetch_bounds_what_is_unacknowledged(broker: &dyn Broker) {
    broker.publish(Stage::Crawl, &[doorbell(), doorbell(), doorbell()]).await.unwrap();
    let mut consumer = broker.consume(Stage::Crawl, 2).await.unwrap();
    let (first, second) = (next(consumer.as_mut()).await, next(consumer.as_mut()).await);
    assert!(timeout(QUIET, consumer.next()).await.is_err(), "a third would exceed the window");
    first.ack().await.unwrap();
    let third = next(consumer.as_mut()).await;
    second.ack().await.unwrap();
    third.ack().await.unwrap();
}

async fn what_was_not_acknowledged_comes_again(broker: &dyn Broker) {
    let sent = doorbell();
    broker.publish(Stage::Deliver, std::slice::from_ref(&sent)).await.unwrap();
    let mut dying = broker.consume(Stage::Deliver, 1).await.unwrap();
    drop(next(dying.as_mut()).await);
    drop(dying);
    let mut heir = broker.consume(Stage::Deliver, 1).await.unwrap();
    let again = next(heir.as_mut()).await;
    assert_eq!(again.doorbell, sent);
    again.ack().await.unwrap();
}

async fn waiting_can_be_abandoned_without_loss(broker: &dyn Broker) {
    let mut consumer = broker.consume(Stage::Crawl, 1).await.unwrap();
    for _ in 0..5 {
        assert!(timeout(Duration::from_millis(5), consumer.next()).await.is_err());
    }
    broker.publish(Stage::Crawl, &[doorbell()]).await.unwrap();
    next(consumer.as_mut()).await.ack().await.unwrap();
}

async fn two_consumers_share_and_never_both_get_one(broker: &dyn Broker) {
    let sent: Vec<_> = (0..100).map(|_| doorbell()).collect();
    let mut one = broker.consume(Stage::Crawl, 8).await.unwrap();
    let mut two = broker.consume(Stage::Crawl, 8).await.unwrap();
    broker.publish(Stage::Crawl, &sent).await.unwrap();
    let mut seen = HashSet::new();
    while seen.len() < sent.len() {
        let delivery = timeout(SOON, async {
            tokio::select! { d = one.next() => d, d = two.next() => d }
        })
        .await
        .expect("a delivery in time")
        .unwrap();
        assert!(seen.insert(delivery.doorbell.job), "delivered to both");
        delivery.ack().await.unwrap();
    }
}

async fn what_a_dropped_consumer_had_not_handed_out_goes_to_others(broker: &dyn Broker) {
    let sent: Vec<_> = (0..10).map(|_| doorbell()).collect();
    let mut dying = broker.consume(Stage::Crawl, 10).await.unwrap();
    broker.publish(Stage::Crawl, &sent).await.unwrap();
    let held = next(dying.as_mut()).await;
    drop(dying);
    let mut heir = broker.consume(Stage::Crawl, 10).await.unwrap();
    for _ in 1..10 {
        next(heir.as_mut()).await.ack().await.unwrap();
    }
    held.ack().await.unwrap();
    assert!(timeout(QUIET, heir.next()).await.is_err(), "what was acknowledged is gone");
}

async fn a_delivery_outlives_its_consumer(broker: &dyn Broker) {
    broker.publish(Stage::Crawl, &[doorbell()]).await.unwrap();
    let mut leaving = broker.consume(Stage::Crawl, 1).await.unwrap();
    let held = next(leaving.as_mut()).await;
    drop(leaving);
    let mut other = broker.consume(Stage::Crawl, 1).await.unwrap();
    assert!(timeout(QUIET, other.next()).await.is_err(), "it is still in somebody's hands");
    held.ack().await.unwrap();
    assert!(timeout(QUIET, other.next()).await.is_err(), "it was acknowledged");
}

async fn nothing_can_be_published_too(broker: &dyn Broker) {
    broker.ping().await.unwrap();
    broker.publish(Stage::Deliver, &[]).await.unwrap();
    assert_eq!(broker.depth(Stage::Deliver).await.unwrap(), 0);
}
