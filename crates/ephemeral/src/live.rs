//! Live fan-out: telling those who listen right now. Whoever misses a message reads the event log instead.

use std::fmt;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use tokio_stream::Stream;

/// What a subscriber hears.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Live {
    Message(Bytes),
    /// Messages were lost on the way to this subscriber; it reads the log again from where it stands.
    Lagged,
}

/// A stream of what is published on one channel. It ends when the implementation does.
pub struct Subscription(Pin<Box<dyn Stream<Item = Live> + Send>>);

impl Subscription {
    /// For implementations.
    pub fn new(stream: impl Stream<Item = Live> + Send + 'static) -> Self {
        Self(Box::pin(stream))
    }
}

impl Stream for Subscription {
    type Item = Live;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Live>> {
        self.0.as_mut().poll_next(context)
    }
}

impl fmt::Debug for Subscription {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Subscription")
    }
}
