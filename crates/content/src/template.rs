//! Blocks that repeat over the pages of a host: its template.

use std::collections::{HashMap, HashSet};

use domain::{Block, Content};

/// On so many pages, and on this share of a host's pages, a block is template.
const LEAST_PAGES: usize = 3;
const LEAST_SHARE: f64 = 0.3;

/// The template blocks of each host.
#[derive(Debug, Clone, Default)]
pub struct Template {
    hosts: HashMap<String, HashSet<u64>>,
}

impl Template {
    /// Whether a block is part of its host's template.
    #[must_use]
    pub fn holds(&self, host: &str, block: &Block) -> bool {
        self.holds_hash(host, block.hash)
    }

    /// The same by the block's hash.
    #[must_use]
    pub fn holds_hash(&self, host: &str, hash: u64) -> bool {
        self.hosts.get(host).is_some_and(|hashes| hashes.contains(&hash))
    }

    /// A host's template hashes, ascending.
    #[must_use]
    pub fn hashes(&self, host: &str) -> Vec<u64> {
        let mut hashes: Vec<u64> = self.hosts.get(host).into_iter().flatten().copied().collect();
        hashes.sort_unstable();
        hashes
    }
}

/// Finds the template of each host: blocks (by the hash of their text) on at least 3 and at least 30 % of its pages.
#[must_use]
pub fn template(pages: &[(&str, &Content)]) -> Template {
    let mut hosts: HashMap<&str, (usize, HashMap<u64, usize>)> = HashMap::new();
    for (host, content) in pages {
        let (count, seen) = hosts.entry(host).or_default();
        *count += 1;
        let own: HashSet<u64> = content.blocks.iter().map(|block| block.hash).collect();
        for hash in own {
            *seen.entry(hash).or_default() += 1;
        }
    }
    let often = |on: usize, pages: usize| on >= LEAST_PAGES && on as f64 >= LEAST_SHARE * pages as f64;
    let hosts = hosts.into_iter().map(|(host, (pages, seen))| {
        let hashes = seen.into_iter().filter(|(_, on)| often(*on, pages)).map(|(hash, _)| hash).collect();
        (host.to_owned(), hashes)
    });
    Template { hosts: hosts.collect() }
}
