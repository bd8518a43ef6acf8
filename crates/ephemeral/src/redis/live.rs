//! Live events across processes: one connection that hears for all listeners of this process.
//!
//! Redis tells only who listens right now. Whatever may have been missed — the connection was lost, or there is none —
//! is told to the listeners as a gap, again and again while it lasts, so that they read the log meanwhile.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

use bytes::Bytes;
use deadpool_redis::redis::aio::{PubSubSink, PubSubStream};
use deadpool_redis::redis::{Client, Msg, RedisError};
use rand::Rng;
use tokio::sync::{broadcast, mpsc, oneshot};
use tokio::time::{Instant, sleep_until, timeout};
use tokio_stream::wrappers::BroadcastStream;
use tokio_stream::{Stream, StreamExt};
use tokio_util::task::AbortOnDropHandle;

use super::chain;
use crate::{Error, Live, Subscription};

/// How far behind a listener may fall before it lags.
const RING: usize = 256;
/// How often a silent connection is asked whether it still is one.
const PING: Duration = Duration::from_secs(5);
/// Between two attempts to connect; also how often listeners read the log while there is no connection.
const RETRY: (Duration, Duration) = (Duration::from_millis(200), Duration::from_secs(2));

/// The handle of the task that hears.
#[derive(Debug)]
pub(super) struct Hub {
    wishes: mpsc::UnboundedSender<Wish>,
    is_down: Arc<AtomicBool>,
    _task: AbortOnDropHandle<()>,
}

#[derive(Debug)]
enum Wish {
    Hear(String, oneshot::Sender<Heard>),
    /// Somebody no longer listens.
    Leave(String),
    /// Tells the listeners of this process only.
    Tell(String, Bytes),
}

/// What stands before a message on the wire.
const MESSAGE: u8 = b'm';
/// What is sent when messages were lost on their way to Redis.
pub(super) const GAP: &[u8] = b"gap";

/// A message as it is sent.
pub(super) fn frame(message: &[u8]) -> Vec<u8> {
    [&[MESSAGE], message].concat()
}

/// What a listener gets, and whether nothing is missed from now on.
type Heard = (broadcast::Receiver<Live>, bool);

impl Hub {
    pub(super) fn start(client: Client, prefix: String, patience: Duration) -> Self {
        let (wishes, wished) = mpsc::unbounded_channel();
        let is_down = Arc::new(AtomicBool::new(false));
        let ear = Ear {
            client,
            prefix,
            patience,
            wishes: wished,
            listeners: HashMap::new(),
            is_down: Arc::clone(&is_down),
        };
        Self { wishes, is_down, _task: AbortOnDropHandle::new(tokio::spawn(ear.run())) }
    }

    pub(super) fn is_down(&self) -> bool {
        self.is_down.load(Ordering::Relaxed)
    }

    pub(super) fn tell(&self, channel: &str, message: Bytes) {
        let _ = self.wishes.send(Wish::Tell(channel.to_owned(), message));
    }

    pub(super) async fn subscribe(&self, channel: &str) -> Result<Subscription, Error> {
        // Before anything is asked for, so that whoever gives up waiting leaves as well.
        let leave = Leave { channel: channel.to_owned(), wishes: self.wishes.clone() };
        let (reply, heard) = oneshot::channel();
        let gone = |error| Error::Unavailable(Box::new(error));
        let _ = self.wishes.send(Wish::Hear(channel.to_owned(), reply));
        let (receiver, is_whole) = heard.await.map_err(gone)?;
        let gap = (!is_whole).then_some(Live::Lagged);
        let messages = BroadcastStream::new(receiver).map(|heard| heard.unwrap_or(Live::Lagged));
        let messages = tokio_stream::iter(gap).chain(messages);
        Ok(Subscription::new(Listener { messages, _leave: leave }))
    }
}

/// A stream that says when it is dropped. The order of the fields matters: the stream goes first.
struct Listener<S> {
    messages: S,
    _leave: Leave,
}

