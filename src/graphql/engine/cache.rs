//! Caches that are bounded by the size of what they hold.

use std::hash::Hash;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

/// How many parts a cache has, each with a lock and an equal share of the room.
const PARTS: usize = 4;
/// For how many entries a new cache has room at once.
const EXPECTED_ENTRIES: usize = 64;

/// The size of an entry, in the unit of its cache.
pub struct Size<K, V>(fn(&K, &V) -> usize);

impl<K, V> Clone for Size<K, V> {
    fn clone(&self) -> Self {
        Self(self.0)
    }
}

impl<K, V> Weighter<K, V> for Size<K, V> {
    fn weight(&self, key: &K, value: &V) -> u64 {
        // An entry without a size would never be evicted.
        u64::try_from((self.0)(key, value).max(1)).unwrap_or(u64::MAX)
    }
}

/// A cache that is bounded by the size of its entries.
pub type Bounded<K, V> = Cache<K, V, Size<K, V>>;

/// An empty cache for entries of `capacity` together. One that is larger than a part of the cache is not kept.
pub fn bounded<K: Eq + Hash, V: Clone>(capacity: u64, size: fn(&K, &V) -> usize) -> Bounded<K, V> {
    let options = OptionsBuilder::new()
        .shards(PARTS)
        .estimated_items_capacity(EXPECTED_ENTRIES)
        .weight_capacity(capacity)
        .build();
    let (hasher, lifecycle) = (DefaultHashBuilder::default(), DefaultLifecycle::default());
    match options {
        Ok(options) => Cache::with_options(options, Size(size), hasher, lifecycle),
        Err(_) => Cache::with(EXPECTED_ENTRIES, capacity, Size(size), hasher, lifecycle),
    }
}
