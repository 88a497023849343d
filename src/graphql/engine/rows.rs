//! The row cache: rows and lists of the newest moment. The cache is replaced when the log grows. Each key contains its
//! moment, so no row is ever stale.

use std::any::Any;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use quick_cache::Equivalent;

use crate::engine::cache::{Bounded, bounded};
use crate::engine::stats::{HitCounter, HitCounts};
use store::moment::Moment;

/// Maximum number of rows in the cache.
const MAX_ROWS: u64 = 100_000;

/// A cache key of any type.
pub trait CacheKey: Any + Send + Sync {
    /// True if both are equal keys of one type.
    fn is(&self, other: &dyn CacheKey) -> bool;
    /// Hash of the key and its type.
    fn digest(&self) -> u64;
}

impl<K: Eq + Hash + Send + Sync + 'static> CacheKey for K {
    fn is(&self, other: &dyn CacheKey) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<K>() == Some(self)
    }

    fn digest(&self) -> u64 {
        static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        STATE.hash_one((self.type_id(), self))
    }
}

/// A key with its hash.
struct Hashed<K> {
    key: K,
    hash: u64,
}

impl<K> Hash for Hashed<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

type Stored = Hashed<Arc<dyn CacheKey>>;

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.key.is(&*other.key)
    }
}

impl Eq for Stored {}

impl Equivalent<Stored> for Hashed<&dyn CacheKey> {
    fn equivalent(&self, stored: &Stored) -> bool {
        self.hash == stored.hash && self.key.is(&*stored.key)
    }
}

/// A value of any type, with the number of rows that it contains.
#[derive(Clone)]
pub struct Loaded {
    value: Arc<dyn Any + Send + Sync>,
    rows: usize,
}

impl Loaded {
    /// Creates a value that contains `rows` rows.
    pub fn new<V: Send + Sync + 'static>(value: V, rows: usize) -> Self {
        Self {
            value: Arc::new(value),
            rows,
        }
    }

    /// The value; `None` if it has another type.
    pub fn value<V: Clone + 'static>(&self) -> Option<V> {
        self.value.downcast_ref().cloned()
    }
}

struct MomentCache {
    rows: Bounded<Stored, Loaded>,
    hits: Arc<HitCounter>,
}

/// The rows that were read at one moment. Empty, and stores nothing, for a request that shares no rows.
#[derive(Clone, Default)]
pub struct Rows(Option<Arc<MomentCache>>);

/// The row cache of the newest moment.
#[derive(Default)]
pub struct RowCache {
    rows: Mutex<(Moment, Rows)>,
    hits: Arc<HitCounter>,
}

impl RowCache {
    /// The rows of `moment`. A newer moment than before starts an empty cache.
    pub fn at(&self, moment: Moment) -> Rows {
        let mut newest = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.0 < moment || newest.1.0.is_none() {
            let cache = MomentCache {
                rows: bounded(MAX_ROWS, |_, loaded| loaded.rows),
                hits: Arc::clone(&self.hits),
            };
            *newest = (moment, Rows(Some(Arc::new(cache))));
        }
        // A request at an older moment shares no rows with others.
        if newest.0 == moment {
            newest.1.clone()
        } else {
            Rows::default()
        }
    }

    /// Hits and misses so far.
    pub fn counts(&self) -> HitCounts {
        self.hits.counts()
    }
}

impl Rows {
    /// Looks up a value. Counts a hit, but no miss: [`Self::count_misses`] counts the keys that were read instead.
    pub fn get<V: Clone + 'static>(&self, key: &dyn CacheKey) -> Option<V> {
        self.find(key)?.value()
    }

    fn find(&self, key: &dyn CacheKey) -> Option<Loaded> {
        let cache = self.0.as_ref()?;
        let hash = key.digest();
        let found = cache.rows.get(&Hashed { key, hash })?;
        cache.hits.count(Some(found))
    }

    /// Stores a value under a key.
    pub fn insert(&self, key: Arc<dyn CacheKey>, loaded: Loaded) {
        if let Some(cache) = &self.0 {
            let hash = key.digest();
            cache.rows.insert(Hashed { key, hash }, loaded);
        }
    }

    /// Counts keys that were missing and were read from the database.
    pub fn count_misses(&self, keys: usize) {
        if let Some(cache) = &self.0 {
            cache.hits.miss(keys);
        }
    }
}
