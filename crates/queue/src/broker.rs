//! What a broker must do, whoever it is.

use async_trait::async_trait;
use domain::Stage;

use crate::Doorbell;

/// Why a message was not taken or given.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The broker cannot be reached now; the same call can succeed later.
    #[error("the queue cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// This handle is closed and stays closed.
    #[error("the queue is closed")]
    Closed,
    /// Somebody has to change the settings or the broker; the same call fails until then. Says what and where.
    #[error("the queue cannot be used: {0}")]
    Unusable(String),
}

impl Error {
    pub(crate) fn unavailable(cause: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Unavailable(cause.into())
    }
}

/// One durable queue per stage. At least once, in no promised order.
#[async_trait]
pub trait Broker: Send + Sync {
    /// Puts doorbells on a stage's queue. When it returns `Ok`, the broker has them all; after an error it may have
    /// some of them.
    async fn publish(&self, stage: Stage, doorbells: &[Doorbell]) -> Result<(), Error>;

    /// A consumer of one stage's queue that holds at most `prefetch` unacknowledged deliveries. The broker need not be
    /// there yet.
    async fn consume(&self, stage: Stage, prefetch: u16) -> Result<Box<dyn Consumer>, Error>;

    /// How many messages of the stage wait to be delivered; those in a worker's hands are not counted.
    async fn depth(&self, stage: Stage) -> Result<u64, Error>;

    /// Asks the broker for a sign of life: whether messages could be published now.
    async fn ping(&self) -> Result<(), Error> {
        self.depth(Stage::Crawl).await.map(drop)
    }
}

/// Deliveries one by one. Dropping it gives back what it had not handed out; a delivery in somebody's hands stays
/// theirs.
#[async_trait]
pub trait Consumer: Send {
    /// Waits for the next delivery, through restarts of the broker too. Safe to drop while waiting.
    ///
    /// After a lost connection the broker gives what was in hands to somebody else as well: whoever claims the job
    /// first has it.
    async fn next(&mut self) -> Result<Delivery, Error>;
}

/// A doorbell in a worker's hands. Dropped without [`Delivery::ack`], it is delivered again.
pub struct Delivery {
    pub doorbell: Doorbell,
    acknowledge: Box<dyn Acknowledge>,
}

/// The broker's side of an acknowledgement.
#[async_trait]
pub trait Acknowledge: Send + Sync {
    async fn ack(self: Box<Self>) -> Result<(), Error>;
}

impl Delivery {
    #[must_use]
    pub fn new(doorbell: Doorbell, acknowledge: Box<dyn Acknowledge>) -> Self {
        Self { doorbell, acknowledge }
    }

    /// Says that the message is dealt with: it is never delivered again.
    ///
    /// # Errors
    /// If the broker is gone; then the message will be delivered again, and claiming its job will be refused.
    pub async fn ack(self) -> Result<(), Error> {
        self.acknowledge.ack().await
    }
}

impl std::fmt::Debug for Delivery {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Delivery").field("doorbell", &self.doorbell).finish_non_exhaustive()
    }
}
