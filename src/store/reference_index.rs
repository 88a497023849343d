//! The reference index: values that a field of a record names, which are ids, codes, references and words of lists.
//! It has rows next to those of the records, so that records can be found by the values they name.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Query, SelectStatement};
use sea_orm::{ConnectionTrait, IntoActiveModel, QueryOrder};

use super::error::Error;
use super::moment::{At, Moment, column};
use super::record::{self, ROWS_PER_STATEMENT};
use super::touched::Touched;
use super::{Store, change};
use crate::load::Key;
use domain::date::Date;
use domain::record::{Kind, RecordField, RecordId};
use domain::reference::IndexedReference;

/// One value that a field of a record names.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "mention")]
pub struct Model {
    /// The record that contains the value.
    #[sea_orm(primary_key, auto_increment = false)]
    pub record: RecordId,
    /// The field.
    #[sea_orm(primary_key, auto_increment = false)]
    pub field: RecordField,
    /// The id of a record, a country code, a treaty reference, or the word of an enum value.
    #[sea_orm(primary_key, auto_increment = false)]
    pub value: String,
    /// The first day in the world on which the record names the value.
    #[sea_orm(primary_key, auto_increment = false)]
    pub begins: Date,
    /// The last day in the world on which the record names the value.
    pub ends: Date,
    /// The sequence number of the change that brought the value.
    #[sea_orm(primary_key, auto_increment = false)]
    pub since: i64,
    /// The sequence number of the change that removed the value; `None` while it is valid.
    pub until: Option<i64>,
}

/// Empty: relations of the ORM would ignore versions.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Selects the ids of the records that name one of the values in a field, in a view.
pub fn naming(
    field: RecordField,
    values: impl IntoIterator<Item = String>,
    at: At,
) -> SelectStatement {
    Query::select()
        .column(Column::Record)
        .from(Entity)
        .cond_where(at.moment.filter::<Entity>())
        .and_where(column::<Entity>("field").eq(field))
        .and_where(column::<Entity>("value").is_in(values))
        .and_where(column::<Entity>("begins").lte(at.as_of))
        .and_where(column::<Entity>("ends").gte(at.as_of))
        .to_owned()
}

/// Selects the codes of the countries to which records belong that are no treaty events, in a view.
pub fn described_countries(at: At) -> SelectStatement {
    let treaty_events = format!("{}:%", Kind::TreatyEvent);
    Query::select()
        .distinct()
        .column(Column::Value)
        .from(Entity)
        .cond_where(at.moment.filter::<Entity>())
        .and_where(column::<Entity>("field").eq(RecordField::Country))
        .and_where(column::<Entity>("record").not_like(treaty_events))
        .to_owned()
}

/// Selects the ids of the current records that name any value in a field.
pub(super) fn naming_any(field: RecordField) -> SelectStatement {
    Query::select()
        .column(Column::Record)
        .from(Entity)
        .cond_where(Moment::current::<Entity>())
        .and_where(column::<Entity>("field").eq(field))
        .to_owned()
}

/// Loader key for the ids of the records that name a value in a field at a moment, sorted.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct RecordsNaming {
    /// The field.
    pub field: RecordField,
    /// The value.
    pub value: String,
    /// The moment.
    pub moment: Moment,
}

#[async_trait::async_trait]
impl Key for RecordsNaming {
    type Value = Vec<RecordId>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let fields: HashSet<RecordField> = keys.iter().map(|key| key.field).collect();
        let values: HashSet<&String> = keys.iter().map(|key| &key.value).collect();
        let first = keys.iter().map(|key| key.moment).min().unwrap_or_default();
        let last = keys.iter().map(|key| key.moment).max().unwrap_or_default();
        let rows = Entity::find()
            .filter(column::<Entity>("field").is_in(fields))
            .filter(column::<Entity>("value").is_in(values.into_iter().cloned()))
            .filter(Moment::span::<Entity>(first, last))
            .all(store.reader())
            .await?;
        let named = |key: &RecordsNaming| {
            let rows = rows.iter().filter(|row| {
                row.field == key.field
                    && row.value == key.value
                    && key.moment.holds(row.since, row.until)
            });
            let mut ids: Vec<RecordId> = rows.map(|row| row.record.clone()).collect();
            ids.sort_unstable();
            ids.dedup();
            ids
        };
        Ok(keys.iter().map(|key| (key.clone(), named(key))).collect())
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }

    fn moment(&self) -> Option<Moment> {
        Some(self.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        Self {
            moment,
            ..self.clone()
        }
    }

    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        let mut touched = changes.mentions().iter();
        let is_of = |row: &Model| row.field == self.field && row.value == self.value;
        (!touched.any(is_of)).then(|| before.clone())
    }
}

/// Reads the current records that name one of the values, with that value; sorted by record.
pub(super) async fn naming_now<C: ConnectionTrait>(
    db: &C,
    values: impl IntoIterator<Item = String>,
) -> Result<Vec<(RecordId, String)>, Error> {
    let rows = Entity::find()
        .filter(column::<Entity>("value").is_in(values))
        .filter(Moment::current::<Entity>())
        .order_by_asc(Column::Record)
        .all(db)
        .await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.record, row.value))
        .collect())
}

