//! What may be lost: gates that pace requests to a host, token buckets, live fan-out of events, a cache.
//!
//! Losing any of it costs a shrug: a host waits a little longer, a reader refetches, a cached copy is read again.
//! Not for anything a run is made of: that is the store's. Two implementations, one suite (`suite`, behind the
//! feature of that name): [`Memory`] for one process, [`Redis`] for the fleet; [`connect`] chooses.
//!
//! All times at this door are durations, counted by the implementation's own clock: processes whose clocks differ
//! still agree on who may go when. Read first: [`gate`] (politeness), then [`Ephemeral`].

pub mod bucket;
mod connect;
pub mod gate;
pub mod live;
mod memory;
mod redis;
mod settings;
#[cfg(any(test, feature = "suite"))]
pub mod suite;

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;

pub use bucket::{Bucket, Taken};
pub use connect::connect;
pub use gate::{Closing, Gate, Permit, Spacing, Usage};
pub use live::{Live, Subscription};
pub use memory::Memory;
pub use redis::Redis;
pub use settings::{DEFAULTS, Settings};

/// Where forgettable state lives. Every verb is atomic towards every other caller, in any process.
#[async_trait]
pub trait Ephemeral: fmt::Debug + Send + Sync + 'static {
    /// Asks to send one request through the gate `key` (a host and port). Never waits: the answer says when to ask
    /// again. A permit that is not released within `lease` counts as released then, so a dead holder frees the host.
    async fn gate_acquire(&self, key: &str, spacing: &Spacing, lease: Duration) -> Result<Gate, Error>;

    /// Gives a permit back with what the request took. False if the lease had ended: then nothing changes.
    async fn gate_release(&self, permit: Permit, usage: Usage) -> Result<bool, Error>;

    /// Shuts the gate for everyone and returns for how long it is shut now (a longer closing in force stays).
    async fn gate_close(&self, key: &str, closing: Closing) -> Result<Duration, Error>;

    /// Takes `n` tokens, all or none. A bucket never seen before is full.
    async fn take(&self, key: &str, n: u32, bucket: &Bucket) -> Result<Taken, Error>;

    /// Tells everyone who listens on `channel` now. Nobody listening is fine. A failure on the way may make it heard
    /// twice.
    async fn publish(&self, channel: &str, message: Bytes) -> Result<(), Error>;

    /// Hears what is published from now on, with gaps announced as [`Live::Lagged`].
    async fn subscribe(&self, channel: &str) -> Result<Subscription, Error>;

    /// What was put under `key`, unless its time is over or room was needed.
    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error>;

    /// Keeps `value` for at most `ttl`.
    async fn put(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), Error>;

    /// Drops what was put under `key`. A copy that cannot be reached now lives until its time is over, so nothing may
    /// be kept here that must not be seen again.
    async fn forget(&self, key: &str) -> Result<(), Error>;

    /// Whether what should be shared with other processes is local at present.
    fn is_degraded(&self) -> bool {
        false
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// Asking again later can help.
    #[error("short-term memory (gates, buckets, cache) cannot be reached")]
    Unavailable(#[source] Box<dyn std::error::Error + Send + Sync>),
    /// Somebody has to change the settings. Says what and where.
    #[error("short-term memory (gates, buckets, cache) cannot be used: {0}")]
    Unusable(String),
}
