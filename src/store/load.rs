//! Loads rows in batches, written once for all nouns: by a column, by id, and around a change.

use std::collections::{BTreeSet, HashMap, HashSet};
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
use super::touched::Touched;
use domain::field::Content;
use domain::record::{Kind, RecordId};

/// A loader key: names a value that is read from the database. Many keys of one type are read together.
#[async_trait::async_trait]
pub trait Key: Clone + Eq + Hash + Send + Sync + 'static {
    /// The value that the key names.
    type Value: Clone + Send + Sync + 'static;

    /// True if the value can change only when the log grows. Only then may it be cached for later requests.
    const FOLLOWS_THE_LOG: bool;

    /// Reads the values of some keys. A key without a value is left out.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unreadable`]
    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error>;

    /// The number of rows in a value, or a comparable size.
    fn rows(value: &Self::Value) -> usize;

    /// Size of a value in memory, in bytes, approximate: its weight in a cache.
    fn size(value: &Self::Value) -> usize {
        Self::rows(value).saturating_mul(SMALL_ROW)
    }

    /// The moment of the key, if [`Self::after`] may bring its value to a later one.
    fn moment(&self) -> Option<Moment> {
        None
    }

    /// The same key at another moment.
    fn at(&self, _moment: Moment) -> Self {
        self.clone()
    }

    /// The value after some changes, made from the value before them; `None` if it must be read again. It must be equal
    /// to the value that [`Self::load`] reads after them.
    fn after(&self, _before: &Self::Value, _changes: &Touched) -> Option<Self::Value> {
        None
    }
}

/// Size of a small row in memory, in bytes, approximate.
const SMALL_ROW: usize = 256;
/// The most rows that are measured to estimate the size of a value.
const MEASURED_ROWS: usize = 8;

/// Size of rows in memory, in bytes: estimated from some of them, by the length of their texts.
pub(crate) fn size_of<'a, R: Row>(rows: impl ExactSizeIterator<Item = &'a R>) -> usize {
    let count = rows.len();
    let step = count.div_ceil(MEASURED_ROWS).max(1);
    let (mut measured, mut bytes) = (0_usize, 0_usize);
    for row in rows.step_by(step) {
        let texts = serde_json::to_vec(row).map_or(0, |written| written.len());
        bytes = bytes.saturating_add(size_of_val(row)).saturating_add(texts);
        measured = measured.saturating_add(1);
    }
    bytes
        .saturating_mul(count)
        .checked_div(measured)
        .unwrap_or(SMALL_ROW)
}

impl Store {
    /// Reads the values of some keys. A key without a value is left out.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unreadable`]
    pub async fn load<K: Key>(&self, keys: &[K]) -> Result<HashMap<K, K::Value>, Error> {
        if !K::FOLLOWS_THE_LOG {
            return K::load(self, keys).await;
        }
        K::load(&self.of_log().await, keys).await
    }
}

/// A column by which rows of a noun are looked up.
pub trait Of: Clone + Debug + PartialEq + Eq + Hash + Send + Sync + 'static {
    /// The noun.
    type Noun: Noun;
    /// The type of the key.
    type Key: Clone + Debug + PartialEq + Eq + Hash + Into<SqlValue> + Send + Sync + 'static;
    /// The column that contains the key.
    const COLUMN: &str;

    /// Restricts the rows with the key; by default all are returned.
    fn filter() -> Condition {
        Condition::all()
    }

    /// True if [`Self::filter`] accepts the row.
    fn accepts(_row: &<Self::Noun as EntityTrait>::Model) -> bool {
        true
    }

    /// The key of a row.
    fn key(row: &<Self::Noun as EntityTrait>::Model) -> Option<Self::Key>;
}

/// Loader key for the rows of a noun that are valid at a moment, by a column; sorted by id.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct By<O: Of> {
    key: O::Key,
    moment: Moment,
}

impl<O: Of> By<O> {
    /// The rows with `key` at a moment.
    pub fn new(_of: O, key: O::Key, moment: Moment) -> Self {
        Self { key, moment }
    }
}

