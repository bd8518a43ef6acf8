//! Puts messages on queues, and says within a bounded time whether the broker has them.

use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use lapin::BasicProperties;
use tokio::time::timeout;

use super::link::Link;
use super::session::{Answer, Session};
use super::topology::Queue;
use super::trouble::Trouble;
use crate::Error;

/// AMQP's number for "write it to disk".
const PERSISTENT: u8 = 2;

/// The publishing side. It has a connection of its own: a broker short of memory stops reading from those who
/// publish, and acknowledgements must not wait behind that.
#[derive(Clone)]
pub(super) struct Publisher {
    pub(super) link: Arc<Link>,
    /// How long a slice may take to be confirmed.
    pub(super) patience: Duration,
}

impl Publisher {
    /// Publishes the messages; `Ok` when all are confirmed.
    pub(super) async fn publish(
        &self,
        queue: &Queue,
        bodies: &[Bytes],
        properties: BasicProperties,
    ) -> Result<(), Error> {
        if bodies.is_empty() {
            return Ok(());
        }
        let properties = properties.with_delivery_mode(PERSISTENT);
        let session = self.link.now()?;
        match self.within(&session, session.publish(queue, bodies, &properties)).await? {
            Answer::Kept => Ok(()),
            Answer::Refused => Err(Trouble::Refused(queue.name.clone()).into()),
            Answer::Unroutable => {
                // All queues are declared with a new connection. On the old one it would not do: what a channel
                // publishes to a queue that was deleted under it and declared again, RabbitMQ (3.10) may confirm and
                // lose.
                self.link.suspect(&session);
                Err(Trouble::Unroutable(queue.name.clone()).into())
            }
        }
    }

    /// How many messages wait there.
    pub(super) async fn count(&self, queue: &Queue) -> Result<u64, Error> {
        let session = self.link.now()?;
        self.within(&session, session.declare(queue)).await
    }

    async fn within<T>(
        &self,
        session: &Session,
        call: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        if session.is_blocked() {
            return Err(Trouble::Blocked.into());
        }
        match timeout(self.patience, call).await {
            Ok(answer) => answer,
            Err(_) if session.is_blocked() => Err(Trouble::Blocked.into()),
            Err(_) => {
                self.link.suspect(session);
                Err(Trouble::Silent(self.patience).into())
            }
        }
    }
}
