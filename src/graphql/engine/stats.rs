//! Runtime statistics of a service, and hit counters of its caches.

use std::sync::atomic::{AtomicU64, Ordering};

/// Statistics of a service at one instant.
pub struct Stats {
    /// Sequence number of the newest change that this instance knows.
    pub sequence: i64,
    /// Number of subscriptions that follow the change log.
    pub followers: u64,
    /// Number of groups of followers. A group has one query and one viewer.
    pub groups: u64,
    /// Number of documents in the document cache.
    pub documents: u64,
    /// Hits and misses of the response cache.
    pub responses: HitCounts,
    /// Hits and misses of the row cache.
    pub rows: HitCounts,
    /// Size of each cache, by its name.
    pub caches: Vec<(&'static str, CacheSize)>,
    /// Size of the search index.
    pub search: search::Size,
}

/// Size of one cache.
#[derive(Clone, Copy, Debug)]
pub struct CacheSize {
    /// Size of its entries, in bytes, approximate.
    pub bytes: u64,
    /// The most that this may be.
    pub max_bytes: u64,
}

/// Hits and misses of one cache.
#[derive(Clone, Copy, Debug)]
pub struct HitCounts {
    /// Number of lookups that found an entry.
    pub hits: u64,
    /// Number of lookups that found none.
    pub misses: u64,
}

/// Counts hits and misses of one cache.
#[derive(Default)]
pub struct HitCounter {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl HitCounter {
    /// Counts a lookup by its result, and returns the result.
    pub fn count<T>(&self, found: Option<T>) -> Option<T> {
        let counter = match found {
            Some(_) => &self.hits,
            None => &self.misses,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Counts a number of misses.
    pub fn miss(&self, number: usize) {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        self.misses.fetch_add(number, Ordering::Relaxed);
    }

    /// The counts so far.
    pub fn counts(&self) -> HitCounts {
        HitCounts {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }
}
