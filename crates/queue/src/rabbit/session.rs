//! One connection while it lasts.

use std::pin::Pin;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use futures_util::future::try_join_all;
use futures_util::{Stream, StreamExt};
use lapin::options::{BasicPublishOptions, ConfirmSelectOptions, QueueDeclareOptions};
use lapin::{BasicProperties, Channel, Confirmation, Connection, ConnectionProperties, Event};
use tokio::sync::mpsc;
use tokio::time::timeout;

use super::address::Address;
use super::socket::Socket;
use super::topology::Queue;
use super::trouble::{Trouble, chain, explain};
use crate::Error;

/// How often a connection is looked at whose end nobody announced.
const WATCH: Duration = Duration::from_secs(2);
/// Channels kept open for the next slice.
const IDLE: usize = 16;

/// A connection with its queues declared.
pub(super) struct Session {
    /// Tells it from the ones before.
    pub(super) number: u64,
    connection: Connection,
    socket: Socket,
    /// Open channels in confirm mode that nobody uses now.
    idle: Mutex<Vec<Channel>>,
}

/// What the broker says to a slice.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Answer {
    /// It has all messages.
    Kept,
    /// It could not keep one.
    Refused,
    /// There is no such queue.
    Unroutable,
}

/// What the connection says of itself.
pub(super) type Events = Pin<Box<dyn Stream<Item = Event> + Send>>;

impl Session {
    /// Connects and declares the queues.
    pub(super) async fn open(address: &Address, role: &str, number: u64) -> Result<(Self, Events), Error> {
        let silent = |_| Error::from(Trouble::Silent(address.patience));
        let properties = ConnectionProperties::default().with_connection_name(format!("assay {role}").into());
        let socket = Socket::default();
        let connecting = socket.connect(address.uri.clone(), properties, address.patience);
        let connection = timeout(address.patience, connecting).await.map_err(silent)?;
        let connection = connection.map_err(|error| explain("the broker refuses us", error))?;
        let events = Box::pin(connection.events_listener());
        let session = Self { number, connection, socket, idle: Mutex::default() };
        for queue in address.topology.all() {
            timeout(address.patience, session.declare(&queue)).await.map_err(silent)??;
        }
        Ok((session, events))
    }

    /// Makes sure that the queue is there, and counts what waits in it.
    pub(super) async fn declare(&self, queue: &Queue) -> Result<u64, Error> {
        let channel = self.take_channel().await?;
        let options = QueueDeclareOptions { durable: true, ..QueueDeclareOptions::default() };
        let declared = channel.queue_declare(queue.name.as_str().into(), options, queue.arguments()).await;
        let declared = declared.map_err(|error| {
            let name = &queue.name;
            explain(&format!("the queue `{name}` (delete it, or set another queue.prefix)"), error)
        })?;
        self.keep_channel(channel);
        Ok(declared.message_count().into())
    }

    /// Publishes the messages and waits until the broker has answered for all of them.
    pub(super) async fn publish(
        &self,
        queue: &Queue,
        bodies: &[Bytes],
        properties: &BasicProperties,
    ) -> Result<Answer, Error> {
        // A channel of its own per slice: lapin gives a returned message to any confirmation of its channel, and with
        // several slices on one, a slice that reached no queue could be told that all is well.
        let channel = self.take_channel().await?;
        let options = BasicPublishOptions { mandatory: true, ..BasicPublishOptions::default() };
        let confirmed = try_join_all(bodies.iter().map(|body| async {
            let (exchange, key) = ("".into(), queue.name.as_str().into());
            channel.basic_publish(exchange, key, options, body, properties.clone()).await?.await
        }));
        let confirmed = confirmed.await.map_err(Error::unavailable)?;
        if confirmed.iter().all(|confirmed| *confirmed == Confirmation::Ack(None)) {
            self.keep_channel(channel);
            Ok(Answer::Kept)
        } else if confirmed.iter().any(Confirmation::is_nack) {
            Ok(Answer::Refused)
        } else {
            Ok(Answer::Unroutable)
        }
    }

    pub(super) async fn open_channel(&self) -> Result<Channel, Error> {
        self.connection.create_channel().await.map_err(Error::unavailable)
    }

    /// Whether the broker has asked publishers to stop.
    pub(super) fn is_blocked(&self) -> bool {
        self.connection.status().blocked()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connection.status().connected()
    }

    /// Waits until the connection is over, and says why.
    pub(super) async fn ended(
        &self,
        mut events: Events,
        suspects: &mut mpsc::UnboundedReceiver<u64>,
    ) -> String {
        loop {
            tokio::select! {
                event = events.next() => match event {
                    // A channel's error is told here too, and ends nothing but that channel.
                    Some(Event::Error(error)) if !error.is_amqp_soft_error() || !self.is_connected() => {
                        return chain(&error);
                    }
                    Some(Event::ConnectionBlocked(reason)) => {
                        tracing::warn!(reason, "the broker takes no messages for now");
                    }
                    Some(Event::ConnectionUnblocked) => tracing::info!("the broker takes messages again"),
                    Some(_) => {}
                    None => return "the connection ended".to_owned(),
                },
                Some(number) = suspects.recv() => if number == self.number {
                    return "it gave no answer in time, or lost a queue".to_owned();
                },
                () = tokio::time::sleep(WATCH) => if !self.is_connected() {
                    return "the connection ended without a word".to_owned();
                },
            }
        }
    }

    /// Takes leave, if there is anybody left.
    pub(super) async fn close(&self) {
        let leaving = self.connection.close(200, "bye".into());
        if !matches!(timeout(WATCH, leaving).await, Ok(Ok(()))) {
            self.socket.hang_up();
        }
    }

    async fn take_channel(&self) -> Result<Channel, Error> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        if let Some(channel) = idle.filter(|channel| channel.status().connected()) {
            return Ok(channel);
        }
        let channel = self.open_channel().await?;
        channel.confirm_select(ConfirmSelectOptions::default()).await.map_err(Error::unavailable)?;
        Ok(channel)
    }

    /// Only for a channel on which nothing is under way: whoever gives up half-way drops it, which closes it.
    fn keep_channel(&self, channel: Channel) {
        let mut idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner);
        if idle.len() < IDLE {
            idle.push(channel);
        }
    }
}
