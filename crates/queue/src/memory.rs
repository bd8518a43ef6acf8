//! The broker of a single process: forgotten when it ends, which loses nothing.

use std::collections::{HashMap, HashSet, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use async_trait::async_trait;
use bytes::Bytes;
use domain::Stage;
use tokio::sync::{Notify, OwnedSemaphorePermit, Semaphore};

use crate::{Acknowledge, Broker, Consumer, Delivery, Doorbell, Error};

/// In-memory queues. Clones share them.
#[derive(Debug, Clone)]
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
    /// What waits, to find it by: a message that waits already says everything that its copy would.
    known: HashSet<Bytes>,
}

impl Inner {
    fn put(&mut self, bytes: Bytes, put: fn(&mut VecDeque<Bytes>, Bytes)) {
        if self.known.insert(bytes.clone()) {
            put(&mut self.waiting, bytes);
        }
    }

    fn take(&mut self) -> Option<Bytes> {
        let bytes = self.waiting.pop_front()?;
        self.known.remove(&bytes);
        Some(bytes)
    }
}

impl Queue {
    fn lock(&self) -> MutexGuard<'_, Inner> {
        // A poisoned queue is still a queue: every change under the lock is a single step.
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
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
        let mut inner = queue.lock();
        doorbells.iter().for_each(|doorbell| inner.put(doorbell.encode(), VecDeque::push_back));
        drop(inner);
        queue.filled.notify_waiters();
        Ok(())
    }

    async fn consume(&self, stage: Stage, prefetch: u16) -> Result<Box<dyn Consumer>, Error> {
        let window = Arc::new(Semaphore::new(usize::from(prefetch.max(1))));
        Ok(Box::new(MemoryConsumer { queue: Arc::clone(self.queue(stage)?), window }))
    }

    async fn depth(&self, stage: Stage) -> Result<u64, Error> {
        Ok(self.queue(stage)?.lock().waiting.len() as u64)
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
            let taken = self.queue.lock().take();
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
        if let Some(bytes) = self.bytes.take() {
            self.queue.lock().put(bytes, VecDeque::push_front);
            self.queue.filled.notify_waiters();
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::{JobId, RunId};

    use super::*;
    use crate::Trace;

    fn doorbell() -> Doorbell {
        Doorbell { job: JobId::new(), run: RunId::new(), attempt: 0, trace: Trace::default() }
    }

    #[tokio::test]
    async fn the_default_broker_has_every_queue() {
        let broker = Memory::default();
        for stage in Stage::ALL {
            broker.publish(stage, &[doorbell()]).await.unwrap();
            assert_eq!(broker.depth(stage).await.unwrap(), 1);
        }
    }

    #[tokio::test]
    async fn what_is_announced_again_while_it_waits_waits_once() {
        let (broker, announced) = (Memory::new(), [doorbell(), doorbell()]);
        for _ in 0..3 {
            broker.publish(Stage::Crawl, &announced).await.unwrap();
        }
        assert_eq!(broker.depth(Stage::Crawl).await.unwrap(), 2);
        let mut consumer = broker.consume(Stage::Crawl, 2).await.unwrap();
        let taken = consumer.next().await.unwrap();
        // What is in somebody's hands is no promise: its announcement is kept, and not twice when it comes back.
        broker.publish(Stage::Crawl, &announced).await.unwrap();
        assert_eq!(broker.depth(Stage::Crawl).await.unwrap(), 2);
        drop(taken);
        assert_eq!(broker.depth(Stage::Crawl).await.unwrap(), 2);
    }
}
