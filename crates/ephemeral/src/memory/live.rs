//! Channels of one process: a ring per channel; a subscriber that falls behind is told so.

use std::collections::HashMap;

use bytes::Bytes;
use tokio::sync::broadcast;
use tokio_stream::StreamExt;
use tokio_stream::wrappers::BroadcastStream;

use crate::{Live, Subscription};

/// How far behind a subscriber may fall before it lags.
const RING: usize = 256;
/// Beyond so many channels, those that nobody listens to are dropped.
const TIDY_ABOVE: usize = 256;

#[derive(Debug, Default)]
pub(super) struct Channels {
    senders: HashMap<String, broadcast::Sender<Bytes>>,
    tidy_above: usize,
}

impl Channels {
    pub(super) fn publish(&mut self, channel: &str, message: Bytes) {
        if let Some(sender) = self.senders.get(channel)
            && sender.send(message).is_err()
        {
            self.senders.remove(channel);
        }
    }

    pub(super) fn subscribe(&mut self, channel: &str) -> Subscription {
        if self.senders.len() > self.tidy_above.max(TIDY_ABOVE) {
            self.senders.retain(|_, sender| sender.receiver_count() > 0);
            self.tidy_above = self.senders.len() * 2;
        }
        let sender = self.senders.entry(channel.to_owned()).or_insert_with(|| broadcast::Sender::new(RING));
        Subscription::new(
            BroadcastStream::new(sender.subscribe()).map(|heard| heard.map_or(Live::Lagged, Live::Message)),
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn channels_that_nobody_listens_to_are_forgotten() {
        let mut channels = Channels::default();
        let kept = channels.subscribe("kept");
        for run in 0..10_000 {
            drop(channels.subscribe(&run.to_string()));
        }
        assert!(channels.senders.len() <= TIDY_ABOVE + 1, "{}", channels.senders.len());
        assert!(channels.senders.contains_key("kept"));
        drop(kept);
        channels.publish("kept", Bytes::new());
        assert!(!channels.senders.contains_key("kept"));
    }
}
