//! The broker of a single process: forgotten when it ends, which loses nothing.

use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use domain::Stage;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::{Acknowledge, Broker, Consumer, Delivery, Doorbell, Error};

/// In-memory queues. Clones share them.
#[derive(Debug, Clone, Default)]
pub struct Memory {
    queues: Arc<HashMap<Stage, Arc<Queue>>>,
}

#[derive(Debug, Default)]
struct Queue {
    inner: Mutex<Inner>,
    filled: Notify,
}

#[derive(Debug, Default)]
struct Inner {
    waiting: VecDeque<Bytes>,
    unacknowledged: u64,
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A poisoned queue is still a queue: every change under the lock is a single step.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Memory {
    #[must_use]
    pub fn new() -> Self {
        Self { queues: Arc::new(Stage::ALL.into_iter().map(|stage| (stage, Arc::default())).collect()) }
    }

    fn queue(&self, stage: Stage) -> Result<&Arc<Queue>, Error> {
        self.queues.get(&stage).ok_or(Error::Closed)
    }
}

#[async_trait]
impl Broker for Memory {
    async fn publish(&self, stage: Stage, doorbells: &[Doorbell]) -> Result<(), Error> {
        let queue = self.queue(stage)?;
        queue.lock().waiting.extend(doorbells.iter().map(Doorbell::encode));
        queue.filled.notify_waiters();
        Ok(())
    }

    async fn consume(&self, stage: Stage, prefetch: u16) -> Result<Box<dyn Consumer>, Error> {
        let window = Arc::new(Semaphore::new(usize::from(prefetch.max(1))));
        Ok(Box::new(MemoryConsumer { queue: Arc::clone(self.queue(stage)?), window }))
    }

    async fn depth(&self, stage: Stage) -> Result<u64, Error> {
        let inner = self.queue(stage)?.lock();
        Ok(inner.waiting.len() as u64 + inner.unacknowledged)
    }
}

struct MemoryConsumer {
    queue: Arc<Queue>,
    window: Arc<Semaphore>,
}

#[async_trait]
impl Consumer for MemoryConsumer {
    async fn next(&mut self) -> Result<Delivery, Error> {
        let permit = Arc::clone(&self.window).acquire_owned().await.map_err(|_| Error::Closed)?;
        loop {
            // Enlist before looking, so that a message put in between wakes us.
            let filled = self.queue.filled.notified();
            let taken = {
                let mut inner = self.queue.lock();
                let taken = inner.waiting.pop_front();
                inner.unacknowledged += u64::from(taken.is_some());
                taken
            };
            let Some(bytes) = taken else {
                filled.await;
                continue;
            };
            let held = Held { queue: Arc::clone(&self.queue), bytes: Some(bytes.clone()), _permit: permit };
            // Only `publish` fills the queue, with what it encoded itself.
            let doorbell = Doorbell::decode(&bytes).map_err(|error| Error::Unavailable(Box::new(error)))?;
            return Ok(Delivery::new(doorbell, Box::new(held)));
        }
    }
}

/// A message on loan: back to the head of the queue unless acknowledged.
struct Held {
    queue: Arc<Queue>,
    bytes: Option<Bytes>,
    _permit: OwnedSemaphorePermit,
}

#[async_trait]
impl Acknowledge for Held {
    async fn ack(mut self: Box<Self>) -> Result<(), Error> {
        self.bytes = None;
        Ok(())
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let mut inner = self.queue.lock();
        inner.unacknowledged = inner.unacknowledged.saturating_sub(1);
        if let Some(bytes) = self.bytes.take() {
            inner.waiting.push_front(bytes);
            drop(inner);
            self.queue.filled.notify_waiters();
        }
    }
}
