//! The network between us and the broker goes away, and comes back.

use std::collections::HashSet;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::{JobId, Stage};
use queue::{Broker, Settings};
use secrecy::ExposeSecret;
use tokio::time::{Instant, sleep, timeout};

use crate::proxy::Proxy;
use crate::world::{SOON, World, back, doorbell, doorbells, gone, is_unavailable, next};

async fn connect(settings: &Settings) -> Arc<dyn Broker> {
    let broker = queue::connect(settings).await.unwrap();
    broker.ping().await.expect("RabbitMQ answers (`make services` starts it)");
    broker
}

#[tokio::test]
async fn what_is_not_confirmed_when_the_connection_is_cut_is_reported() {
    let world = World::new();
    let proxy = world.proxy().await;
    let broker = connect(&world.through(&proxy)).await;
    proxy.freeze();
    let publishing = tokio::spawn({
        let broker = Arc::clone(&broker);
        async move { broker.publish(Stage::Crawl, &doorbells(100)).await }
    });
    // The slice is under way when the runtime has nothing else to do.
    tokio::task::yield_now().await;
    proxy.cut();
    let reported = timeout(SOON, publishing).await.expect("an answer in time").unwrap();
    assert!(is_unavailable(&reported), "{reported:?}");
    proxy.restore();
    back(broker.as_ref()).await;
    broker.publish(Stage::Crawl, &doorbells(100)).await.unwrap();
}

#[tokio::test]
async fn during_an_outage_publishing_fails_at_once() {
    let world = World::new();
    let proxy = world.proxy().await;
    let broker = connect(&world.through(&proxy)).await;
    proxy.cut();
    gone(broker.as_ref()).await;
    let asked = Instant::now();
    let refused = broker.publish(Stage::Crawl, &[doorbell()]).await;
    assert!(is_unavailable(&refused) && asked.elapsed() < Duration::from_secs(1), "{refused:?}");
    proxy.restore();
    back(broker.as_ref()).await;
    broker.publish(Stage::Crawl, &[doorbell()]).await.unwrap();
}

#[tokio::test]
async fn a_connection_without_answers_is_left_for_another() {
    let world = World::new();
    let proxy = world.proxy().await;
    // Its silence alone would be noticed after two minutes.
    let url = format!("{}?heartbeat=60", world.through(&proxy).url.unwrap().expose_secret());
    let publish = Duration::from_millis(500);
    let settings = Settings { url: Some(url.into()), publish, ..world.settings() };
    let broker = connect(&settings).await;
    proxy.forget();
    let silent = timeout(SOON, broker.publish(Stage::Crawl, &[doorbell()])).await.expect("a bound");
    assert!(is_unavailable(&silent), "{silent:?}");
    back(broker.as_ref()).await;
    broker.publish(Stage::Crawl, &[doorbell()]).await.unwrap();
}

