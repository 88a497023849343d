//! Finding, listing, loading and writing records, once for all nouns.

use std::collections::{BTreeSet, HashMap};
use std::fmt::Debug;
use std::hash::Hash;
use std::sync::Arc;

use async_graphql::dataloader::Loader;
use sea_orm::sea_query::{Condition, Expr, ExprTrait, Order};
use sea_orm::{
    ConnectionTrait, EntityTrait, IntoActiveModel, PaginatorTrait, QueryFilter, QueryOrder,
    QuerySelect, Select, Value as SqlValue,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::error::Error;
use super::moment::{Moment, column};
use super::page::{Page, Slice};
use super::{Store, country, source, treaty, treaty_event};
use crate::domain::noun::Content;
use crate::domain::record::{Kind, RecordId};
use crate::domain::text::CountryCode;

/// A row of a versioned table.
pub trait Row: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The record.
    fn id(&self) -> &RecordId;
    /// The sequence number of the change that wrote the row.
    fn since(&self) -> i64;
    /// The sequence number of the change that replaced or retired it.
    fn until(&self) -> Option<i64>;
    /// Which version of the record it is, counted from 1.
    fn version(&self) -> i32;
}

/// A table with one row per version.
pub trait Noun:
    EntityTrait<
        Model: Row + IntoActiveModel<<Self as EntityTrait>::ActiveModel>,
        ActiveModel: Send,
    >
{
    /// The noun.
    const KIND: Kind;
    /// The column that names a record's country, where records belong to one.
    const COUNTRY: Option<&str> = None;
}

/// Makes the entity of a noun from its declaration in `domain`.
macro_rules! entity {
    (
        $(#[$doc:meta])*
        $noun:ident in $table:literal as $fields:ident, $create:ident, $update:ident citing $cite:ty {
            $( $(#[$field_doc:meta])* $field:ident: $type:ty, )+
        } keeping { $( $kept:ident: $kept_type:ty, )* }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize, Deserialize)]
        #[sea_orm(table_name = $table)]
        #[serde(rename_all = "camelCase")]
        pub struct Model {
            /// The record.
            #[sea_orm(primary_key, auto_increment = false)]
            pub id: RecordId,
            /// The change that wrote the row.
            #[sea_orm(primary_key, auto_increment = false)]
            pub since: i64,
            /// The change that replaced or retired it.
            pub until: Option<i64>,
            /// Counted from 1.
            pub version: i32,
            $( $(#[$field_doc])* pub $field: $type, )+
            $(
                /// Kept so that the database can sort and filter.
                pub $kept: $kept_type,
            )*
        }

        /// None: relations would be blind to versions.
        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}

        impl $crate::store::record::Row for Model {
            fn id(&self) -> &RecordId {
                &self.id
            }
            fn since(&self) -> i64 {
                self.since
            }
            fn until(&self) -> Option<i64> {
                self.until
            }
            fn version(&self) -> i32 {
                self.version
            }
        }
    };
}
pub(super) use entity;

/// Asks the same of any noun, by its kind.
macro_rules! of_kind {
    ($kind:expr, $noun:ident => $answer:expr) => {
        match $kind {
            Kind::Country => { type $noun = country::Entity; $answer }
            Kind::Treaty => { type $noun = treaty::Entity; $answer }
            Kind::TreatyEvent => { type $noun = treaty_event::Entity; $answer }
            Kind::Source => { type $noun = source::Entity; $answer }
        }
    };
}

/// What rows of a noun are looked up by.
pub trait Of: Clone + Debug + PartialEq + Eq + Hash + Send + Sync + 'static {
    /// The noun that is found.
    type Noun: Noun;
    /// What it is found by.
    type Key: Clone + Debug + PartialEq + Eq + Hash + Into<SqlValue> + Send + Sync + 'static;
    /// The column that holds the key.
    const COLUMN: &str;

    /// The key of a row.
    fn key(row: &<Self::Noun as EntityTrait>::Model) -> Option<Self::Key>;

    /// What else the rows must be.
    fn narrowed(&self) -> Condition {
        Condition::all()
    }
}

/// Rows that stood at a moment, by what they are looked up by, in the order of their ids.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct By<O: Of> {
    of: O,
    key: O::Key,
    moment: Moment,
}

impl<O: Of> By<O> {
    /// The rows of `key` at a moment.
    pub fn new(of: O, key: O::Key, moment: Moment) -> Self {
        Self { of, key, moment }
    }
}

impl<O: Of> Loader<By<O>> for Store {
    type Value = Vec<Arc<<O::Noun as EntityTrait>::Model>>;
    type Error = Error;

