//! RabbitMQ: the broker of a fleet.
//!
//! One durable quorum queue per stage. What is published is confirmed, what is delivered is acknowledged by hand. A
//! lost connection is made again for ever, with everything that was declared and subscribed on it; meanwhile
//! publishing fails at once and consumers wait.

mod address;
mod backoff;
mod consumer;
mod dead;
mod link;
mod publisher;
mod session;
mod socket;
mod topology;
mod trouble;

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use async_trait::async_trait;
use domain::Stage;
use lapin::BasicProperties;
use secrecy::SecretString;

use address::Address;
use consumer::Source;
use dead::DeadLetters;
use link::Link;
use publisher::Publisher;

use crate::{Broker, Consumer, Doorbell, Error, Settings};

/// Queues on a RabbitMQ. Consumers outlive it.
pub struct Rabbit {
    address: Address,
    publisher: Publisher,
    idle: Duration,
    /// Made for the first consumer: who only publishes needs no second connection.
    consuming: OnceLock<Arc<Link>>,
}

impl Rabbit {
    /// Connects and declares the queues; [`crate::connect`] says more.
    ///
    /// # Errors
    /// [`Error::Unusable`] if the URL is none, the broker refuses us, or a queue of that name is not like ours.
    pub async fn connect(url: &SecretString, settings: &Settings) -> Result<Self, Error> {
        let address = Address::new(url, settings)?;
        let link = Arc::new(Link::connect(address.clone(), "publishing").await?);
        let publisher = Publisher { link, patience: settings.publish };
        Ok(Self { address, publisher, idle: settings.idle, consuming: OnceLock::new() })
    }
}

#[async_trait]
impl Broker for Rabbit {
    async fn publish(&self, stage: Stage, doorbells: &[Doorbell]) -> Result<(), Error> {
        let bodies: Vec<_> = doorbells.iter().map(Doorbell::encode).collect();
        let queue = self.address.topology.stage(stage);
        self.publisher.publish(&queue, &bodies, BasicProperties::default()).await
    }

    async fn consume(&self, stage: Stage, prefetch: u16) -> Result<Box<dyn Consumer>, Error> {
        let link = self.consuming.get_or_init(|| Arc::new(Link::open(self.address.clone(), "consuming")));
        let topology = &self.address.topology;
        let dead = DeadLetters { publisher: self.publisher.clone(), queue: topology.dead(), stage };
        // AMQP's zero means "without a bound".
        let prefetch = prefetch.max(1);
        let source =
            Source { link: Arc::clone(link), queue: topology.stage(stage), prefetch, dead, idle: self.idle };
        Ok(Box::new(source.consumer()))
    }

    async fn depth(&self, stage: Stage) -> Result<u64, Error> {
        self.publisher.count(&self.address.topology.stage(stage)).await
    }
}

impl std::fmt::Debug for Rabbit {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rabbit").field("place", &self.address.place()).finish_non_exhaustive()
    }
}
