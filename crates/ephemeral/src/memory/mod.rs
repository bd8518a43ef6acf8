//! Everything in this process: for the laptop and for tests. Time is tokio's, so tests can pause it.

mod buckets;
mod cache;
mod gates;
mod live;

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use tokio::time::Instant;

use crate::{Bucket, Closing, Ephemeral, Error, Gate, Permit, Spacing, Subscription, Taken, Usage};

/// What the cache may hold, values and keys together.
const CACHE_BYTES: usize = 64 << 20;

/// Short-term memory of one process.
#[derive(Debug)]
pub struct Memory {
    gates: Mutex<gates::Gates>,
    buckets: Mutex<buckets::Buckets>,
    live: Mutex<live::Channels>,
    cache: Mutex<cache::Cache>,
}

impl Default for Memory {
    fn default() -> Self {
        Self::new()
    }
}

impl Memory {
    #[must_use]
    pub fn new() -> Self {
        Self::with_cache_bytes(CACHE_BYTES)
    }

    /// With a cache of at most `bytes`.
    #[must_use]
    pub fn with_cache_bytes(bytes: usize) -> Self {
        Self {
            gates: Mutex::default(),
            buckets: Mutex::default(),
            live: Mutex::default(),
            cache: Mutex::new(cache::Cache::new(bytes)),
        }
    }

    /// Notes a request that was let through elsewhere, so that its host is respected here too.
    pub(crate) fn admit(&self, permit: &Permit, spacing: &Spacing, lease: Duration) {
        lock(&self.gates).admit(permit, spacing, lease, Instant::now());
    }
}

/// A panic while the lock was held left at worst a forgettable value wrong.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A point in time that far away, or as far as the clock reaches: hosts may ask for delays of any size.
fn later(now: Instant, by: Duration) -> Instant {
    const CENTURY: Duration = Duration::from_secs(100 * 365 * 24 * 3600);
    now.checked_add(by.min(CENTURY)).unwrap_or(now)
}

#[async_trait]
impl Ephemeral for Memory {
    async fn gate_acquire(&self, key: &str, spacing: &Spacing, lease: Duration) -> Result<Gate, Error> {
        Ok(lock(&self.gates).acquire(key, spacing, lease, Instant::now()))
    }

    async fn gate_release(&self, permit: Permit, usage: Usage) -> Result<bool, Error> {
        Ok(lock(&self.gates).release(&permit, usage, Instant::now()))
    }

    async fn gate_close(&self, key: &str, closing: Closing) -> Result<Duration, Error> {
        Ok(lock(&self.gates).close(key, closing, Instant::now()))
    }

    async fn take(&self, key: &str, n: u32, bucket: &Bucket) -> Result<Taken, Error> {
        Ok(lock(&self.buckets).take(key, n, bucket, Instant::now()))
    }

    async fn publish(&self, channel: &str, message: Bytes) -> Result<(), Error> {
        lock(&self.live).publish(channel, message);
        Ok(())
    }

    async fn subscribe(&self, channel: &str) -> Result<Subscription, Error> {
        Ok(lock(&self.live).subscribe(channel))
    }

    async fn get(&self, key: &str) -> Result<Option<Bytes>, Error> {
        Ok(lock(&self.cache).get(key, Instant::now()))
    }

    async fn put(&self, key: &str, value: Bytes, ttl: Duration) -> Result<(), Error> {
        lock(&self.cache).put(key, value, later(Instant::now(), ttl));
        Ok(())
    }

    async fn forget(&self, key: &str) -> Result<(), Error> {
        lock(&self.cache).forget(key);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    crate::suite_tests!(#[tokio::test(start_paused = true)], async { Arc::new(Memory::new()) as Arc<dyn Ephemeral> });
}