    /// One statement for each way of narrowing, whatever the number of keys and moments: it takes
    /// the whole span of moments, and the choice for each key is made here.
    async fn load(&self, keys: &[By<O>]) -> Result<HashMap<By<O>, Self::Value>, Error> {
        let mut groups: HashMap<&O, Vec<&By<O>>> = HashMap::new();
        for key in keys {
            groups.entry(&key.of).or_default().push(key);
        }
        let mut found: HashMap<By<O>, Self::Value> = HashMap::new();
        for (of, keys) in groups {
            let wanted: Vec<SqlValue> = distinct(keys.iter().map(|key| key.key.clone()));
            let rows = O::Noun::find()
                .filter(column::<O::Noun>(O::COLUMN).is_in(wanted))
                .filter(span::<O::Noun>(keys.iter().map(|key| key.moment)))
                .filter(of.narrowed())
                .order_by_asc(column::<O::Noun>("id"))
                .all(self.reader())
                .await?;
            let mut moments: HashMap<&O::Key, BTreeSet<Moment>> = HashMap::new();
            for key in keys {
                moments.entry(&key.key).or_default().insert(key.moment);
            }
            for row in rows {
                let Some(key) = O::key(&row) else { continue };
                let row = Arc::new(row);
                for moment in moments.get(&key).into_iter().flatten() {
                    if moment.holds(row.since(), row.until()) {
                        let by = By::new(of.clone(), key.clone(), *moment);
                        found.entry(by).or_default().push(Arc::clone(&row));
                    }
                }
            }
        }
        Ok(found)
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
        Self { id, moment, noun: std::marker::PhantomData }
    }
}

impl<E: Noun> Loader<ById<E>> for Store {
    type Value = Arc<E::Model>;
    type Error = Error;

    async fn load(&self, keys: &[ById<E>]) -> Result<HashMap<ById<E>, Self::Value>, Error> {
        let ids = distinct(keys.iter().map(|key| key.id.clone()));
        let standing = E::find()
            .filter(column::<E>("id").is_in(ids))
            .filter(span::<E>(keys.iter().map(|key| key.moment)))
            .all(self.reader())
            .await?;
        let mut found = HashMap::new();
        newest(&standing, keys, &mut found);
        // What is left was never written, or is retired: then its last row is closed.
        let missing: Vec<ById<E>> =
            keys.iter().filter(|key| !found.contains_key(*key)).cloned().collect();
        if !missing.is_empty() {
            let ids = distinct(missing.iter().map(|key| key.id.clone()));
            let closed = E::find().filter(column::<E>("id").is_in(ids)).all(self.reader()).await?;
            newest(&closed, &missing, &mut found);
        }
        Ok(found)
    }
}

