//! Loading rows in batches, once for all nouns: by what they are looked up by, by id, around a change.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{
    ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QueryTrait, Value as SqlValue,
};

use super::Store;
use super::error::Error;
use super::moment::{Moment, column};
use super::record::{self, Noun, Row, models};
use domain::field::Content;
use domain::record::{Kind, RecordId};

/// Names something that is read from the database. Many keys of one type are read together.
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {
    /// The value that it names.
    type Value: Clone + Send + Sync + 'static;

    /// Whether the value stays the same while the log does. Only then may it be kept for later requests.
    const FOLLOWS_THE_LOG: bool;

    /// Reads the values of some keys; a key without a value is left out.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unreadable`]
    fn load(
        store: &Store,
        keys: &[Self],
    ) -> impl Future<Output = Result<HashMap<Self, Self::Value>, Error>> + Send;

    /// How many rows a value holds, or as much: the room that it takes in a cache.
    fn rows(value: &Self::Value) -> usize;
}

impl Store {
    /// Reads the values of some keys; a key without a value is left out.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unreadable`]
    pub async fn load<K: Key>(&self, keys: &[K]) -> Result<HashMap<K, K::Value>, Error> {
        K::load(self, keys).await
    }
}

/// What rows of a noun are looked up by.
pub trait Of: Clone + Debug + PartialEq + Eq + Hash + Send + Sync + 'static {
    /// The noun that is found.
    type Noun: Noun;
    /// What it is found by.
    type Key: Clone + Debug + PartialEq + Eq + Hash + Into<SqlValue> + Send + Sync + 'static;
    /// The column that holds the key.
    const COLUMN: &str;

    /// Which of the rows with its key are meant.
    fn among() -> Condition {
        Condition::all()
    }

    /// The key of a row.
    fn key(row: &<Self::Noun as EntityTrait>::Model) -> Option<Self::Key>;
}

/// Rows that stood at a moment, by what they are looked up by, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct By<O: Of> {
    key: O::Key,
    moment: Moment,
}

impl<O: Of> By<O> {
    /// The rows of `key` at a moment.
    pub fn new(_of: O, key: O::Key, moment: Moment) -> Self {
        Self { key, moment }
    }
}

impl<O: Of> Key for By<O> {
    type Value = Arc<[Arc<<O::Noun as EntityTrait>::Model>]>;
    const FOLLOWS_THE_LOG: bool = true;

    /// One statement, whatever the number of keys and moments: it takes the whole span of moments, and
    /// the choice for each key is made here.
    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let wanted: Vec<SqlValue> = distinct(keys.iter().map(|key| key.key.clone()));
        let select = O::Noun::find()
            .filter(column::<O::Noun>(O::COLUMN).is_in(wanted))
            .filter(O::among())
            .filter(span::<O::Noun>(keys.iter().map(|key| key.moment)))
            .order_by_asc(column::<O::Noun>("id"))
            .into_query();
        let rows = models::<O::Noun>(&store.reader().query_all(&select).await?)?;
        let mut moments: HashMap<&O::Key, BTreeSet<Moment>> = HashMap::new();
        for key in keys {
            moments.entry(&key.key).or_default().insert(key.moment);
        }
        // What is not there is an answer too.
        let none = keys.iter().map(|key| (key.clone(), Vec::new()));
        let mut found: HashMap<By<O>, Vec<_>> = none.collect();
        for row in rows {
            let Some(key) = O::key(&row) else { continue };
            let row = Arc::new(row);
            for moment in moments.get(&key).into_iter().flatten() {
                if moment.holds(row.since(), row.until()) {
                    let by = By {
                        key: key.clone(),
                        moment: *moment,
                    };
                    found.entry(by).or_default().push(Arc::clone(&row));
                }
            }
        }
        let found = found.into_iter();
        Ok(found.map(|(key, rows)| (key, rows.into())).collect())
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }
}

fn distinct<K: Eq + Hash + Into<SqlValue>>(keys: impl Iterator<Item = K>) -> Vec<SqlValue> {
    let keys: std::collections::HashSet<K> = keys.collect();
    keys.into_iter().map(Into::into).collect()
}

