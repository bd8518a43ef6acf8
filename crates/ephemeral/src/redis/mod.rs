//! Redis: short-term memory shared by the processes of a fleet.
//!
//! Its loss degrades and never fails: a call that Redis does not answer in time is answered by the memory of this
//! process, so limits become local and caches cold. What a process did through Redis it also notes for itself, so that
//! a host it visited or a limit it used up is respected when Redis goes.

mod line;
mod live;
mod scripts;

use std::collections::HashSet;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use deadpool_redis::redis::{Client, cmd};
use secrecy::{ExposeSecret, SecretString};
use tokio_util::task::AbortOnDropHandle;

use line::{Ask, Line};
use live::Hub;

use crate::{
    Bucket, Closing, Ephemeral, Error, Gate, Memory, Permit, Settings, Spacing, Subscription, Taken, Usage,
};

/// Marks the tokens of permits that Redis gave; those of [`Memory`] count from one.
const SHARED: u64 = 1 << 63;
/// Opening the connection for live events and asking it for a channel takes longer than a call, and hinders nobody.
const LIVE_PATIENCE: Duration = Duration::from_secs(2);
/// So many channels are remembered to be told of a gap. An outage that is longer is everybody's, and told by their own
/// connections.
const LOST_CHANNELS: usize = 1 << 16;
/// Redis' times are signed milliseconds.
const LONGEST_MILLIS: u64 = 100 * 365 * 24 * 3600 * 1000;

/// Short-term memory of a fleet.
#[derive(Debug)]
pub struct Redis {
    line: Arc<Line>,
    live: Hub,
    lost: Arc<Lost>,
    /// What this process knows for itself.
    local: Memory,
    prefix: String,
    _mending: AbortOnDropHandle<()>,
}

impl Redis {
    /// Connects when first used; [`crate::connect`] says more.
    ///
    /// # Errors
    /// [`Error::Unusable`] if the URL is none.
    pub fn new(url: &SecretString, settings: &Settings) -> Result<Self, Error> {
        let url = url.expose_secret().trim();
        let unusable = |error: &dyn std::error::Error| {
            // What is said of a URL may repeat it, with its password.
            let said = chain(error);
            let said = if said.contains(url) { "it is no URL" } else { &said };
            Error::Unusable(format!("ephemeral.url does not name a Redis: {said}"))
        };
        let client = Client::open(url).map_err(|error| unusable(&error))?;
        let line = Line::new(url, settings.timeout, settings.pause).map_err(|error| unusable(&error))?;
        let (line, lost) = (Arc::new(line), Arc::<Lost>::default());
        let patience = LIVE_PATIENCE.max(settings.timeout);
        let live = Hub::start(client, format!("{}live:", settings.prefix), patience);
        let mending = AbortOnDropHandle::new(tokio::spawn(mend(Arc::clone(&line), Arc::clone(&lost))));
        let (local, prefix) = (Memory::new(), settings.prefix.clone());
        Ok(Self { line, live, lost, local, prefix, _mending: mending })
    }

    fn name(&self, kind: &str, key: &str) -> String {
        format!("{}{kind}:{key}", self.prefix)
    }
}

#[async_trait]
impl Ephemeral for Redis {
    async fn gate_acquire(&self, key: &str, spacing: &Spacing, lease: Duration) -> Result<Gate, Error> {
        let token = SHARED | rand::random::<u64>();
        let script = scripts::acquire(&self.name("gate", key), token, spacing, lease);
        let Some(answer) = self.line.ask(Ask::Script(script)).await else {
            return self.local.gate_acquire(key, spacing, lease).await;
        };
        Ok(match scripts::acquired(answer) {
            Some((after, why)) => Gate::Wait { after, why },
            None => {
                let permit = Permit::new(key, token);
                self.local.admit(&permit, spacing, lease);
                Gate::Go(permit)
            }
        })
    }

    async fn gate_release(&self, permit: Permit, usage: Usage) -> Result<bool, Error> {
        let locally = self.local.gate_release(permit.clone(), usage).await?;
        if permit.token() & SHARED == 0 {
            return Ok(locally);
        }
        let script = scripts::release(&self.name("gate", permit.key()), permit.token(), usage);
        Ok(self.line.ask(Ask::Script(script)).await.unwrap_or(locally))
    }

