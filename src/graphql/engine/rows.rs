//! The row cache: rows of the newest moment, kept until the log grows. Each key says at which moment its rows are
//! known, so that no row is ever stale.

use std::any::Any;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::{Arc, LazyLock, Mutex, PoisonError};

use quick_cache::Equivalent;

use crate::engine::cache::{Bounded, bounded};
use crate::engine::figures::{Found, Hits};
use store::moment::Moment;

/// How many rows the cache holds.
const MAX_ROWS: u64 = 100_000;

/// A key of any type.
pub trait Slot: Any + Send + Sync {
    /// Whether both are the same key of the same type.
    fn is(&self, other: &dyn Slot) -> bool;
    /// A hash of the key and its type.
    fn digest(&self) -> u64;
}

impl<K: Eq + Hash + Send + Sync + 'static> Slot for K {
    fn is(&self, other: &dyn Slot) -> bool {
        let other: &dyn Any = other;
        other.downcast_ref::<K>() == Some(self)
    }

    fn digest(&self) -> u64 {
        static STATE: LazyLock<RandomState> = LazyLock::new(RandomState::new);
        STATE.hash_one((self.type_id(), self))
    }
}

/// A key, and its hash.
struct Hashed<K> {
    key: K,
    hash: u64,
}

impl<K> Hash for Hashed<K> {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

type Stored = Hashed<Arc<dyn Slot>>;

impl PartialEq for Stored {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.key.is(&*other.key)
    }
}

impl Eq for Stored {}

impl Equivalent<Stored> for Hashed<&dyn Slot> {
    fn equivalent(&self, stored: &Stored) -> bool {
        self.hash == stored.hash && self.key.is(&*stored.key)
    }
}

/// A value of any type, and how many rows it holds.
#[derive(Clone)]
pub struct Loaded {
    value: Arc<dyn Any + Send + Sync>,
    rows: usize,
}

impl Loaded {
    /// A value that holds a number of rows.
    pub fn new<V: Send + Sync + 'static>(value: V, rows: usize) -> Self {
        Self {
            value: Arc::new(value),
            rows,
        }
    }

    /// The value; `None` where it is of another type.
    pub fn value<V: Clone + 'static>(&self) -> Option<V> {
        self.value.downcast_ref().cloned()
    }
}

struct Kept {
    rows: Bounded<Stored, Loaded>,
    hits: Arc<Hits>,
}

/// The rows that were read while the log ended at one moment; none for a request that shares none.
#[derive(Clone, Default)]
pub struct Rows(Option<Arc<Kept>>);

/// The rows of the newest moment.
#[derive(Default)]
pub struct Newest {
    rows: Mutex<(Moment, Rows)>,
    hits: Arc<Hits>,
}

impl Newest {
    /// The rows of a moment. A new cache begins when the log grows.
    pub fn at(&self, moment: Moment) -> Rows {
        let mut newest = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.0 < moment || newest.1.0.is_none() {
            let kept = Kept {
                rows: bounded(MAX_ROWS, |_, loaded| loaded.rows),
                hits: Arc::clone(&self.hits),
            };
            *newest = (moment, Rows(Some(Arc::new(kept))));
        }
        // A request that began earlier shares what it reads with no other.
        if newest.0 == moment {
            newest.1.clone()
        } else {
            Rows::default()
        }
    }

    /// How often a row was there.
    pub fn found(&self) -> Found {
        self.hits.found()
    }
}

impl Rows {
    /// The value under a key.
    pub fn get<V: Clone + 'static>(&self, key: &dyn Slot) -> Option<V> {
        self.find(key)?.value()
    }

    fn find(&self, key: &dyn Slot) -> Option<Loaded> {
        let kept = self.0.as_ref()?;
        let hash = key.digest();
        let found = kept.rows.get(&Hashed { key, hash })?;
        kept.hits.count(Some(found))
    }

    /// Keeps a value under a key.
    pub fn keep(&self, key: Arc<dyn Slot>, loaded: Loaded) {
        if let Some(kept) = &self.0 {
            let hash = key.digest();
            kept.rows.insert(Hashed { key, hash }, loaded);
        }
    }

    /// Counts keys that were not there, and were read.
    pub fn count_misses(&self, keys: usize) {
        if let Some(kept) = &self.0 {
            kept.hits.miss(keys);
        }
    }
}
