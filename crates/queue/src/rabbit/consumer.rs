//! Takes messages from one queue, through any number of connections.

use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use futures_util::StreamExt;
use lapin::Acker;
use lapin::message;
use lapin::options::{BasicAckOptions, BasicNackOptions, BasicQosOptions};
use lapin::{Channel, options::BasicConsumeOptions};
use tokio::sync::mpsc;
use tokio::time::{sleep, timeout};

use super::backoff::Backoff;
use super::dead::DeadLetters;
use super::link::Link;
use super::session::Session;
use super::topology::Queue;
use super::trouble::{Trouble, chain};
use crate::{Acknowledge, Consumer, Delivery, Doorbell, Error};

/// For what the broker answers at once.
const PATIENCE: Duration = Duration::from_secs(10);
/// What a subscription is made from, again and again.
pub(super) struct Source {
    pub(super) link: Arc<Link>,
    pub(super) queue: Queue,
    pub(super) prefetch: u16,
    pub(super) dead: DeadLetters,
    /// After so long without a message the subscription is renewed.
    pub(super) idle: Duration,
}

impl Source {
    /// Starts to take messages.
    pub(super) fn consumer(self) -> RabbitConsumer {
        // The broker sends no more than `prefetch`, so nothing waits for room here.
        let (hands, deliveries) = mpsc::channel(self.prefetch.into());
        tokio::spawn(self.run(hands));
        RabbitConsumer { deliveries }
    }

    /// Until the consumer is dropped: wait for a connection, subscribe, hand out.
    async fn run(self, hands: mpsc::Sender<Delivery>) {
        let mut backoff = Backoff::default();
        while !hands.is_closed() {
            let session = tokio::select! {
                () = hands.closed() => return,
                session = self.link.up() => match session {
                    Ok(session) => session,
                    Err(_) => return,
                },
            };
            match self.subscribe(&session).await {
                Ok(subscription) => {
                    backoff.reset();
                    if subscription.serve(&self, &session, &hands).await == End::Renewed {
                        continue;
                    }
                }
                Err(error) => {
                    tracing::warn!(
                        queue = self.queue.name,
                        reason = chain(&error),
                        "nothing can be taken; trying again"
                    );
                }
            }
            tokio::select! {
                () = hands.closed() => return,
                () = sleep(backoff.next()) => {}
            }
        }
    }

    async fn subscribe(&self, session: &Session) -> Result<Subscription, Error> {
        let subscribing = async {
            // It may have been deleted since the connection was made.
            session.declare(&self.queue).await?;
            let channel = session.open_channel().await?;
            channel.basic_qos(self.prefetch, BasicQosOptions::default()).await.map_err(Error::unavailable)?;
            let name = self.queue.name.as_str().into();
            let consuming =
                channel.basic_consume(name, "".into(), BasicConsumeOptions::default(), Default::default());
            let messages = consuming.await.map_err(Error::unavailable)?;
            Ok(Subscription { channel, messages, hold: Arc::default() })
        };
        timeout(PATIENCE, subscribing).await.unwrap_or_else(|_| {
            self.link.suspect(session);
            Err(Trouble::Silent(PATIENCE).into())
        })
    }
}

/// A channel on which the broker sends messages.
struct Subscription {
    channel: Channel,
    messages: lapin::Consumer,
    /// One clone per message that is not dealt with.
    hold: Arc<()>,
}

/// How a subscription ended.
#[derive(PartialEq, Eq)]
enum End {
    /// In good order: another one can follow at once.
    Renewed,
    Lost,
}

impl Subscription {
    /// Hands out messages until the consumer is dropped, the broker stops sending, or has sent nothing for long: when a
    /// queue is deleted and declared again at once, RabbitMQ (3.10) may keep the subscription and send nothing ever.
    async fn serve(mut self, source: &Source, session: &Session, hands: &mpsc::Sender<Delivery>) -> End {
        let (give_back, mut given_back) = mpsc::unbounded_channel();
        loop {
            tokio::select! {
                () = hands.closed() => break,
                Some(acker) = given_back.recv() => requeue(acker).await,
                () = source.link.over(session) => return End::Lost,
                message = self.messages.next() => match message {
                    Some(Ok(message)) => self.hand_out(message, source, hands, &give_back).await,
                    // The end of the connection is logged there; that of the queue shows when it is declared again.
                    Some(Err(_)) | None => return End::Lost,
                },
                // Not while something is in hands: the new subscription would come on top of it.
                () = sleep(source.idle) => if Arc::strong_count(&self.hold) == 1 {
                    break;
                },
            }
        }
        drop(give_back);
        self.drain(given_back).await
    }

    async fn hand_out(
        &self,
        message: message::Delivery,
        source: &Source,
        hands: &mpsc::Sender<Delivery>,
        give_back: &mpsc::UnboundedSender<Acker>,
    ) {
        let hold = Arc::clone(&self.hold);
        match Doorbell::decode(&message.data) {
            Ok(doorbell) => {
                let held = Held { acker: Some(message.acker), give_back: give_back.clone(), _hold: hold };
                // If nobody takes it any more, dropping it gives it back.
                let _ = hands.send(Delivery::new(doorbell, Box::new(held))).await;
            }
            Err(undecodable) => {
                let burying = source.dead.clone().bury(message, undecodable);
                tokio::spawn(async move {
                    burying.await;
                    drop(hold);
                });
            }
        }
    }

    /// Gives back what nobody was handed, and stays until what was is dealt with.
    async fn drain(mut self, mut given_back: mpsc::UnboundedReceiver<Acker>) -> End {
        let cancelling = self.channel.basic_cancel(self.messages.tag(), Default::default());
        if !matches!(timeout(PATIENCE, cancelling).await, Ok(Ok(()))) {
            return End::Lost;
        }
        while let Ok(Some(Ok(message))) = timeout(PATIENCE, self.messages.next()).await {
            requeue(message.acker).await;
        }
        while let Some(acker) = given_back.recv().await {
            requeue(acker).await;
        }
        End::Renewed
    }
}

/// Puts a message back on its queue. If that fails, its channel is gone, which has the same effect.
async fn requeue(acker: Acker) {
    let options = BasicNackOptions { requeue: true, ..BasicNackOptions::default() };
    let _ = timeout(PATIENCE, acker.nack(options)).await;
}

/// The caller's end: messages come from the task that runs [`Source::run`].
pub(super) struct RabbitConsumer {
    deliveries: mpsc::Receiver<Delivery>,
}

#[async_trait]
impl Consumer for RabbitConsumer {
    async fn next(&mut self) -> Result<Delivery, Error> {
        self.deliveries.recv().await.ok_or(Error::Closed)
    }
}

/// A message in somebody's hands: back on its queue unless acknowledged.
struct Held {
    acker: Option<Acker>,
    give_back: mpsc::UnboundedSender<Acker>,
    _hold: Arc<()>,
}

#[async_trait]
impl Acknowledge for Held {
    async fn ack(mut self: Box<Self>) -> Result<(), Error> {
        let Some(acker) = self.acker.take() else { return Err(Error::Closed) };
        match timeout(PATIENCE, acker.ack(BasicAckOptions::default())).await {
            Ok(Ok(true)) => Ok(()),
            // lapin's way to say that the channel died.
            Ok(Ok(false)) => Err(Trouble::Stale.into()),
            Ok(Err(error)) => Err(Error::unavailable(error)),
            Err(_) => Err(Trouble::Silent(PATIENCE).into()),
        }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(acker) = self.acker.take() {
            // Nobody listens when the channel is gone; then the message is back already.
            let _ = self.give_back.send(acker);
        }
    }
}
