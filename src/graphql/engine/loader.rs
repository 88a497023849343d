//! Loading of values by key: from the row cache if it contains the key, else from the database in batches. Keys and
//! values of all types share one cache and one loader.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::ready;
use std::hash::{Hash, Hasher};
use std::sync::{Arc, OnceLock};

use async_graphql::dataloader::{DataLoader, Loader};
use futures_util::future::{BoxFuture, Either, FutureExt, join_all};

use crate::engine::batch::LoadQueue;
use crate::engine::personal::Personal;
use crate::engine::rows::{CacheKey, Loaded, Rows};
use store::load::Key;
use store::moment::Moment;
use store::{Error, Store};

/// The loader of one request, or of several requests that are executed together.
#[derive(Clone)]
pub struct RequestLoader {
    reader: BatchReader,
    /// Receives the loads.
    queue: LoadQueue,
    /// Created for the first key that the cache lacks: most requests need none.
    batches: Arc<OnceLock<DataLoader<BatchReader>>>,
    personal: Personal,
}

type LoadResult<T> = Result<T, Error>;
type LoadedPairs = Vec<(LoadKey, Loaded)>;

impl RequestLoader {
    /// Creates a loader that queues loads of what the cache lacks.
    pub fn new(reader: BatchReader, queue: LoadQueue) -> Self {
        Self {
            reader,
            queue,
            batches: Arc::default(),
            personal: Personal::default(),
        }
    }

    fn batches(&self) -> &DataLoader<BatchReader> {
        self.batches
            .get_or_init(|| self.queue.loader(self.reader.clone()))
    }

    /// The flag that is set when the answer depends on the viewer, or on data that changes without the change log.
    pub fn personal(&self) -> &Personal {
        &self.personal
    }

    /// The store from which it reads.
    pub fn store(&self) -> &Store {
        &self.reader.store
    }

    fn rows(&self) -> &Rows {
        &self.reader.rows
    }

    /// Loads the value of a key; `None` if it has none.
    pub fn load_one<K: Key>(
        &self,
        key: K,
    ) -> impl Future<Output = LoadResult<Option<K::Value>>> + Send {
        match self.cached(&key) {
            Some(found) => Either::Left(ready(Ok(Some(found)))),
            None => Either::Right(self.read_one(LoadKey::new(key)).map(typed_one::<K>)),
        }
    }

    /// Loads the values of several keys. Keys without a value are missing from the result.
    pub fn load_many<K: Key>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> impl Future<Output = LoadResult<HashMap<K, K::Value>>> + Send {
        let (mut found, mut wanted) = (HashMap::new(), Vec::new());
        for key in keys {
            match self.cached(&key) {
                Some(value) => drop(found.insert(key, value)),
                None => wanted.push(LoadKey::new(key)),
            }
        }
        if wanted.is_empty() {
            return Either::Left(ready(Ok(found)));
        }
        Either::Right(self.read_many(wanted).map(typed_many::<K>(found)))
    }

    fn cached<K: Key>(&self, key: &K) -> Option<K::Value> {
        if K::FOLLOWS_THE_LOG {
            let rows = self.rows();
            return rows.get(key).or_else(|| rows.kept(key));
        }
        // This value may change while the log does not: answers with it are never shared.
        self.personal.note();
        None
    }

    fn read_one(&self, wanted: LoadKey) -> BoxFuture<'_, Result<Option<Loaded>, Error>> {
        let reading = self.batches().load_one(wanted);
        async {
            reading
                .await
                .unwrap_or_else(|never| match never {})
                .transpose()
        }
        .boxed()
    }

    fn read_many(&self, wanted: Vec<LoadKey>) -> BoxFuture<'_, Result<LoadedPairs, Error>> {
        let reading = self.batches().load_many(wanted);
        async {
            let found = reading.await.unwrap_or_else(|never| match never {});
            let found = found.into_iter();
            found
                .map(|(wanted, loaded)| Ok((wanted, loaded?)))
                .collect()
        }
        .boxed()
    }

    /// Returns a value that [`Self::insert`] cached under a key. The key contains the view.
    pub fn computed<V: Clone + 'static>(&self, key: &dyn CacheKey) -> Option<V> {
        self.rows().get(key)
    }

    /// Caches a value of a size, in bytes, that was computed from loaded ones.
    pub fn insert<V: Send + Sync + 'static>(&self, key: impl CacheKey, value: V, size: usize) {
        self.rows().insert(Arc::new(key), Loaded::new(value, size));
    }
}

fn typed_one<K: Key>(read: Result<Option<Loaded>, Error>) -> Result<Option<K::Value>, Error> {
    Ok(read?.and_then(|loaded| loaded.value()))
}