#[async_trait::async_trait]
impl<O: Of> Key for By<O> {
    type Value = Arc<[Arc<<O::Noun as EntityTrait>::Model>]>;
    const FOLLOWS_THE_LOG: bool = true;

    /// Executes one statement for any number of keys and moments. It reads the whole span of moments; the rows of each
    /// key are chosen here.
    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let wanted: Vec<SqlValue> = distinct(keys.iter().map(|key| key.key.clone()));
        let select = O::Noun::find()
            .filter(column::<O::Noun>(O::COLUMN).is_in(wanted))
            .filter(O::filter())
            .filter(span::<O::Noun>(keys.iter().map(|key| key.moment)))
            .order_by_asc(column::<O::Noun>("id"))
            .into_query();
        let rows = models::<O::Noun>(&store.reader().query_all(&select).await?)?;
        let mut moments: HashMap<&O::Key, BTreeSet<Moment>> = HashMap::new();
        for key in keys {
            moments.entry(&key.key).or_default().insert(key.moment);
        }
        // A key without rows has the empty list as its value, so that this answer is cached, too.
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

    fn size(value: &Self::Value) -> usize {
        size_of(value.iter().map(AsRef::as_ref))
    }

    fn moment(&self) -> Option<Moment> {
        Some(self.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        let key = self.key.clone();
        Self { key, moment }
    }

    /// Takes out the rows that ended, and puts in those that began.
    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        let is_of = |row: &&Arc<<O::Noun as EntityTrait>::Model>| {
            O::key(row).as_ref() == Some(&self.key) && O::accepts(row)
        };
        if !changes.rows::<O::Noun>().iter().any(|row| is_of(&row)) {
            return Some(Arc::clone(before));
        }
        let ended: HashSet<&RecordId> = changes.ended::<O::Noun>().map(|row| row.id()).collect();
        let kept = before.iter().filter(|row| !ended.contains(row.id()));
        let mut rows: Vec<_> = kept.cloned().collect();
        rows.extend(changes.begun::<O::Noun>().filter(is_of).cloned());
        rows.sort_by(|one, other| one.id().cmp(other.id()));
        Some(rows.into())
    }
}

fn distinct<K: Eq + Hash + Into<SqlValue>>(keys: impl Iterator<Item = K>) -> Vec<SqlValue> {
    let keys: HashSet<K> = keys.collect();
    keys.into_iter().map(Into::into).collect()
}

fn span<E: EntityTrait>(moments: impl Iterator<Item = Moment> + Clone) -> Condition {
    let first = moments.clone().min().unwrap_or_default();
    Moment::span::<E>(first, moments.max().unwrap_or_default())
}

/// Loader key for the last row of a record that was written up to a moment, retired or not.
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
    /// The last row of the record at a moment.
    pub fn new(id: RecordId, moment: Moment) -> Self {
        Self {
            id,
            moment,
            noun: std::marker::PhantomData,
        }
    }
}

#[async_trait::async_trait]
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
        // The remaining records do not exist or are retired; the last row of a retired record is closed.
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

    fn size(value: &Self::Value) -> usize {
        size_of(std::iter::once(value.as_ref()))
    }

    fn moment(&self) -> Option<Moment> {
        Some(self.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        Self::new(self.id.clone(), moment)
    }

    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        (!changes.has(&self.id)).then(|| Arc::clone(before))
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

/// Loader key for the content of a record before and after one change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContentAround {
    /// The record.
    pub record: RecordId,
    /// The sequence number of the change.
    pub sequence: i64,
}

/// The content of a record before and after a change; empty if there is none.
pub type BeforeAndAfter = (Content, Content);

#[async_trait::async_trait]
impl Key for ContentAround {
    type Value = BeforeAndAfter;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut found = HashMap::new();
        for kind in Kind::all() {
            let keys: Vec<&ContentAround> = keys
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
    keys: &[&ContentAround],
    found: &mut HashMap<ContentAround, BeforeAndAfter>,
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