#[tokio::test]
async fn a_broker_that_was_frozen_goes_on() {
    let world = World::new();
    let proxy = world.proxy().await;
    let settings = Settings { publish: Duration::from_millis(500), ..world.through(&proxy) };
    let broker = connect(&settings).await;
    let mut consumer = broker.consume(Stage::Crawl, 1).await.unwrap();
    proxy.freeze();
    gone(broker.as_ref()).await;
    proxy.restore();
    back(broker.as_ref()).await;
    broker.publish(Stage::Crawl, &[doorbell()]).await.unwrap();
    next(consumer.as_mut()).await.ack().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_handshake_that_is_broken_off_is_not_waited_for() {
    let world = World::new();
    let proxy = world.proxy().await;
    let settings = Settings { connect: Duration::from_secs(3600), ..world.through(&proxy) };
    // A healthy handshake takes a few milliseconds to some tens of them: cut at every point of it.
    for cut_at in (0..40).map(|step| Duration::from_micros(500 + step * 500)) {
        proxy.restore();
        let connecting = queue::connect(&settings);
        tokio::pin!(connecting);
        let connected = timeout(cut_at, &mut connecting).await;
        proxy.cut();
        if connected.is_err() {
            timeout(SOON, connecting).await.expect("an answer in time").unwrap();
        }
    }
}

#[tokio::test]
async fn a_broker_that_is_not_there_yet_is_waited_for() {
    let world = World::new();
    let proxy = world.proxy().await;
    proxy.cut();
    let broker = queue::connect(&world.through(&proxy)).await.unwrap();
    let mut consumer = broker.consume(Stage::Extract, 1).await.unwrap();
    let refused = broker.publish(Stage::Extract, &[doorbell()]).await;
    assert!(is_unavailable(&refused) && is_unavailable(&broker.ping().await), "{refused:?}");
    proxy.restore();
    back(broker.as_ref()).await;
    broker.publish(Stage::Extract, &[doorbell()]).await.unwrap();
    next(consumer.as_mut()).await.ack().await.unwrap();
}

#[tokio::test]
async fn an_acknowledgement_after_the_cut_fails_and_the_message_comes_again() {
    let world = World::new();
    let proxy = world.proxy().await;
    let broker = connect(&world.through(&proxy)).await;
    let mut consumer = broker.consume(Stage::Analyze, 1).await.unwrap();
    let sent = doorbell();
    broker.publish(Stage::Analyze, std::slice::from_ref(&sent)).await.unwrap();
    let held = next(consumer.as_mut()).await;
    proxy.cut();
    gone(broker.as_ref()).await;
    proxy.restore();
    // The same consumer, on the next connection.
    let again = next(consumer.as_mut()).await;
    assert_eq!(again.doorbell, sent);
    let late = held.ack().await;
    assert!(is_unavailable(&late), "{late:?}");
    again.ack().await.unwrap();
    assert!(timeout(Duration::from_millis(300), consumer.next()).await.is_err(), "it was acknowledged");
}

#[tokio::test]
async fn a_broker_that_lost_everything_gets_its_queues_back() {
    let world = World::new();
    let proxy = world.proxy().await;
    let broker = connect(&world.through(&proxy)).await;
    let mut consumer = broker.consume(Stage::Crawl, 1).await.unwrap();
    broker.publish(Stage::Crawl, &[doorbell()]).await.unwrap();
    next(consumer.as_mut()).await.ack().await.unwrap();
    proxy.cut();
    gone(broker.as_ref()).await;
    world.delete_queues().await;
    proxy.restore();
    back(broker.as_ref()).await;
    for stage in Stage::ALL {
        broker.publish(stage, &[doorbell()]).await.unwrap();
    }
    next(consumer.as_mut()).await.ack().await.unwrap();
}

/// Cuts the network again and again while slices are published, and tells which jobs were confirmed.
async fn publish_through_cuts(broker: &dyn Broker, proxy: &Proxy, cuts: u32) -> (HashSet<JobId>, u32) {
    let (mut confirmed, mut failed) = (HashSet::new(), 0);
    for _ in 0..cuts {
        // The cut falls somewhere into a row of slices, wherever the machine happens to be.
        let publishing = async {
            loop {
                let slice = doorbells(25);
                match broker.publish(Stage::Crawl, &slice).await {
                    Ok(()) => confirmed.extend(slice.iter().map(|doorbell| doorbell.job)),
                    Err(_) => break,
                }
            }
        };
        let cutting = async {
            sleep(Duration::from_millis(40)).await;
            proxy.cut();
        };
        timeout(SOON, async { tokio::join!(publishing, cutting) }).await.expect("the cut is noticed");
        failed += 1;
        proxy.restore();
        back(broker).await;
    }
    (confirmed, failed)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn consumers_go_on_after_every_outage_and_nothing_confirmed_is_lost() {
    let world = World::new();
    let proxy = world.proxy().await;
    let broker = connect(&world.through(&proxy)).await;
    let seen = Arc::new(Mutex::new(HashSet::new()));
    let mut consumer = broker.consume(Stage::Crawl, 32).await.unwrap();
    let consuming = tokio::spawn({
        let seen = Arc::clone(&seen);
        async move {
            while let Ok(delivery) = consumer.next().await {
                seen.lock().unwrap().insert(delivery.doorbell.job);
                // It fails for what a cut took out of our hands, and that comes again.
                let _ = delivery.ack().await;
            }
        }
    });
    let (confirmed, failed) = publish_through_cuts(broker.as_ref(), &proxy, 5).await;
    assert!(failed == 5 && !confirmed.is_empty());
    let deadline = Instant::now() + SOON;
    while !confirmed.is_subset(&seen.lock().unwrap()) {
        let missing = confirmed.difference(&seen.lock().unwrap()).count();
        assert!(Instant::now() < deadline, "{missing} of {} confirmed were lost", confirmed.len());
        sleep(Duration::from_millis(20)).await;
    }
    assert!(!consuming.is_finished(), "the consumer gave up");
    consuming.abort();
}
