//! Caches bounded by the total size of their entries. When one is full, entries that were not used again go first.

use std::hash::Hash;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

use crate::engine::stats::CacheSize;

/// Expected number of entries. The cache remembers half as many evicted keys, to recognize those that return.
const EXPECTED_ENTRIES: usize = 256;

/// Computes the size of an entry, in the unit of its cache.
pub struct Size<K, V>(fn(&K, &V) -> usize);

impl<K, V> Clone for Size<K, V> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<K, V> Weighter<K, V> for Size<K, V> {
    fn weight(&self, key: &K, value: &V) -> u64 {
        // An entry of size 0 would never be evicted.
        u64::try_from((self.0)(key, value).max(1)).unwrap_or(u64::MAX)
    }
}

/// A cache bounded by the total size of its entries.
pub type Bounded<K, V> = Cache<K, V, Size<K, V>>;

/// Creates an empty cache whose entries may have the size `capacity` in total. It has one lock and one shard, so that
/// one entry may take nearly all of it.
pub fn bounded<K: Eq + Hash, V: Clone>(capacity: u64, size: fn(&K, &V) -> usize) -> Bounded<K, V> {
    let options = OptionsBuilder::new()
        .shards(1)
        .estimated_items_capacity(EXPECTED_ENTRIES)
        .weight_capacity(capacity)
        .build();
    let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
    match options {
        Ok(options) => Cache::with_options(options, Size(size), hasher, lifecycle),
        Err(_) => Cache::with(EXPECTED_ENTRIES, capacity, Size(size), hasher, lifecycle),
    }
}

/// The size of a cache whose entries are measured in bytes.
pub fn size_of<K: Eq + Hash, V: Clone>(cache: &Bounded<K, V>) -> CacheSize {
    CacheSize {
        bytes: cache.weight(),
        max_bytes: cache.capacity(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_entry_may_fill_the_cache_but_not_exceed_it() {
        let cache: Bounded<u8, usize> = bounded(1_000, |_, size| *size);
        for (key, size) in [(1, 960), (2, 1_001)] {
            cache.insert(key, size);
        }
        assert_eq!((cache.get(&1), cache.get(&2)), (Some(960), None));
        cache.insert(3, 900);
        assert!(cache.weight() <= 1_000, "{}", cache.weight());
    }
}
