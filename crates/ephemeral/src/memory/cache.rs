//! A cache bounded in bytes; what was used longest ago makes room.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use tokio::time::Instant;

#[derive(Debug)]
pub(super) struct Cache {
    entries: HashMap<String, Entry>,
    /// When (in uses) each key was used last; the first is dropped first.
    order: BTreeMap<u64, String>,
    uses: u64,
    held_bytes: usize,
    max_bytes: usize,
}

#[derive(Debug)]
struct Entry {
    value: Bytes,
    until: Instant,
    used: u64,
}

impl Cache {
    pub(super) fn new(max_bytes: usize) -> Self {
        Self { entries: HashMap::new(), order: BTreeMap::new(), uses: 0, held_bytes: 0, max_bytes }
    }

    pub(super) fn get(&mut self, key: &str, now: Instant) -> Option<Bytes> {
        if self.entries.get(key)?.until <= now {
            self.forget(key);
            return None;
        }
        self.uses += 1;
        let entry = self.entries.get_mut(key)?;
        if let Some(key) = self.order.remove(&entry.used) {
            self.order.insert(self.uses, key);
        }
        entry.used = self.uses;
        Some(entry.value.clone())
    }

    pub(super) fn put(&mut self, key: &str, value: Bytes, until: Instant) {
        self.forget(key);
        let size = key.len() + value.len();
        if size > self.max_bytes {
            return;
        }
        while self.held_bytes + size > self.max_bytes {
            let Some((_, oldest)) = self.order.pop_first() else { break };
            self.drop_entry(&oldest);
        }
        self.uses += 1;
        self.held_bytes += size;
        self.order.insert(self.uses, key.to_owned());
        // A slice of a larger buffer would keep all of that buffer alive.
        let value = Bytes::copy_from_slice(&value);
        self.entries.insert(key.to_owned(), Entry { value, until, used: self.uses });
    }

    pub(super) fn forget(&mut self, key: &str) {
        if let Some(used) = self.drop_entry(key) {
            self.order.remove(&used);
        }
    }

    fn drop_entry(&mut self, key: &str) -> Option<u64> {
        let entry = self.entries.remove(key)?;
        self.held_bytes = self.held_bytes.saturating_sub(key.len() + entry.value.len());
        Some(entry.used)
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn the_least_recently_used_makes_room() {
        let now = Instant::now();
        let until = now + Duration::from_secs(60);
        let value = || Bytes::from(vec![0; 9]);
        let mut cache = Cache::new(30);
        for key in ["a", "b", "c"] {
            cache.put(key, value(), until);
        }
        assert!(cache.get("a", now).is_some());
        cache.put("d", value(), until);
        let there: Vec<bool> = ["a", "b", "c", "d"].iter().map(|key| cache.get(key, now).is_some()).collect();
        assert_eq!(there, [true, false, true, true]);
        assert_eq!(cache.held_bytes, 30);
    }

    #[tokio::test(start_paused = true)]
    async fn what_cannot_fit_is_not_kept_and_drops_nothing_else() {
        let now = Instant::now();
        let until = now + Duration::from_secs(60);
        let mut cache = Cache::new(30);
        cache.put("a", Bytes::from_static(b"x"), until);
        cache.put("b", Bytes::from(vec![0; 64]), until);
        assert_eq!((cache.get("a", now).is_some(), cache.get("b", now)), (true, None));
        cache.put("a", Bytes::from(vec![0; 64]), until);
        assert_eq!((cache.get("a", now), cache.held_bytes, cache.order.len()), (None, 0, 0));
    }
}
