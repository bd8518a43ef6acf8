//! What to do with bytes that are no doorbell: keep them where somebody can look, and go on.

use bytes::Bytes;
use domain::Stage;
use lapin::BasicProperties;
use lapin::message::Delivery;
use lapin::options::BasicAckOptions;
use lapin::types::{AMQPValue, FieldTable};

use super::backoff::Backoff;
use super::publisher::Publisher;
use super::topology::Queue;
use super::trouble::chain;
use crate::Undecodable;

/// The queue of undecodable messages, as one stage's consumer uses it.
#[derive(Clone)]
pub(super) struct DeadLetters {
    pub(super) publisher: Publisher,
    pub(super) queue: Queue,
    pub(super) stage: Stage,
}

impl DeadLetters {
    /// Moves the message there. It leaves its own queue only when it has arrived; if we die in between, it is there
    /// twice.
    pub(super) async fn bury(self, message: Delivery, undecodable: Undecodable) {
        let reason = undecodable.to_string();
        tracing::error!(stage = %self.stage, queue = self.queue.name, size_bytes = message.data.len(), reason,
            "a message that is no doorbell was put aside");
        let bytes = [Bytes::from(message.data)];
        let properties = BasicProperties::default().with_headers(self.headers(reason));
        let mut backoff = Backoff::default();
        while let Err(error) = self.publisher.publish(&self.queue, &bytes, properties.clone()).await {
            if message.acker.poisoned() {
                // Its channel is gone, so the message is back on its queue.
                return;
            }
            tracing::debug!(queue = self.queue.name, reason = chain(&error), "not put aside yet");
            tokio::time::sleep(backoff.next()).await;
        }
        // Not acknowledged: it comes again, and is put aside again.
        let _ = message.acker.ack(BasicAckOptions::default()).await;
    }

    fn headers(&self, reason: String) -> FieldTable {
        let mut headers = FieldTable::default();
        headers.insert("assay-stage".into(), AMQPValue::LongString(self.stage.as_str().into()));
        headers.insert("assay-reason".into(), AMQPValue::LongString(reason.into()));
        headers
    }
}
