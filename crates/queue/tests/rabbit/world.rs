//! A corner of the real RabbitMQ for one test: queues under a prefix of its own, deleted at its end.

use std::sync::Arc;
use std::time::Duration;

use domain::{JobId, RunId, Stage};
use lapin::options::{BasicGetOptions, BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::types::{AMQPValue, FieldTable};
use lapin::{BasicProperties, Channel, Connection, ConnectionProperties};
use queue::{Broker, Consumer, Delivery, Doorbell, Error, Settings, Trace};
use tokio::time::{Instant, sleep, timeout};
use url::Url;

use crate::proxy::Proxy;

/// How long anything may take here.
pub(crate) const SOON: Duration = Duration::from_secs(60);

pub(crate) struct World {
    url: Url,
    pub(crate) prefix: String,
}

impl World {
    pub(crate) fn new() -> Self {
        let url = std::env::var("ASSAY_TEST_RABBITMQ_URL");
        let url = url.unwrap_or_else(|_| "amqp://guest:guest@127.0.0.1:5672/%2f".to_owned());
        Self { url: url.parse().unwrap(), prefix: format!("test-{}.", JobId::new().uuid()) }
    }

    pub(crate) fn settings(&self) -> Settings {
        Settings {
            url: Some(self.url.as_str().into()),
            prefix: self.prefix.clone(),
            connect: Duration::from_secs(30),
            publish: Duration::from_secs(30),
            ..Settings::default()
        }
    }

    /// The broker as production connects to it. A RabbitMQ that is not there fails the test.
    pub(crate) async fn broker(&self) -> Arc<dyn Broker> {
        let broker = queue::connect(&self.settings()).await.unwrap();
        broker.ping().await.expect("RabbitMQ answers (`make services` starts it)");
        broker
    }

    pub(crate) async fn proxy(&self) -> Proxy {
        let port = self.url.port().unwrap_or(5672);
        Proxy::before(format!("{}:{port}", self.url.host_str().unwrap())).await
    }

    /// Settings that lead through the proxy.
    pub(crate) fn through(&self, proxy: &Proxy) -> Settings {
        let mut url = self.url.clone();
        url.set_host(Some("127.0.0.1")).unwrap();
        url.set_port(Some(proxy.address().port())).unwrap();
        Settings { url: Some(url.as_str().into()), ..self.settings() }
    }

    pub(crate) fn with_url(&self, change: impl FnOnce(&mut Url)) -> Settings {
        let mut url = self.url.clone();
        change(&mut url);
        Settings { url: Some(url.as_str().into()), ..self.settings() }
    }

    pub(crate) fn queue(&self, name: &str) -> String {
        format!("{}{name}", self.prefix)
    }

    pub(crate) async fn channel(&self) -> Channel {
        channel(self.url.as_str()).await
    }

    pub(crate) async fn delete_queues(&self) {
        delete(&self.channel().await, &self.prefix).await;
    }

    /// Declares a queue with a delivery limit of somebody else's choice.
    pub(crate) async fn declare(&self, name: &str, delivery_limit: i32) {
        declare(&self.channel().await, self.queue(name), delivery_limit).await;
    }

    /// Puts bytes on a queue, whatever they are.
    pub(crate) async fn publish_bytes(&self, stage: Stage, bytes: &[u8]) {
        publish(&self.channel().await, self.queue(stage.as_str()), bytes).await;
    }

    /// Deletes a queue and declares it again before anybody looks, with a message in it.
    pub(crate) async fn replace(&self, stage: Stage, bytes: &[u8]) {
        let (channel, name) = (self.channel().await, self.queue(stage.as_str()));
        channel.queue_delete(name.as_str().into(), Default::default()).await.unwrap();
        declare(&channel, name.clone(), i32::MAX).await;
        publish(&channel, name, bytes).await;
    }

    /// Waits until the queue is there.
    pub(crate) async fn exists(&self, stage: Stage) {
        let deadline = Instant::now() + SOON;
        let options = QueueDeclareOptions { passive: true, ..QueueDeclareOptions::default() };
        let name = self.queue(stage.as_str());
        while self
            .channel()
            .await
            .queue_declare(name.as_str().into(), options, FieldTable::default())
            .await
            .is_err()
        {
            assert!(Instant::now() < deadline, "there is no queue {name}");
            sleep(Duration::from_millis(20)).await;
        }
    }

    /// Takes the next message of a queue off it.
    pub(crate) async fn take(&self, name: &str) -> lapin::message::BasicGetMessage {
        let channel = self.channel().await;
        let deadline = Instant::now() + SOON;
        loop {
            let options = BasicGetOptions { no_ack: true };
            if let Some(message) = channel.basic_get(self.queue(name).into(), options).await.unwrap() {
                return message;
            }
            assert!(Instant::now() < deadline, "no message on {name}");
            sleep(Duration::from_millis(20)).await;
        }
    }
}

/// A connection lives as long as a channel of it does.
async fn channel(url: &str) -> Channel {
    let connection = Connection::connect(url, ConnectionProperties::default()).await.unwrap();
    connection.create_channel().await.unwrap()
}

async fn declare(channel: &Channel, name: String, delivery_limit: i32) {
    let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
    let mut arguments = FieldTable::default();
    arguments.insert("x-queue-type".into(), AMQPValue::LongString("quorum".into()));
    arguments.insert("x-delivery-limit".into(), AMQPValue::LongInt(delivery_limit));
    channel.queue_declare(name.into(), options, arguments).await.unwrap();
}

async fn publish(channel: &Channel, name: String, bytes: &[u8]) {
    channel.confirm_select(ConfirmSelectOptions::default()).await.unwrap();
    let (options, properties) = (BasicPublishOptions::default(), BasicProperties::default());
    let published = channel.basic_publish("".into(), name.into(), options, bytes, properties).await.unwrap();
    assert!(published.await.unwrap().is_ack());
}

async fn delete(channel: &Channel, prefix: &str) {
    for name in Stage::ALL.map(Stage::as_str).into_iter().chain(["dead"]) {
        channel.queue_delete(format!("{prefix}{name}").into(), Default::default()).await.unwrap();
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let (url, prefix) = (self.url.clone(), self.prefix.clone());
        // The test's own runtime is busy dropping us, perhaps in a panic.
        let cleaning = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
            runtime.block_on(async { delete(&channel(url.as_str()).await, &prefix).await });
        });
        let cleaned = cleaning.join();
        assert!(cleaned.is_ok() || std::thread::panicking(), "the queues of the test could not be deleted");
    }
}

pub(crate) fn doorbell() -> Doorbell {
    Doorbell { job: JobId::new(), run: RunId::new(), attempt: 0, trace: Trace::default() }
}

pub(crate) fn doorbells(count: usize) -> Vec<Doorbell> {
    (0..count).map(|_| doorbell()).collect()
}

pub(crate) async fn next(consumer: &mut dyn Consumer) -> Delivery {
    timeout(SOON, consumer.next()).await.expect("a delivery in time").unwrap()
}

/// Waits until the broker answers again.
pub(crate) async fn back(broker: &dyn Broker) {
    let deadline = Instant::now() + SOON;
    while let Err(error) = broker.ping().await {
        assert!(Instant::now() < deadline, "{error:?}");
        sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until the loss of the broker has been noticed.
pub(crate) async fn gone(broker: &dyn Broker) {
    let deadline = Instant::now() + SOON;
    while broker.ping().await.is_ok() {
        assert!(Instant::now() < deadline);
        sleep(Duration::from_millis(20)).await;
    }
}

pub(crate) fn is_unavailable<T>(result: &Result<T, Error>) -> bool {
    matches!(result, Err(Error::Unavailable(_)))
}