fn span<E: EntityTrait>(moments: impl Iterator<Item = Moment> + Clone) -> Condition {
    let first = moments.clone().min().unwrap_or_default();
    Moment::span::<E>(first, moments.max().unwrap_or_default())
}

/// The newest row of a record that was written by a moment, retired or not.
#[derive(Clone, Debug)]
pub struct ById<E> {
    id: RecordId,
    moment: Moment,
    noun: std::marker::PhantomData<fn() -> E>,
}

impl<E> PartialEq for ById<E> {
    fn eq(&self, other: &Self) -> bool {
        (&self.id, self.moment) == (&other.id, other.moment)
    }
}

impl<E> Eq for ById<E> {}

impl<E> Hash for ById<E> {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        (&self.id, self.moment).hash(state);
    }
}

impl<E> ById<E> {
    /// The record as it was last written by a moment.
    pub fn new(id: RecordId, moment: Moment) -> Self {
        Self {
            id,
            moment,
            noun: std::marker::PhantomData,
        }
    }
}

impl<E: Noun> Key for ById<E> {
    type Value = Arc<E::Model>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let ids = distinct(keys.iter().map(|key| key.id.clone()));
        let select = E::find()
            .filter(column::<E>("id").is_in(ids))
            .filter(span::<E>(keys.iter().map(|key| key.moment)))
            .into_query();
        let standing = models::<E>(&store.reader().query_all(&select).await?)?;
        let mut found = HashMap::new();
        newest(&standing, keys, &mut found);
        // What is left was never written, or is retired: then its last row is closed.
        let missing: Vec<ById<E>> = keys
            .iter()
            .filter(|key| !found.contains_key(*key))
            .cloned()
            .collect();
        if !missing.is_empty() {
            let ids = distinct(missing.iter().map(|key| key.id.clone()));
            let select = E::find().filter(column::<E>("id").is_in(ids)).into_query();
            let closed = models::<E>(&store.reader().query_all(&select).await?)?;
            newest(&closed, &missing, &mut found);
        }
        Ok(found)
    }

    fn rows(_: &Self::Value) -> usize {
        1
    }
}

fn newest<E: Noun>(
    rows: &[E::Model],
    keys: &[ById<E>],
    found: &mut HashMap<ById<E>, Arc<E::Model>>,
) {
    for key in keys {
        let written = rows
            .iter()
            .filter(|row| *row.id() == key.id && row.since() <= key.moment.0);
        if let Some(row) = written.max_by_key(|row| row.since()) {
            found.insert(key.clone(), Arc::new(row.clone()));
        }
    }
}

/// The rows before and after one change of a record.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Around {
    /// The record.
    pub record: RecordId,
    /// The change.
    pub sequence: i64,
}

/// The content of a record before and after a change.
pub type BeforeAndAfter = (Content, Content);

impl Key for Around {
    type Value = BeforeAndAfter;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut found = HashMap::new();
        for kind in Kind::all() {
            let keys: Vec<&Around> = keys
                .iter()
                .filter(|key| key.record.kind() == kind)
                .collect();
            if !keys.is_empty() {
                around(store, kind, &keys, &mut found).await?;
            }
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.0.len().saturating_add(value.1.len())
    }
}

async fn around(
    store: &Store,
    kind: Kind,
    keys: &[&Around],
    found: &mut HashMap<Around, BeforeAndAfter>,
) -> Result<(), Error> {
    let sequences: Vec<i64> = keys.iter().map(|key| key.sequence).collect();
    let ids = distinct(keys.iter().map(|key| key.record.clone()));
    let rows = record::rows(store.reader(), kind, |column| {
        let touched = column("since")
            .is_in(sequences.clone())
            .or(column("until").is_in(sequences));
        Condition::all().add(column("id").is_in(ids)).add(touched)
    });
    let rows = rows.await?;
    for key in keys {
        let mut pair = BeforeAndAfter::default();
        for (_, row) in rows.iter().filter(|(id, _)| *id == key.record) {
            if row.until == Some(key.sequence) {
                pair.0.clone_from(&row.content);
            }
            if row.since == key.sequence {
                pair.1.clone_from(&row.content);
            }
        }
        found.insert((*key).clone(), pair);
    }
    Ok(())
}
