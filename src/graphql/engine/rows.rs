//! The row cache: rows and lists of the newest moment. Each key contains its moment, so no row is ever stale. When the log
//! grows, a value is brought up to the new moment if the change does not concern it, or tells what to put in.

use std::any::Any;
use std::collections::VecDeque;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError, RwLock};

use quick_cache::Equivalent;

use crate::engine::cache::{Bounded, bounded};
use crate::engine::limits::Limits;
use crate::engine::stats::{CacheSize, HitCounter, HitCounts};
use store::Store;
use store::load::Key;
use store::moment::Moment;
use store::touched::Touched;

/// Size of the values that the cache of a small log may have, in bytes, approximate.
const LEAST_BYTES: u64 = 8 << 20;
/// Bytes by which each change in the log raises that size: rows of treaty events, on which statuses depend, grow with the
/// log.
const BYTES_PER_CHANGE: u64 = 256;
/// Overhead of an entry besides its value, in bytes, approximate.
const ENTRY_OVERHEAD: usize = 256;
/// The most moments over which a value is kept without being wanted.
const MAX_STEPS: usize = 64;
/// The most changes over which a value is kept without being wanted.
const MAX_CHANGES: usize = 512;

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

/// A value of any type, with its size.
#[derive(Clone)]
pub struct Loaded {
    value: Arc<dyn Any + Send + Sync>,
    size: usize,
}

impl Loaded {
    /// Creates a value of a size, in bytes.
    pub fn new<V: Send + Sync + 'static>(value: V, size: usize) -> Self {
        Self {
            value: Arc::new(value),
            size: size.saturating_add(ENTRY_OVERHEAD),
        }
    }

    /// The value; `None` if it has another type.
    pub fn value<V: Clone + 'static>(&self) -> Option<V> {
        self.value.downcast_ref().cloned()
    }
}

struct MomentCache {
    rows: Bounded<Stored, Loaded>,
    lasting: Arc<LastingCache>,
    hits: Arc<HitCounter>,
}

/// A value, and the last moment at which it is known to be right.
#[derive(Clone)]
struct Lasting {
    loaded: Loaded,
    moment: Moment,
}

/// The values that outlive a moment: each is brought up to a later one when it is wanted there. Keys are those of the
/// moment 0.
struct LastingCache {
    values: Bounded<Stored, Lasting>,
    /// The rows that the changes touched, from one moment at which requests read to the next.
    steps: RwLock<VecDeque<Arc<Touched>>>,
    /// The end of the last step.
    reached: tokio::sync::Mutex<Moment>,
}

impl Default for LastingCache {
    fn default() -> Self {
        Self {
            values: bounded(LEAST_BYTES, |_, lasting| lasting.loaded.size),
            steps: RwLock::default(),
            reached: tokio::sync::Mutex::default(),
        }
    }
}

impl LastingCache {
    /// Adds the step to a moment. Forgets all values if it is too long, or cannot be read.
    async fn reach(&self, store: &Store, moment: Moment) {
        let mut reached = self.reached.lock().await;
        if *reached >= moment {
            return;
        }
        let step = if self.values.is_empty() {
            None
        } else {
            let read = store.touched(*reached, moment).await;
            // Then values are read again, and with them the error.
            read.unwrap_or_default()
        };
        let mut steps = self.steps.write().unwrap_or_else(PoisonError::into_inner);
        if let Some(step) = step {
            steps.push_back(Arc::new(step));
            let changes = |steps: &VecDeque<Arc<Touched>>| -> usize {
                steps.iter().map(|step| step.changes()).sum()
            };
            while steps.len() > MAX_STEPS || changes(&steps) > MAX_CHANGES {
                steps.pop_front();
            }
        } else {
            steps.clear();
            self.values.clear();
        }
        *reached = moment;
    }

