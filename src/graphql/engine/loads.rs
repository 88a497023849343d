//! Loading: from the row cache where a key is there, and from the database in batches where it is not. Keys and values
//! of all types share one cache and one loader.

use std::any::{Any, TypeId};
use std::collections::HashMap;
use std::convert::Infallible;
use std::future::ready;
use std::hash::{Hash, Hasher};
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use futures_util::future::{BoxFuture, Either, FutureExt, join_all};

use crate::engine::personal::Personal;
use crate::engine::rows::{Loaded, Rows, Slot};
use store::load::Key;
use store::{Error, Store};

/// The loader of one request, or of some that are executed side by side.
#[derive(Clone)]
pub struct Loads {
    batches: Arc<DataLoader<Reader>>,
    personal: Personal,
}

type Loading<T> = Result<T, Error>;
type Pairs = Vec<(Wanted, Loaded)>;

impl Loads {
    /// Loads by `batches`.
    pub fn new(batches: DataLoader<Reader>) -> Self {
        Self {
            batches: Arc::new(batches),
            personal: Personal::default(),
        }
    }

    /// Notes whether the answer may be kept for others.
    pub fn personal(&self) -> &Personal {
        &self.personal
    }

    /// The database that it reads.
    pub fn store(&self) -> &Store {
        &self.batches.loader().store
    }

    fn rows(&self) -> &Rows {
        &self.batches.loader().rows
    }

    /// The value of a key, where it has one.
    pub fn load_one<K: Key>(
        &self,
        key: K,
    ) -> impl Future<Output = Loading<Option<K::Value>>> + Send {
        match self.found(&key) {
            Some(found) => Either::Left(ready(Ok(Some(found)))),
            None => Either::Right(self.read_one(Wanted::new(key)).map(typed_one::<K>)),
        }
    }

    /// The values of some keys; those without a value are left out.
    pub fn load_many<K: Key>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> impl Future<Output = Loading<HashMap<K, K::Value>>> + Send {
        let (mut found, mut wanted) = (HashMap::new(), Vec::new());
        for key in keys {
            match self.found(&key) {
                Some(value) => drop(found.insert(key, value)),
                None => wanted.push(Wanted::new(key)),
            }
        }
        if wanted.is_empty() {
            return Either::Left(ready(Ok(found)));
        }
        Either::Right(self.read_many(wanted).map(typed_many::<K>(found)))
    }

    fn found<K: Key>(&self, key: &K) -> Option<K::Value> {
        if K::FOLLOWS_THE_LOG {
            return self.rows().get(key);
        }
        // An answer that changes while the log does not is kept for nobody else.
        self.personal.note();
        None
    }

    fn read_one(&self, wanted: Wanted) -> BoxFuture<'_, Result<Option<Loaded>, Error>> {
        let reading = self.batches.load_one(wanted);
        async {
            reading
                .await
                .unwrap_or_else(|never| match never {})
                .transpose()
        }
        .boxed()
    }

    fn read_many(&self, wanted: Vec<Wanted>) -> BoxFuture<'_, Result<Pairs, Error>> {
        let reading = self.batches.load_many(wanted);
        async {
            let found = reading.await.unwrap_or_else(|never| match never {});
            let found = found.into_iter();
            found
                .map(|(wanted, loaded)| Ok((wanted, loaded?)))
                .collect()
        }
        .boxed()
    }

    /// A value that was computed before from loaded ones, under a key that names the view.
    pub fn computed<V: Clone + 'static>(&self, key: &dyn Slot) -> Option<V> {
        self.rows().get(key)
    }

    /// Keeps a value that was computed from loaded ones, and takes the room of a number of rows.
    pub fn keep<V: Send + Sync + 'static>(&self, key: impl Slot, value: V, rows: usize) {
        self.rows().keep(Arc::new(key), Loaded::new(value, rows));
    }
}

fn typed_one<K: Key>(read: Result<Option<Loaded>, Error>) -> Result<Option<K::Value>, Error> {
    Ok(read?.and_then(|loaded| loaded.value()))
}

/// Adds what was read to what was in the cache.
fn typed_many<K: Key>(
    mut found: HashMap<K, K::Value>,
) -> impl FnOnce(Result<Pairs, Error>) -> Result<HashMap<K, K::Value>, Error> {
    move |read| {
        let pairs = read?.into_iter();
        found.extend(pairs.filter_map(|(wanted, loaded)| Some((wanted.key()?, loaded.value()?))));
        Ok(found)
    }
}

/// A key that is not in the cache.
#[derive(Clone)]
pub struct Wanted {
    key: Arc<dyn Batched>,
    hash: u64,
}

impl Wanted {
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

impl Hash for Wanted {
    fn hash<H: Hasher>(&self, state: &mut H) {
        state.write_u64(self.hash);
    }
}

impl PartialEq for Wanted {
    fn eq(&self, other: &Self) -> bool {
        self.hash == other.hash && self.key.is(&*other.key)
    }
}

impl Eq for Wanted {}

/// A key of any type, many of which are read together.
trait Batched: Slot {
    /// Whether the row cache may keep the value.
    fn is_kept(&self) -> bool;

    /// Reads keys of this type: a value or none for each, in their order.
    fn read<'a>(&self, store: &'a Store, keys: &[Wanted]) -> BoxFuture<'a, Read>;
}

type Read = Result<Vec<Option<Loaded>>, Error>;

impl<K: Key> Batched for K {
    fn is_kept(&self) -> bool {
        K::FOLLOWS_THE_LOG
    }

    fn read<'a>(&self, store: &'a Store, keys: &[Wanted]) -> BoxFuture<'a, Read> {
        let keys: Vec<K> = keys.iter().filter_map(Wanted::key).collect();
        async move {
            let mut found = K::load(store, &keys).await?;
            let loaded = |value| {
                let rows = K::rows(&value);
                Loaded::new(value, rows)
            };
            Ok(keys
                .iter()
                .map(|key| found.remove(key).map(loaded))
                .collect())
        }
        .boxed()
    }
}

/// Reads the database, and keeps what it reads in the row cache.
pub struct Reader {
    store: Store,
    rows: Rows,
}

impl Reader {
    /// Reads a database.
    pub fn new(store: Store, rows: Rows) -> Self {
        Self { store, rows }
    }

    async fn read(&self, keys: Vec<Wanted>) -> Vec<(Wanted, Result<Loaded, Error>)> {
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
        if first.is_kept() {
            self.rows.count_misses(keys.len());
        }
        let found = keys.into_iter().zip(values);
        found
            .filter_map(|(wanted, value)| Some((wanted, value?)))
            .inspect(|(wanted, value)| {
                if first.is_kept() {
                    let key: Arc<dyn Batched> = Arc::clone(&wanted.key);
                    self.rows.keep(key, value.clone());
                }
            })
            .map(|(wanted, value)| (wanted, Ok(value)))
            .collect()
    }
}

impl Loader<Wanted> for Reader {
    type Value = Result<Loaded, Error>;
    type Error = Infallible;

    /// Reads the keys of each type together, and the types side by side: where one fails, the others have their values.
    async fn load(&self, keys: &[Wanted]) -> Result<HashMap<Wanted, Self::Value>, Infallible> {
        let mut by_kind: Vec<(TypeId, Vec<Wanted>)> = Vec::new();
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