/// Ends the values that are only in `before`, and returns rows for those that are only in `after`. Does not insert
/// them.
pub(super) async fn replace<C: ConnectionTrait>(
    db: &C,
    record: &RecordId,
    sequence: i64,
    before: &[IndexedReference],
    after: &[IndexedReference],
) -> Result<Vec<ActiveModel>, Error> {
    for reference in only_in(before, after) {
        Entity::update_many()
            .col_expr(Column::Until, Expr::value(sequence))
            .filter(column::<Entity>("record").eq(record.clone()))
            .filter(column::<Entity>("field").eq(reference.field))
            .filter(column::<Entity>("value").eq(reference.value.clone()))
            .filter(column::<Entity>("begins").eq(reference.begins))
            .filter(column::<Entity>("ends").eq(reference.ends))
            .filter(Moment::current::<Entity>())
            .exec(db)
            .await?;
    }
    let new = added(record, sequence, before, after).into_iter();
    Ok(new.map(Model::into_active_model).collect())
}

/// The values of `one` that `other` lacks.
pub(super) fn only_in<'a>(
    one: &'a [IndexedReference],
    other: &'a [IndexedReference],
) -> impl Iterator<Item = &'a IndexedReference> {
    one.iter().filter(|reference| !other.contains(reference))
}

/// Rows for the values that a change adds to a record.
pub(super) fn added(
    record: &RecordId,
    sequence: i64,
    before: &[IndexedReference],
    after: &[IndexedReference],
) -> Vec<Model> {
    let new = only_in(after, before);
    new.map(|value| row(record, value, sequence, None))
        .collect()
}

fn row(record: &RecordId, reference: &IndexedReference, since: i64, until: Option<i64>) -> Model {
    Model {
        record: record.clone(),
        field: reference.field,
        value: reference.value.clone(),
        begins: reference.begins,
        ends: reference.ends,
        since,
        until,
    }
}

/// Reads the current values of records, by record.
pub(super) async fn of_records<C: ConnectionTrait>(
    db: &C,
    records: Vec<RecordId>,
) -> Result<HashMap<RecordId, Vec<Model>>, Error> {
    let rows = Entity::find()
        .filter(column::<Entity>("record").is_in(records))
        .filter(Moment::current::<Entity>());
    let mut found: HashMap<RecordId, Vec<Model>> = HashMap::new();
    for row in rows.all(db).await? {
        found.entry(row.record.clone()).or_default().push(row);
    }
    Ok(found)
}

/// Reads the values of records that are valid at any moment from `first` to `last`, by record.
pub(super) async fn between<C: ConnectionTrait>(
    db: &C,
    records: Vec<RecordId>,
    first: i64,
    last: i64,
) -> Result<HashMap<RecordId, Vec<Model>>, Error> {
    let rows = Entity::find()
        .filter(column::<Entity>("record").is_in(records))
        .filter(Moment::span::<Entity>(Moment(first), Moment(last)));
    let mut found: HashMap<RecordId, Vec<Model>> = HashMap::new();
    for row in rows.all(db).await? {
        found.entry(row.record.clone()).or_default().push(row);
    }
    Ok(found)
}

impl Model {
    /// The value, without its record and validity.
    pub(super) fn reference(&self) -> IndexedReference {
        IndexedReference {
            field: self.field,
            value: self.value.clone(),
            begins: self.begins,
            ends: self.ends,
        }
    }
}

/// True if the index has rows, or the log is empty.
pub(super) async fn is_filled<C: ConnectionTrait>(db: &C) -> Result<bool, Error> {
    let has_rows = Entity::find().one(db).await?.is_some();
    Ok(has_rows || change::Entity::find().one(db).await?.is_none())
}

/// Fills the index of a database whose log is older than this table.
pub(super) async fn fill<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    // Another process may have filled it in the meantime.
    if is_filled(db).await? {
        return Ok(());
    }
    for kind in Kind::all() {
        let rows = record::rows(db, kind, |_| Condition::all()).await?;
        let mut index_rows = Vec::new();
        for (id, version) in rows {
            let evaluation = kind
                .evaluate(&version.content)
                .map_err(|_| Error::Unreadable(format!("version {} of {id}", version.version)))?;
            let rows = evaluation.indexed_references();
            index_rows
                .extend(rows.iter().map(|value| {
                    row(&id, value, version.since, version.until).into_active_model()
                }));
        }
        insert(db, index_rows).await?;
    }
    Ok(())
}

/// Inserts rows.
pub(super) async fn insert<C: ConnectionTrait>(
    db: &C,
    rows: Vec<ActiveModel>,
) -> Result<(), Error> {
    for some in rows.chunks(ROWS_PER_STATEMENT) {
        Entity::insert_many(some.to_vec())
            .exec_without_returning(db)
            .await?;
    }
    Ok(())
}