impl<S: Stream<Item = Live> + Unpin> Stream for Listener<S> {
    type Item = Live;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Live>> {
        Pin::new(&mut self.messages).poll_next(context)
    }
}

struct Leave {
    channel: String,
    wishes: mpsc::UnboundedSender<Wish>,
}

impl Drop for Leave {
    fn drop(&mut self) {
        let _ = self.wishes.send(Wish::Leave(std::mem::take(&mut self.channel)));
    }
}

/// The task.
struct Ear {
    client: Client,
    prefix: String,
    patience: Duration,
    wishes: mpsc::UnboundedReceiver<Wish>,
    listeners: HashMap<String, broadcast::Sender<Live>>,
    is_down: Arc<AtomicBool>,
}

/// A connection that hears.
struct Line {
    sink: PubSubSink,
    messages: PubSubStream,
}

impl Ear {
    /// Until the handle is dropped.
    async fn run(mut self) {
        let mut failures = 0;
        while let Some(wish) = self.wishes.recv().await {
            if !matches!(wish, Wish::Hear(..)) {
                self.alone(wish);
                continue;
            }
            let mut first = Some(wish);
            // A connection is kept for as long as anybody listens.
            while first.is_some() || !self.listeners.is_empty() {
                match self.connect().await {
                    Ok(line) => {
                        let (has_heard, trouble) = self.hear(line, first.take()).await;
                        self.went_down(&trouble);
                        failures = if has_heard { 0 } else { failures + 1 };
                    }
                    Err(trouble) => {
                        self.went_down(&trouble);
                        if let Some(wish) = first.take() {
                            self.alone(wish);
                        }
                        failures += 1;
                    }
                }
                self.gap();
                self.wait(retry(failures)).await;
            }
            // Nobody misses anything any more.
            self.is_down.store(false, Ordering::Relaxed);
        }
    }

    /// Connects. Whoever wishes something during an outage does not wait for it.
    async fn connect(&mut self) -> Result<Line, Trouble> {
        let (client, patience) = (self.client.clone(), self.patience);
        let connecting = timeout(patience, client.get_async_pubsub());
        tokio::pin!(connecting);
        loop {
            tokio::select! {
                connected = &mut connecting => {
                    let (sink, messages) = connected.map_err(|_| Trouble::Silent(patience))??.split();
                    return Ok(Line { sink, messages });
                }
                Some(wish) = self.wishes.recv(), if self.is_down.load(Ordering::Relaxed) => self.alone(wish),
            }
        }
    }

    /// Passes on what is said until the connection is lost; tells whether it was of any use, and why it ended.
    async fn hear(&mut self, mut line: Line, first: Option<Wish>) -> (bool, Trouble) {
        if let Err(trouble) = self.listen(&mut line, first).await {
            return (false, trouble);
        }
        loop {
            let passed = tokio::select! {
                message = line.messages.next() => match message {
                    Some(message) => {
                        self.pass_on(&message);
                        Ok(())
                    }
                    None => Err(Trouble::Ended),
                },
                Some(wish) = self.wishes.recv() => self.grant(wish, &mut line).await,
                () = tokio::time::sleep(PING) => within(self.patience, line.sink.ping::<()>()).await,
            };
            if let Err(trouble) = passed {
                return (true, trouble);
            }
        }
    }

    /// Makes a new connection hear what is listened to, and what the first wish asks for.
    async fn listen(&mut self, line: &mut Line, first: Option<Wish>) -> Result<(), Trouble> {
        let channels: Vec<String> = self.listeners.keys().map(|channel| self.name(channel)).collect();
        if !channels.is_empty() {
            within(self.patience, line.sink.subscribe(channels)).await?;
        }
        if let Some(wish) = first {
            self.grant(wish, line).await?;
        }
        if self.is_down.swap(false, Ordering::Relaxed) {
            tracing::info!("redis passes on live events again");
            // What was said before this connection heard is lost.
            self.gap();
        }
        Ok(())
    }

