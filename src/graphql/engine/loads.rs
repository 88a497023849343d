//! What resolvers load: from memory where it is there, and in batches where it is not.

use std::collections::HashMap;
use std::future::{Ready, ready};
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::dataloader::{DataLoader, Loader};
use futures_util::future::{BoxFuture, Either, FutureExt};

use crate::engine::rows::Rows;
use store::{Error, Store};

/// The loader of one request, or of some that are executed side by side.
#[derive(Clone)]
pub struct Loads {
    rows: Rows,
    batches: Arc<DataLoader<Store, Rows>>,
}

/// What is loaded under a key.
type Loaded<K> = <Store as Loader<K>>::Value;
/// Something that is loaded: small, since every resolver that loads anything holds one.
type Loading<'a, T> = Either<Ready<Result<T, Error>>, BoxFuture<'a, Result<T, Error>>>;

impl Loads {
    /// Looks among the rows that are there, and reads the others in batches.
    pub fn new(rows: Rows, batches: DataLoader<Store, Rows>) -> Self {
        Self {
            rows,
            batches: Arc::new(batches),
        }
    }

    /// Where it reads.
    pub fn store(&self) -> &Store {
        self.batches.loader()
    }

    /// What there is under a key.
    pub fn load_one<K>(&self, key: K) -> Loading<'_, Option<Loaded<K>>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Store: Loader<K, Error = Error>,
    {
        match self.rows.get(&key) {
            Some(found) => Either::Left(ready(Ok(Some(found)))),
            None => Either::Right(self.batches.load_one(key).boxed()),
        }
    }

    /// What there is under some keys.
    pub fn load_many<K>(
        &self,
        keys: impl IntoIterator<Item = K>,
    ) -> Loading<'_, HashMap<K, Loaded<K>>>
    where
        K: Clone + Eq + Hash + Send + Sync + 'static,
        Store: Loader<K, Error = Error>,
    {
        let keys: Vec<K> = keys.into_iter().collect();
        let found = keys
            .iter()
            .map(|key| Some((key.clone(), self.rows.get(key)?)));
        match found.collect() {
            Some(found) => Either::Left(ready(Ok(found))),
            None => Either::Right(self.batches.load_many(keys).boxed()),
        }
    }

    /// What was found before by what was loaded, under a key that names the view.
    pub fn found<K, V>(&self, key: &K) -> Option<V>
    where
        K: Eq + Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        self.rows.get(key)
    }

    /// Keeps what was found by what was loaded.
    pub fn keep<K, V>(&self, key: K, found: V)
    where
        K: Eq + Hash + Send + Sync + 'static,
        V: Clone + Send + Sync + 'static,
    {
        self.rows.keep(key, found);
    }
}
