//! RabbitMQ against the suite of all brokers, and against what only a broker across a network suffers.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    reason = "tests say what went wrong by panicking"
)]

mod letters;
mod outages;
#[allow(dead_code, reason = "shared with the tests of short-term memory")]
#[path = "../support/proxy.rs"]
mod proxy;
mod world;

use std::collections::HashSet;
use std::sync::Arc;

use domain::Stage;
use queue::Error;

use world::{World, doorbell, doorbells, next};

#[tokio::test]
async fn rabbitmq_behaves_like_every_broker() {
    let world = World::new();
    queue::suite::all(world.broker().await.as_ref()).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ten_thousand_doorbells_arrive_once_each() {
    let world = World::new();
    let broker = world.broker().await;
    let sent = doorbells(10_000);
    let jobs: HashSet<_> = sent.iter().map(|doorbell| doorbell.job).collect();
    let publishers: Vec<_> = sent
        .chunks(2_500)
        .map(|part| {
            let (broker, part) = (Arc::clone(&broker), part.to_vec());
            tokio::spawn(async move {
                for slice in part.chunks(500) {
                    broker.publish(Stage::Extract, slice).await.unwrap();
                }
            })
        })
        .collect();
    for publisher in publishers {
        publisher.await.unwrap();
    }
    assert_eq!(broker.depth(Stage::Extract).await.unwrap(), 10_000);
    let mut consumer = broker.consume(Stage::Extract, 64).await.unwrap();
    let mut seen = HashSet::new();
    for _ in 0..10_000 {
        let delivery = next(consumer.as_mut()).await;
        assert!(seen.insert(delivery.doorbell.job), "one came twice");
        delivery.ack().await.unwrap();
    }
    assert_eq!(seen, jobs);
}

#[tokio::test]
async fn a_doorbell_may_come_back_any_number_of_times() {
    let world = World::new();
    let broker = world.broker().await;
    let sent = doorbell();
    broker.publish(Stage::Crawl, std::slice::from_ref(&sent)).await.unwrap();
    let mut consumer = broker.consume(Stage::Crawl, 1).await.unwrap();
    // RabbitMQ 4 gives up after 20, if it is not told otherwise.
    for _ in 0..40 {
        assert_eq!(next(consumer.as_mut()).await.doorbell, sent);
    }
}

#[tokio::test]
async fn a_queue_that_is_not_like_ours_is_named() {
    let world = World::new();
    world.declare("extract", 3).await;
    let Err(Error::Unusable(reason)) = queue::connect(&world.settings()).await.map(drop) else {
        panic!("another queue was taken for ours")
    };
    assert!(reason.contains(&format!("`{}`", world.queue("extract"))), "{reason}");
    assert!(reason.contains("x-delivery-limit"), "{reason}");
}

#[tokio::test]
async fn a_broker_that_refuses_us_is_no_outage() {
    let world = World::new();
    for settings in [
        world.with_url(|url| url.set_password(Some("wrong")).unwrap()),
        world.with_url(|url| url.set_path("/no-such-vhost")),
    ] {
        let refused = queue::connect(&settings).await.map(drop);
        let Err(Error::Unusable(reason)) = refused else { panic!("{refused:?}") };
        assert!(!reason.contains("wrong"), "{reason}");
    }
}