    async fn grant(&mut self, wish: Wish, line: &mut Line) -> Result<(), Trouble> {
        match wish {
            Wish::Hear(channel, reply) => {
                let heard = if self.listeners.contains_key(&channel) {
                    Ok(())
                } else {
                    within(self.patience, line.sink.subscribe(self.name(&channel))).await
                };
                self.admit(channel, reply, heard.is_ok());
                heard
            }
            Wish::Leave(channel) if self.is_deserted(&channel) => {
                self.listeners.remove(&channel);
                within(self.patience, line.sink.unsubscribe(self.name(&channel))).await
            }
            wish => {
                self.alone(wish);
                Ok(())
            }
        }
    }

    /// Does what can be done without Redis.
    fn alone(&mut self, wish: Wish) {
        match wish {
            Wish::Hear(channel, reply) => self.admit(channel, reply, false),
            Wish::Leave(channel) if self.is_deserted(&channel) => {
                self.listeners.remove(&channel);
            }
            Wish::Leave(_) => {}
            Wish::Tell(channel, message) => {
                if let Some(listeners) = self.listeners.get(&channel) {
                    let _ = listeners.send(Live::Message(message));
                }
            }
        }
    }

    fn admit(&mut self, channel: String, reply: oneshot::Sender<Heard>, is_whole: bool) {
        let listeners = self.listeners.entry(channel).or_insert_with(|| broadcast::Sender::new(RING));
        // Nobody waits for the answer any more: that nobody listens either is said next.
        let _ = reply.send((listeners.subscribe(), is_whole));
    }

    fn is_deserted(&self, channel: &str) -> bool {
        self.listeners.get(channel).is_some_and(|listeners| listeners.receiver_count() == 0)
    }

    /// Tells everybody to read the log.
    fn gap(&self) {
        for listeners in self.listeners.values() {
            let _ = listeners.send(Live::Lagged);
        }
    }

    fn pass_on(&self, message: &Msg) {
        let channel = message.get_channel_name().strip_prefix(&self.prefix);
        if let Some(listeners) = channel.and_then(|channel| self.listeners.get(channel)) {
            let said = message.get_payload_bytes().strip_prefix(&[MESSAGE]);
            let _ =
                listeners.send(said.map_or(Live::Lagged, |said| Live::Message(Bytes::copy_from_slice(said))));
        }
    }

    /// Waits, and does meanwhile what can be done alone.
    async fn wait(&mut self, pause: Duration) {
        let until = Instant::now() + pause;
        loop {
            tokio::select! {
                () = sleep_until(until) => return,
                Some(wish) = self.wishes.recv() => self.alone(wish),
            }
        }
    }

    fn went_down(&self, trouble: &Trouble) {
        if !self.is_down.swap(true, Ordering::Relaxed) {
            tracing::warn!(reason = chain(trouble), "redis passes on no live events; listeners read the log");
        }
    }

    fn name(&self, channel: &str) -> String {
        format!("{}{channel}", self.prefix)
    }
}

async fn within<T>(
    patience: Duration,
    call: impl Future<Output = Result<T, RedisError>>,
) -> Result<(), Trouble> {
    timeout(patience, call).await.map_err(|_| Trouble::Silent(patience))?.map(drop).map_err(Trouble::from)
}

/// Doubles up to a limit; jittered, so that a fleet does not come back all at once.
fn retry(failures: u32) -> Duration {
    let (first, last) = RETRY;
    let whole = first.saturating_mul(2_u32.saturating_pow(failures)).min(last);
    whole.mul_f64(rand::rng().random_range(0.5..=1.0))
}

#[derive(Debug, thiserror::Error)]
enum Trouble {
    #[error(transparent)]
    Redis(#[from] RedisError),
    #[error("no answer within {0:?}")]
    Silent(Duration),
    #[error("the connection ended")]
    Ended,
}
