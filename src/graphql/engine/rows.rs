//! Rows that were read already, for as long as the log stands where it does. What is read says the moment that
//! it is known at, so that a row of another moment is another: nothing here is ever stale.

use std::any::{Any, TypeId};
use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use async_graphql::dataloader::{CacheFactory, CacheStorage, NoCache};
use moka::sync::Cache;

use crate::engine::figures::{Found, Hits};
use store::moment::Moment;
use store::{contribution, load};

/// How many rows are kept by each kind of key: a page is as large as the rows that are on it.
const KEPT: u64 = 10_000;

struct Caches {
    by_kind: RwLock<HashMap<TypeId, Box<dyn Any + Send + Sync>>>,
    hits: Arc<Hits>,
}

/// What was read while the log ended at one moment.
#[derive(Clone, Default)]
pub struct Rows(Option<Arc<Caches>>);

/// The rows of the newest moment.
#[derive(Default)]
pub struct Newest {
    rows: Mutex<(Moment, Rows)>,
    hits: Arc<Hits>,
}

impl Newest {
    /// The rows of a moment: they begin anew when the log goes on.
    pub fn at(&self, moment: Moment) -> Rows {
        let mut newest = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        if newest.0 < moment || newest.1.0.is_none() {
            let caches = Caches {
                by_kind: RwLock::default(),
                hits: Arc::clone(&self.hits),
            };
            *newest = (moment, Rows(Some(Arc::new(caches))));
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
    /// What was read, or found by what was read, under a key, where it is there.
    pub fn get<K, V>(&self, key: &K) -> Option<V>
    where
        K: Send + Sync + Eq + Hash + 'static,
        V: Send + Sync + Clone + 'static,
    {
        let caches = self.0.as_ref()?;
        let by_kind = caches.by_kind.read();
        let by_kind = by_kind.unwrap_or_else(PoisonError::into_inner);
        let cache = by_kind.get(&TypeId::of::<(K, V)>())?;
        let found = cache.downcast_ref::<Cache<K, V>>()?.get(key)?;
        caches.hits.count(Some(found))
    }

    /// Keeps what was found by what was read.
    pub fn keep<K, V>(&self, key: K, value: V)
    where
        K: Send + Sync + Eq + Hash + 'static,
        V: Send + Sync + Clone + 'static,
    {
        if let Some((_, kept)) = self.kept() {
            kept.insert(key, value);
        }
    }

    /// What is kept under one kind of key.
    fn kept<K, V>(&self) -> Option<(&Caches, Cache<K, V>)>
    where
        K: Send + Sync + Eq + Hash + 'static,
        V: Send + Sync + Clone + 'static,
    {
        let caches = self.0.as_deref()?;
        if contribution::changes_without_the_log(TypeId::of::<K>()) {
            return None;
        }
        let by_kind = caches.by_kind.write();
        let mut by_kind = by_kind.unwrap_or_else(PoisonError::into_inner);
        let cache = by_kind.entry(TypeId::of::<(K, V)>()).or_insert_with(|| {
            let weigh =
                |_: &K, loaded: &V| u32::try_from(load::rows(loaded).max(1)).unwrap_or(u32::MAX);
            Box::new(Cache::builder().max_capacity(KEPT).weigher(weigh).build())
        });
        let cache = cache.downcast_ref::<Cache<K, V>>()?;
        Some((caches, cache.clone()))
    }
}

impl CacheFactory for Rows {
    fn create<K, V>(&self) -> Box<dyn CacheStorage<Key = K, Value = V>>
    where
        K: Send + Sync + Clone + Eq + Hash + 'static,
        V: Send + Sync + Clone + 'static,
    {
        let Some((caches, kept)) = self.kept() else {
            return NoCache.create();
        };
        let hits = Arc::clone(&caches.hits);
        Box::new(Shared { kept, hits })
    }
}

/// The rows of one kind.
struct Shared<K, V> {
    kept: Cache<K, V>,
    hits: Arc<Hits>,
}

impl<K, V> CacheStorage for Shared<K, V>
where
    K: Send + Sync + Clone + Eq + Hash + 'static,
    V: Send + Sync + Clone + 'static,
{
    type Key = K;
    type Value = V;

    fn get(&mut self, key: &K) -> Option<V> {
        self.hits.count(self.kept.get(key))
    }

    fn insert(&mut self, key: Cow<'_, K>, value: Cow<'_, V>) {
        self.kept.insert(key.into_owned(), value.into_owned());
    }

    fn remove(&mut self, key: &K) {
        self.kept.invalidate(key);
    }

    fn clear(&mut self) {
        self.kept.invalidate_all();
    }

    fn iter(&self) -> Box<dyn Iterator<Item = (&'_ K, &'_ V)> + '_> {
        // They are shared: nobody lists them.
        Box::new(std::iter::empty())
    }
}