    async fn gate_close(&self, key: &str, closing: Closing) -> Result<Duration, Error> {
        let locally = self.local.gate_close(key, closing).await?;
        let script = scripts::close(&self.name("gate", key), closing);
        Ok(self.line.ask(Ask::Script(script)).await.map_or(locally, Duration::from_micros))
    }

    async fn take(&self, key: &str, n: u32, bucket: &Bucket) -> Result<Taken, Error> {
        let script = scripts::take(&self.name("bucket", key), n, bucket);
        let Some(answer) = self.line.ask(Ask::Script(script)).await else {
            return self.local.take(key, n, bucket).await;
        };
        let taken = scripts::taken(answer);
        if taken.allowed {
            self.local.take(key, n, bucket).await?;
        }
        Ok(taken)
    }

    async fn publish(&self, channel: &str, message: Bytes) -> Result<(), Error> {
        let name = self.name("live", channel);
        if !publish(&self.line, &name, &live::frame(&message)).await {
            self.live.tell(channel, message);
            self.lost.note(name);
        }
        Ok(())
    }

    async fn subscribe(&self, channel: &str) -> Result<Subscription, Error> {
        self.live.subscribe(channel).await
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        let mut get = cmd("GET");
        get.arg(self.name("cache", key));
        match self.line.ask::<Option<Vec<u8>>>(Ask::Command(get)).await {
            Some(value) => Ok(value.map(Bytes::from)),
            None => self.local.get(key).await,
        }
    }

    async fn put(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), Error> {
        let Some(millis) = millis(ttl) else { return self.forget(key).await };
        // Of two copies the older one must not come back when Redis goes.
        self.local.forget(key).await?;
        let mut set = cmd("SET");
        set.arg(self.name("cache", key)).arg(value.as_ref()).arg("PX").arg(millis);
        match self.line.ask::<()>(Ask::Command(set)).await {
            Some(()) => Ok(()),
            None => self.local.put(key, value, ttl).await,
        }
    }

    async fn forget(&self, key: &str) -> Result<(), Error> {
        self.local.forget(key).await?;
        let mut del = cmd("DEL");
        del.arg(self.name("cache", key));
        self.line.ask::<()>(Ask::Command(del)).await;
        Ok(())
    }

    fn is_degraded(&self) -> bool {
        self.line.is_down() || self.live.is_down()
    }
}

/// True if Redis has it.
async fn publish(line: &Line, name: &str, message: &[u8]) -> bool {
    let mut publish = cmd("PUBLISH");
    publish.arg(name).arg(message);
    line.ask::<()>(Ask::Command(publish)).await.is_some()
}

/// Looks for a lost Redis, and tells other processes what they did not hear of this one meanwhile.
async fn mend(line: Arc<Line>, lost: Arc<Lost>) {
    loop {
        line.recovered().await;
        for name in lost.take() {
            if !publish(&line, &name, live::GAP).await {
                lost.note(name);
            }
        }
    }
}

/// Channels on which messages of this process reached nobody else.
#[derive(Debug, Default)]
struct Lost(Mutex<HashSet<String>>);

impl Lost {
    fn note(&self, name: String) {
        let mut names = self.lock();
        if names.len() < LOST_CHANNELS {
            names.insert(name);
        }
    }

    fn take(&self) -> HashSet<String> {
        std::mem::take(&mut *self.lock())
    }

    fn lock(&self) -> MutexGuard<'_, HashSet<String>> {
        // Every change under the lock is a single step.
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whole milliseconds; None for less than one, which Redis does not take.
fn millis(ttl: Duration) -> Option<u64> {
    let millis = u64::try_from(ttl.as_millis()).unwrap_or(LONGEST_MILLIS).min(LONGEST_MILLIS);
    (millis > 0).then_some(millis)
}

/// The whole chain of causes in one line.
fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut source = error.source();
    while let Some(cause) = source {
        let said = cause.to_string();
        if !text.ends_with(&said) {
            text.push_str(": ");
            text.push_str(&said);
        }
        source = cause.source();
    }
    text
}
