//! Citations: the link from a field of a record to a source. A citation is valid until its field changes.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;
use sea_orm::{ConnectionTrait, QueryOrder};

use super::Store;
use super::error::Error;
use super::moment::{Moment, column};
use super::record::ROWS_PER_STATEMENT;
use super::touched::Touched;
use crate::load::Key;
use domain::citation::{Certainty, CheckedCitation, FieldCitation};
use domain::record::{RecordField, RecordId};

/// The citation of one source for one field of one record.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "citation")]
pub struct Model {
    /// The record.
    #[sea_orm(primary_key, auto_increment = false)]
    pub record: RecordId,
    /// The field that the source supports.
    #[sea_orm(primary_key, auto_increment = false)]
    pub field: RecordField,
    /// The sequence number of the change that brought the citation.
    #[sea_orm(primary_key, auto_increment = false)]
    pub since: i64,
    /// The position of the citation within that change, counted from 0.
    #[sea_orm(primary_key, auto_increment = false)]
    pub position: i32,
    /// The sequence number of the change that ended the citation; `None` while it is valid.
    pub until: Option<i64>,
    /// The source.
    pub source: RecordId,
    /// The place within the source.
    pub locator: Option<String>,
    /// The words of the source.
    pub quote: Option<String>,
    /// The degree to which the source supports the value.
    pub certainty: Certainty,
}

impl Model {
    /// The content of the citation, without its record and validity.
    pub fn field_citation(&self) -> FieldCitation {
        FieldCitation {
            field: self.field,
            source: self.source.clone(),
            locator: self.locator.clone(),
            quote: self.quote.clone(),
            certainty: self.certainty,
        }
    }
}

/// Empty: relations of the ORM would ignore versions.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The certainty of some fields of a record: of each field the strongest of its citations, `Disputed` if one of them
/// is; of all fields the weakest. `None` if none is cited.
pub fn certainty(rows: &[Model], fields: &[RecordField]) -> Option<Certainty> {
    let of_field = |field: &RecordField| {
        let rows = rows.iter().filter(|row| row.field == *field);
        let all: Vec<Certainty> = rows.map(|row| row.certainty).collect();
        if all.contains(&Certainty::Disputed) {
            Some(Certainty::Disputed)
        } else {
            all.into_iter().min()
        }
    };
    Certainty::weakest(fields.iter().filter_map(of_field))
}

/// Loader key for the citations of a record at a moment, in the order in which they were added.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OfRecord {
    /// The record.
    pub record: RecordId,
    /// The moment.
    pub moment: Moment,
}

#[async_trait::async_trait]
impl Key for OfRecord {
    type Value = Arc<Vec<Model>>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let first = keys.iter().map(|key| key.moment).min().unwrap_or_default();
        let last = keys.iter().map(|key| key.moment).max().unwrap_or_default();
        let records: std::collections::HashSet<_> = keys.iter().map(|key| &key.record).collect();
        let rows = Entity::find()
            .filter(column::<Entity>("record").is_in(records.into_iter().cloned()))
            .filter(Moment::span::<Entity>(first, last))
            .order_by_asc(Column::Since)
            .order_by_asc(Column::Position)
            .order_by_asc(Column::Field)
            .all(store.reader())
            .await?;
        let mut by_record: HashMap<&RecordId, Vec<&Model>> = HashMap::new();
        for row in &rows {
            by_record.entry(&row.record).or_default().push(row);
        }
        let standing = |key: &OfRecord| -> Vec<Model> {
            let rows = by_record.get(&key.record).into_iter().flatten();
            rows.filter(|row| key.moment.holds(row.since, row.until))
                .map(|row| (*row).clone())
                .collect()
        };
        Ok(keys
            .iter()
            .map(|key| (key.clone(), Arc::new(standing(key))))
            .collect())
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }

    fn moment(&self) -> Option<Moment> {
        Some(self.moment)
    }

    fn at(&self, moment: Moment) -> Self {
        let record = self.record.clone();
        Self { record, moment }
    }

    fn after(&self, before: &Self::Value, changes: &Touched) -> Option<Self::Value> {
        (!changes.has(&self.record)).then(|| Arc::clone(before))
    }
}

/// Loader key for the citations that one change brought, by its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct OfChange(pub i64);