fn newest<E: Noun>(
    rows: &[E::Model],
    keys: &[ById<E>],
    found: &mut HashMap<ById<E>, Arc<E::Model>>,
) {
    for key in keys {
        let written = rows.iter().filter(|row| *row.id() == key.id && row.since() <= key.moment.0);
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

impl Loader<Around> for Store {
    type Value = BeforeAndAfter;
    type Error = Error;

    async fn load(&self, keys: &[Around]) -> Result<HashMap<Around, Self::Value>, Error> {
        let mut found = HashMap::new();
        for kind in Kind::ALL {
            let keys: Vec<&Around> = keys.iter().filter(|key| key.record.kind() == kind).collect();
            if !keys.is_empty() {
                of_kind!(kind, E => around::<E>(self, &keys, &mut found).await?);
            }
        }
        Ok(found)
    }
}

async fn around<E: Noun>(
    store: &Store,
    keys: &[&Around],
    found: &mut HashMap<Around, BeforeAndAfter>,
) -> Result<(), Error> {
    let sequences: Vec<i64> = keys.iter().map(|key| key.sequence).collect();
    let touched = column::<E>("since")
        .is_in(sequences.clone())
        .or(column::<E>("until").is_in(sequences));
    let rows = E::find()
        .filter(column::<E>("id").is_in(distinct(keys.iter().map(|key| key.record.clone()))))
        .filter(touched)
        .all(store.reader())
        .await?;
    for key in keys {
        let mut pair = BeforeAndAfter::default();
        for row in rows.iter().filter(|row| *row.id() == key.record) {
            if row.until() == Some(key.sequence) {
                pair.0 = content(row)?;
            }
            if row.since() == key.sequence {
                pair.1 = content(row)?;
            }
        }
        found.insert((*key).clone(), pair);
    }
    Ok(())
}

/// The content of a row, in the form of the noun's input; what has no value is left out.
pub fn content<R: Row>(row: &R) -> Result<Content, Error> {
    let Value::Object(mut whole) = serde_json::to_value(row)? else {
        return Err(Error::Unreadable("a row that is no object".to_owned()));
    };
    let fields = row.id().kind().fields();
    let mut content = Content::new();
    for field in fields {
        let name = field.name.camel();
        if let Some(value) = whole.remove(&name) {
            let value = field
                .read(value, &crate::domain::check::Path::default())
                .unwrap_or(Value::Null);
            if !Value::is_null(&value) && !value.as_array().is_some_and(Vec::is_empty) {
                content.insert(name, value);
            }
        }
    }
    Ok(content)
}

/// A record as it stands now, for the write path.
#[derive(Clone, Debug)]
pub struct Current {
    /// The change that wrote it.
    pub since: i64,
    /// Which version it is.
    pub version: i32,
    /// All its content.
    pub content: Content,
}

/// Some rows of a noun, whichever it is.
pub async fn rows<C: ConnectionTrait>(
    db: &C,
    kind: Kind,
    condition: impl Fn(&dyn Fn(&str) -> Expr) -> Condition,
) -> Result<Vec<(RecordId, Current)>, Error> {
    of_kind!(kind, E => {
        let rows = E::find().filter(condition(&column::<E>)).all(db).await?;
        rows.iter()
            .map(|row| {
                let current = Current {
                    since: row.since(),
                    version: row.version(),
                    content: content(row)?,
                };
                Ok((row.id().clone(), current))
            })
            .collect()
    })
}

/// Writes the next row of a record, after closing the one that stands.
pub async fn put<C: ConnectionTrait>(
    db: &C,
    id: &RecordId,
    sequence: i64,
    replaces: Option<&Current>,
    mut whole: Content,
) -> Result<(), Error> {
    of_kind!(id.kind(), E => {
        if let Some(current) = replaces {
            close::<E, C>(db, id, current.since, sequence).await?;
        }
        for field in id.kind().fields() {
            whole.entry(field.name.camel()).or_insert_with(|| field.empty());
        }
        whole.insert("id".to_owned(), json!(id));
        whole.insert("since".to_owned(), json!(sequence));
        whole.insert("until".to_owned(), Value::Null);
        let version = replaces.map_or(1, |current| current.version.saturating_add(1));
        whole.insert("version".to_owned(), json!(version));
        let row: <E as EntityTrait>::Model = serde_json::from_value(Value::Object(whole))?;
        let row = row.into_active_model();
        E::insert(row).exec_without_returning(db).await?;
    });
    Ok(())
}

async fn close<E: Noun, C: ConnectionTrait>(
    db: &C,
    id: &RecordId,
    since: i64,
    until: i64,
) -> Result<(), Error> {
    let closed = E::update_many()
        .col_expr(until_column::<E>()?, Expr::value(until))
        .filter(column::<E>("id").eq(id.clone()))
        .filter(column::<E>("since").eq(since))
        .filter(Moment::current::<E>())
        .exec(db)
        .await?;
    if closed.rows_affected == 1 {
        Ok(())
    } else {
        Err(Error::Unreadable(format!("{id} has no row to close")))
    }
}

fn until_column<E: EntityTrait>() -> Result<E::Column, Error> {
    use std::str::FromStr;
    E::Column::from_str("until").map_err(|_| Error::Unreadable("no column until".to_owned()))
}

/// A list of a noun: which rows, and in which order, which ends in the id.
#[derive(Clone, Debug)]
pub struct Listing {
    /// Which rows, of those that stood at the moment.
    pub filter: Condition,
    /// The columns it is sorted by; `id` follows.
    pub order: Vec<(&'static str, Order)>,
}

impl Store {
    /// A page of a list as it was at a moment.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn list<E: Noun>(
        &self,
        moment: Moment,
        listing: Listing,
        page: &Page,
    ) -> Result<Slice<(Vec<Value>, E::Model)>, Error> {
        let mut order = listing.order;
        order.push(("id", Order::Asc));
        let whole = E::find().filter(moment.filter::<E>()).filter(listing.filter);
        let slice = keyset(self.reader(), whole, &order, page).await?;
        let keys: Result<Vec<_>, Error> =
            slice.rows.iter().map(|row| key_of(row, &order)).collect();
        let mut keys = keys?.into_iter();
        Ok(slice.map(|row| (keys.next().unwrap_or_default(), row)))
    }

    /// A page of the ids of all records of some nouns, and countries, that stood at a moment.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn records(
        &self,
        moment: Moment,
        kinds: &[Kind],
        countries: Option<&[CountryCode]>,
        page: &Page,
    ) -> Result<Slice<RecordId>, Error> {
        let mut whole = Slice { rows: Vec::new(), has_next: false, has_previous: false, total: None };
        for kind in kinds {
            let part = of_kind!(*kind, E => ids::<E>(self, moment, countries, page).await?);
            let Some(part) = part else { continue };
            whole.rows.extend(part.rows);
            whole.has_next |= part.has_next;
            whole.has_previous |= part.has_previous;
            let counted = part.total.map(|count| count.saturating_add(whole.total.unwrap_or(0)));
            whole.total = counted.or(whole.total);
        }
        whole.rows.sort_unstable();
        let size = usize::try_from(page.size).unwrap_or(usize::MAX);
        let surplus = whole.rows.len().saturating_sub(size);
        if surplus > 0 && page.forward {
            whole.rows.truncate(size);
            whole.has_next = true;
        } else if surplus > 0 {
            whole.rows.drain(..surplus);
            whole.has_previous = true;
        }
        Ok(whole)
    }
}

async fn ids<E: Noun>(
    store: &Store,
    moment: Moment,
    countries: Option<&[CountryCode]>,
    page: &Page,
) -> Result<Option<Slice<RecordId>>, Error> {
    let mut whole = E::find().filter(moment.filter::<E>());
    if let Some(countries) = countries {
        let Some(of) = E::COUNTRY else { return Ok(None) };
        whole = whole.filter(column::<E>(of).is_in(countries.iter().cloned()));
    }
    let slice = keyset(store.reader(), whole, &[("id", Order::Asc)], page).await?;
    Ok(Some(slice.map(|row| row.id().clone())))
}

/// A page of rows by the key that their order is made of.
pub(super) async fn keyset<E: EntityTrait>(
    db: &sea_orm::DatabaseConnection,
    whole: Select<E>,
    order: &[(&str, Order)],
    page: &Page,
) -> Result<Slice<E::Model>, Error>
where
    E::Model: Send + Sync,
{
    let mut part = whole.clone();
    for (bound, after) in [(&page.after, true), (&page.before, false)] {
        if let Some(bound) = bound {
            part = part.filter(beyond::<E>(order, bound, after)?);
        }
    }
    for (name, direction) in order {
        let direction = if page.forward { direction.clone() } else { reverse(direction) };
        part = part.order_by(column::<E>(name), direction);
    }
    let mut rows = part.limit(page.size.saturating_add(1)).all(db).await?;
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let more = rows.len() > size;
    rows.truncate(size);
    if !page.forward {
        rows.reverse();
    }
    let mut outside = [false, false];
    for ((bound, after), answer) in
        [(&page.after, false), (&page.before, true)].into_iter().zip(&mut outside)
    {
        if let Some(bound) = bound {
            let beyond = beyond_or_at::<E>(order, bound, after)?;
            *answer = whole.clone().filter(beyond).limit(1).one(db).await?.is_some();
        }
    }
    let [before, after] = outside;
    let total = if page.count { Some(whole.count(db).await?) } else { None };
    Ok(Slice {
        rows,
        has_next: after || (page.forward && more),
        has_previous: before || (!page.forward && more),
        total,
    })
}

fn reverse(order: &Order) -> Order {
    if *order == Order::Asc { Order::Desc } else { Order::Asc }
}

fn key_of<R: Row>(row: &R, order: &[(&str, Order)]) -> Result<Vec<Value>, Error> {
    let whole = serde_json::to_value(row)?;
    let value = |(name, _): &(&str, Order)| {
        whole.get(crate::domain::record::camel_case(name)).cloned().unwrap_or_default()
    };
    Ok(order.iter().map(value).collect())
}

fn sql(value: &Value) -> Result<SqlValue, Error> {
    match value {
        Value::String(text) => Ok(text.clone().into()),
        Value::Number(number) if number.is_i64() => Ok(number.as_i64().into()),
        _ => Err(Error::Unreadable("a list cursor with a strange key".to_owned())),
    }
}

/// The rows that come after a key, or before it.
fn beyond<E: EntityTrait>(
    order: &[(&str, Order)],
    key: &[Value],
    after: bool,
) -> Result<Condition, Error> {
    let mut any = Condition::any();
    let mut equal = Condition::all();
    for ((name, direction), value) in order.iter().zip(key) {
        let value = sql(value)?;
        let ascends = (*direction == Order::Asc) == after;
        let further = if ascends {
            column::<E>(name).gt(value.clone())
        } else {
            column::<E>(name).lt(value.clone())
        };
        any = any.add(equal.clone().add(further));
        equal = equal.add(column::<E>(name).eq(value));
    }
    Ok(any)
}

fn beyond_or_at<E: EntityTrait>(
    order: &[(&str, Order)],
    key: &[Value],
    after: bool,
) -> Result<Condition, Error> {
    let mut at = Condition::all();
    for ((name, _), value) in order.iter().zip(key) {
        at = at.add(column::<E>(name).eq(sql(value)?));
    }
    Ok(Condition::any().add(beyond::<E>(order, key, after)?).add(at))
}
