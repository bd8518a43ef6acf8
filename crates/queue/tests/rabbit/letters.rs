//! Messages that are no doorbells, and queues that vanish.

use std::time::Duration;

use domain::Stage;
use lapin::types::AMQPValue;
use queue::{Broker, Doorbell, Settings};

use crate::world::{World, back, doorbell, is_unavailable, next};

#[tokio::test]
async fn what_is_no_doorbell_is_put_aside_with_its_bytes_and_blocks_nobody() {
    let world = World::new();
    let broker = world.broker().await;
    let strange: Vec<Vec<u8>> = (0..5).map(|n| vec![0xff, n, 0, b'x']).collect();
    for bytes in &strange {
        world.publish_bytes(Stage::Analyze, bytes).await;
    }
    let sent = doorbell();
    broker.publish(Stage::Analyze, std::slice::from_ref(&sent)).await.unwrap();
    let mut consumer = broker.consume(Stage::Analyze, 1).await.unwrap();
    let delivery = next(consumer.as_mut()).await;
    assert_eq!(delivery.doorbell, sent);
    delivery.ack().await.unwrap();
    let mut aside = Vec::new();
    for _ in &strange {
        let message = world.take("dead").await;
        let headers = message.properties.headers().clone().unwrap();
        assert_eq!(headers.inner().get("assay-stage"), Some(&AMQPValue::LongString("analyze".into())));
        let reason = headers.inner().get("assay-reason");
        assert!(matches!(reason, Some(AMQPValue::LongString(text)) if !text.as_bytes().is_empty()));
        assert_eq!(*message.properties.delivery_mode(), Some(2));
        aside.push(message.data.clone());
    }
    aside.sort_unstable();
    assert_eq!(aside, strange);
    drop(consumer);
    assert_eq!(broker.depth(Stage::Analyze).await.unwrap(), 0);
}

#[tokio::test]
async fn a_queue_that_is_deleted_behind_our_back_comes_back() {
    let world = World::new();
    let broker = world.broker().await;
    let mut consumer = broker.consume(Stage::Crawl, 1).await.unwrap();
    broker.publish(Stage::Crawl, &[doorbell()]).await.unwrap();
    next(consumer.as_mut()).await.ack().await.unwrap();
    world.delete_queues().await;
    let sent = doorbell();
    // Nobody consumes this one, so only publishing can notice.
    let lost = broker.publish(Stage::Deliver, std::slice::from_ref(&sent)).await;
    assert!(is_unavailable(&lost), "{lost:?}");
    assert!(format!("{lost:?}").contains("deliver"), "{lost:?}");
    published(broker.as_ref(), Stage::Deliver, &sent).await;
    assert_eq!(broker.depth(Stage::Deliver).await.unwrap(), 1);
    // The consumer of this one is told, or finds out.
    published(broker.as_ref(), Stage::Crawl, &sent).await;
    let delivery = next(consumer.as_mut()).await;
    assert_eq!(delivery.doorbell, sent);
    delivery.ack().await.unwrap();
}

#[tokio::test]
async fn a_consumer_declares_its_queue_again() {
    let world = World::new();
    let broker = world.broker().await;
    let mut consumer = broker.consume(Stage::Crawl, 1).await.unwrap();
    broker.publish(Stage::Crawl, &[doorbell()]).await.unwrap();
    next(consumer.as_mut()).await.ack().await.unwrap();
    world.delete_queues().await;
    world.exists(Stage::Crawl).await;
    let sent = doorbell();
    world.publish_bytes(Stage::Crawl, &sent.encode()).await;
    assert_eq!(next(consumer.as_mut()).await.doorbell, sent);
}

#[tokio::test]
async fn a_consumer_that_is_not_told_of_a_new_queue_finds_out() {
    let world = World::new();
    let broker =
        queue::connect(&Settings { idle: Duration::from_secs(1), ..world.settings() }).await.unwrap();
    let mut consumer = broker.consume(Stage::Crawl, 1).await.unwrap();
    broker.publish(Stage::Crawl, &[doorbell()]).await.unwrap();
    next(consumer.as_mut()).await.ack().await.unwrap();
    let sent = doorbell();
    world.replace(Stage::Crawl, &sent.encode()).await;
    let delivery = next(consumer.as_mut()).await;
    assert_eq!(delivery.doorbell, sent);
    delivery.ack().await.unwrap();
}

/// Publishes as soon as it can be.
async fn published(broker: &dyn Broker, stage: Stage, doorbell: &Doorbell) {
    while broker.publish(stage, std::slice::from_ref(doorbell)).await.is_err() {
        back(broker).await;
    }
}