#[async_trait::async_trait]
impl Key for OfChange {
    type Value = Arc<Vec<Model>>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let rows = Entity::find()
            .filter(column::<Entity>("since").is_in(keys.iter().map(|key| key.0)))
            .order_by_asc(Column::Position)
            .order_by_asc(Column::Field)
            .all(store.reader())
            .await?;
        let brought = |key: &OfChange| {
            rows.iter()
                .filter(|row| row.since == key.0)
                .cloned()
                .collect::<Vec<_>>()
        };
        Ok(keys
            .iter()
            .map(|key| (*key, Arc::new(brought(key))))
            .collect())
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }
}

/// Reads the citations of records, in the order in which they were added: the valid ones, or all `with_ended`.
pub(super) async fn of_records<C: ConnectionTrait>(
    db: &C,
    records: Vec<&RecordId>,
    with_ended: bool,
) -> Result<HashMap<RecordId, Vec<Model>>, Error> {
    let mut found: HashMap<RecordId, Vec<Model>> = HashMap::new();
    for some in records.chunks(ROWS_PER_STATEMENT) {
        let mut wanted = Entity::find()
            .filter(column::<Entity>("record").is_in(some.iter().map(|id| (*id).clone())))
            .order_by_asc(Column::Since)
            .order_by_asc(Column::Position)
            .order_by_asc(Column::Field);
        if !with_ended {
            wanted = wanted.filter(Moment::current::<Entity>());
        }
        for row in wanted.all(db).await? {
            found.entry(row.record.clone()).or_default().push(row);
        }
    }
    Ok(found)
}

/// Reads the citations of records that are valid at any moment from `first` to `last`, in the order in which they were
/// added.
pub(super) async fn between<C: ConnectionTrait>(
    db: &C,
    records: Vec<&RecordId>,
    first: i64,
    last: i64,
) -> Result<HashMap<RecordId, Vec<Model>>, Error> {
    let rows = Entity::find()
        .filter(column::<Entity>("record").is_in(records.into_iter().cloned()))
        .filter(Moment::span::<Entity>(Moment(first), Moment(last)))
        .order_by_asc(Column::Since)
        .order_by_asc(Column::Position)
        .order_by_asc(Column::Field)
        .all(db)
        .await?;
    let mut found: HashMap<RecordId, Vec<Model>> = HashMap::new();
    for row in rows {
        found.entry(row.record.clone()).or_default().push(row);
    }
    Ok(found)
}

/// Ends citations whose fields keep their values.
pub(super) async fn end<C: ConnectionTrait>(
    db: &C,
    sequence: i64,
    ended: &[Model],
) -> Result<(), Error> {
    for row in ended {
        Entity::update_many()
            .col_expr(Column::Until, Expr::value(sequence))
            .filter(column::<Entity>("record").eq(row.record.clone()))
            .filter(column::<Entity>("field").eq(row.field))
            .filter(column::<Entity>("since").eq(row.since))
            .filter(column::<Entity>("position").eq(row.position))
            .filter(Moment::current::<Entity>())
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Ends the citations of the fields of one record that get another value.
pub(super) async fn close<C: ConnectionTrait>(
    db: &C,
    record: &RecordId,
    sequence: i64,
    changed: &[RecordField],
) -> Result<(), Error> {
    if !changed.is_empty() {
        Entity::update_many()
            .col_expr(Column::Until, Expr::value(sequence))
            .filter(column::<Entity>("record").eq(record.clone()))
            .filter(column::<Entity>("field").is_in(changed.iter().copied()))
            .filter(Moment::current::<Entity>())
            .exec(db)
            .await?;
    }
    Ok(())
}

/// Builds the citation rows of a change. Does not insert them.
pub(super) fn rows(record: &RecordId, sequence: i64, cites: &[CheckedCitation]) -> Vec<Model> {
    let rows = cites.iter().zip(0..).flat_map(|(cite, position)| {
        cite.fields.iter().map(move |field| Model {
            record: record.clone(),
            field: *field,
            since: sequence,
            position,
            until: None,
            source: cite.source.clone(),
            locator: cite.locator.clone(),
            quote: cite.quote.clone(),
            certainty: cite.certainty,
        })
    });
    rows.collect()
}