/// Merges the values that were read with those found in the cache.
fn typed_many<K: Key>(
    mut found: HashMap<K, K::Value>,
) -> impl FnOnce(Result<LoadedPairs, Error>) -> Result<HashMap<K, K::Value>, Error> {
    move |read| {
        let pairs = read?.into_iter();
        found.extend(pairs.filter_map(|(wanted, loaded)| Some((wanted.key()?, loaded.value()?))));
        Ok(found)
    }
}

/// A key of any type that the row cache does not contain, with its hash.
#[derive(Clone)]
pub struct LoadKey {
    key: Arc<dyn Batched>,
    hash: u64,
}

impl LoadKey {
    fn new(key: impl Key) -> Self {
        let hash = key.digest();
        Self {
            key: Arc::new(key),
            hash,
        }
    }

    fn kind(&self) -> TypeId {
        let key: &dyn Any = &*self.key;
        key.type_id()
    }

    fn key<K: Clone + 'static>(&self) -> Option<K> {
        let key: &dyn Any = &*self.key;
        key.downcast_ref().cloned()
    }
}

impl Hash for LoadKey {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl PartialEq for LoadKey {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.key.is(&*other.key)
    }
}

impl Eq for LoadKey {}

/// A key of any type whose values are read in batches.
trait Batched: CacheKey {
    /// True if the row cache may store the value.
    fn is_cacheable(&self) -> bool;

    /// The key at the moment 0, and its moment, if its value may outlive that moment.
    fn timeless(&self) -> Option<(Arc<dyn CacheKey>, Moment)>;

    /// Reads the values of keys of this type, in the order of the keys; `None` for a key without a value.
    fn read<'a>(&self, store: &'a Store, keys: &[LoadKey]) -> BoxFuture<'a, BatchResult>;
}

type BatchResult = Result<Vec<Option<Loaded>>, Error>;

impl<K: Key> Batched for K {
    fn is_cacheable(&self) -> bool {
        K::FOLLOWS_THE_LOG
    }

    fn timeless(&self) -> Option<(Arc<dyn CacheKey>, Moment)> {
        let timeless = self.at(Moment::default());
        Some((Arc::new(timeless), self.moment()?))
    }

    fn read<'a>(&self, store: &'a Store, keys: &[LoadKey]) -> BoxFuture<'a, BatchResult> {
        let keys: Vec<K> = keys.iter().filter_map(LoadKey::key).collect();
        async move {
            let mut found = store.load(&keys).await?;
            let loaded = |value| {
                let size = K::size(&value);
                Loaded::new(value, size)
            };
            Ok(keys
                .iter()
                .map(|key| found.remove(key).map(loaded))
                .collect())
        }
        .boxed()
    }
}

/// The batch function of the loader: reads from the database, and stores the results in the row cache.
#[derive(Clone)]
pub struct BatchReader {
    store: Store,
    rows: Rows,
}

impl BatchReader {
    /// Creates a reader of `store` that fills `rows`.
    pub fn new(store: Store, rows: Rows) -> Self {
        Self { store, rows }
    }

    /// Reads keys of one type. If the query fails, each key has that error.
    async fn read(&self, keys: Vec<LoadKey>) -> Vec<(LoadKey, Result<Loaded, Error>)> {
        let Some(first) = keys.first().map(|wanted| Arc::clone(&wanted.key)) else {
            return Vec::new();
        };
        let values = match first.read(&self.store, &keys).await {
            Ok(values) => values,
            Err(error) => {
                return keys
                    .into_iter()
                    .map(|key| (key, Err(error.clone())))
                    .collect();
            }
        };
        if first.is_cacheable() {
            self.rows.count_misses(keys.len());
        }
        let found = keys.into_iter().zip(values);
        found
            .filter_map(|(wanted, value)| Some((wanted, value?)))
            .inspect(|(wanted, value)| {
                if first.is_cacheable() {
                    let key: Arc<dyn Batched> = Arc::clone(&wanted.key);
                    if let Some((timeless, moment)) = key.timeless() {
                        self.rows.keep(timeless, value.clone(), moment);
                    }
                    self.rows.insert(key, value.clone());
                }
            })
            .map(|(wanted, value)| (wanted, Ok(value)))
            .collect()
    }
}

impl Loader<LoadKey> for BatchReader {
    type Value = Result<Loaded, Error>;
    type Error = Infallible;

    /// Reads the keys of each type in one batch, and the batches concurrently. If one batch fails, the others still
    /// have their values.
    async fn load(&self, keys: &[LoadKey]) -> Result<HashMap<LoadKey, Self::Value>, Infallible> {
        let mut by_kind: Vec<(TypeId, Vec<LoadKey>)> = Vec::new();
        for wanted in keys {
            let kind = wanted.kind();
            match by_kind.iter_mut().find(|(other, _)| *other == kind) {
                Some((_, alike)) => alike.push(wanted.clone()),
                None => by_kind.push((kind, vec![wanted.clone()])),
            }
        }
        let read = join_all(by_kind.into_iter().map(|(_, keys)| self.read(keys))).await;
        Ok(read.into_iter().flatten().collect())
    }
}
