//! Caches that are bounded by the size of what they hold.

use std::hash::Hash;

use quick_cache::sync::{Cache, DefaultLifecycle};
use quick_cache::{DefaultHashBuilder, OptionsBuilder, Weighter};

/// Half as many evicted keys as this are remembered, to see which come again.
const EXPECTED_ENTRIES: usize = 256;

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

/// An empty cache for entries of `capacity` together. It has one lock and no parts: an entry may take nearly all of it.
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_entry_may_take_nearly_all_of_a_cache_and_no_more() {
        let cache: Bounded<u8, usize> = bounded(1_000, |_, size| *size);
        for (key, size) in [(1, 960), (2, 1_001)] {
            cache.insert(key, size);
        }
        assert_eq!((cache.get(&1), cache.get(&2)), (Some(960), None));
        cache.insert(3, 900);
        assert!(cache.weight() <= 1_000, "{}", cache.weight());
    }
}