    /// The value of a key. It was stored for an earlier moment, and what changed since is put in.
    fn get<K: Key>(&self, key: &K, moment: Moment) -> Option<K::Value> {
        let timeless = key.at(Moment::default());
        let hash = timeless.digest();
        let key_of: &dyn CacheKey = &timeless;
        let found = self.values.get(&Hashed { key: key_of, hash })?;
        let mut value: K::Value = found.loaded.value()?;
        if found.moment == moment {
            return Some(value);
        }
        let mut at = found.moment;
        {
            let steps = self.steps.read().unwrap_or_else(PoisonError::into_inner);
            let first = steps.partition_point(|step| step.after() < at);
            for step in steps.range(first..) {
                if at >= moment || step.after() != at {
                    break;
                }
                value = key.after(&value, step)?;
                at = step.to();
            }
        }
        if at != moment {
            return None;
        }
        let loaded = Loaded {
            value: Arc::new(value.clone()),
            size: found.loaded.size,
        };
        self.insert(Arc::new(timeless), Lasting { loaded, moment });
        Some(value)
    }

    fn insert(&self, key: Arc<dyn CacheKey>, value: Lasting) {
        let hash = key.digest();
        self.values.insert(Hashed { key, hash }, value);
    }
}

/// The rows that were read at one moment. Empty, and stores nothing, for a request that shares no rows.
#[derive(Clone, Default)]
pub struct Rows(Option<Arc<MomentCache>>);

/// The row cache.
pub struct RowCache {
    /// The most bytes that the values may have, however long the log is.
    most: u64,
    rows: Mutex<(Moment, Rows)>,
    lasting: Arc<LastingCache>,
    hits: Arc<HitCounter>,
}

impl RowCache {
    /// An empty cache.
    pub fn new(limits: &Limits) -> Self {
        Self {
            most: u64::from(limits.max_row_mebibytes.unsigned_abs()) << 20,
            rows: Mutex::default(),
            lasting: Arc::default(),
            hits: Arc::default(),
        }
    }

    /// The most bytes that the values of a moment may have.
    fn max_bytes(&self, moment: Moment) -> u64 {
        let changes = u64::try_from(moment.0).unwrap_or_default();
        changes
            .saturating_mul(BYTES_PER_CHANGE)
            .saturating_add(LEAST_BYTES)
            .min(self.most)
    }

    /// Prepares values of earlier moments for requests at this one.
    pub async fn reach(&self, store: &Store, moment: Moment) {
        self.lasting.reach(store, moment).await;
    }

    /// The rows of `moment`. A newer moment than before starts an empty cache, which [`Rows::kept`] fills.
    pub fn at(&self, moment: Moment) -> Rows {
        let mut newest = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.0 < moment || newest.1.0.is_none() {
            let most = self.max_bytes(moment);
            self.lasting.values.set_capacity(most);
            let cache = MomentCache {
                rows: bounded(most, |_, loaded| loaded.size),
                lasting: Arc::clone(&self.lasting),
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

    /// Size of the values, in bytes, approximate. Values of the newest moment are usually both there and among those
    /// that outlive it, but only once in memory.
    pub fn size(&self) -> CacheSize {
        let newest = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let of_moment = newest.1.0.as_ref().map_or(0, |cache| cache.rows.weight());
        CacheSize {
            bytes: of_moment.max(self.lasting.values.weight()),
            max_bytes: self.max_bytes(newest.0),
        }
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

    /// Looks up the value of a key among those of earlier moments. Counts like [`Self::get`].
    pub fn kept<K: Key>(&self, key: &K) -> Option<K::Value> {
        let cache = self.0.as_ref()?;
        let value = cache.lasting.get(key, key.moment()?)?;
        let loaded = Loaded::new(value.clone(), K::size(&value));
        self.insert(Arc::new(key.clone()), loaded);
        cache.hits.count(Some(value))
    }

    /// Stores a value under a key.
    pub fn insert(&self, key: Arc<dyn CacheKey>, loaded: Loaded) {
        if let Some(cache) = &self.0 {
            let hash = key.digest();
            cache.rows.insert(Hashed { key, hash }, loaded);
        }
    }

    /// Stores a value that was read at a moment for later ones. `timeless` is its key at the moment 0.
    pub fn keep(&self, timeless: Arc<dyn CacheKey>, loaded: Loaded, moment: Moment) {
        if let Some(cache) = &self.0 {
            cache.lasting.insert(timeless, Lasting { loaded, moment });
        }
    }

    /// Counts keys that were missing and were read from the database.
    pub fn count_misses(&self, keys: usize) {
        if let Some(cache) = &self.0 {
            cache.hits.miss(keys);
        }
    }
}
