//! Loader keys for changes of the log.

use std::collections::HashMap;
use std::sync::Arc;

use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::ExprTrait;

use super::country;
use super::entity::{Column, Entity, Model};
use crate::Store;
use crate::error::Error;
use crate::load::Key;
use crate::moment::{Moment, column};
use crate::touched::Touched;
use domain::change::Operation;
use domain::record::RecordId;
use domain::text::CountryCode;

/// Loader key for a change, by its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct BySequence(pub i64);

#[async_trait::async_trait]
impl Key for BySequence {
    type Value = Arc<Model>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let rows = Entity::find()
            .filter(Column::Sequence.is_in(keys.iter().map(|key| key.0)))
            .all(store.reader())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (BySequence(row.sequence), Arc::new(row)))
            .collect())
    }

    fn rows(_: &Self::Value) -> usize {
        1
    }
}

/// Loader key for the changes of a record up to a moment, oldest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Lines {
    /// The record.
    pub record: RecordId,
    /// The moment.
    pub moment: Moment,
}

#[async_trait::async_trait]
impl Key for Lines {
    type Value = Vec<Arc<Model>>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let records: std::collections::HashSet<_> = keys.iter().map(|key| &key.record).collect();
        let last = keys.iter().map(|key| key.moment).max().unwrap_or_default();
        let rows = Entity::find()
            .filter(column::<Entity>("record").is_in(records.into_iter().cloned()))
            .filter(Column::Sequence.lte(last.0))
            .order_by_asc(Column::Sequence)
            .all(store.reader())
            .await?;
        let mut by_record: HashMap<RecordId, Vec<Arc<Model>>> = HashMap::new();
        for row in rows {
            let of = row.record.clone();
            by_record.entry(of).or_default().push(Arc::new(row));
        }
        let known = |key: &Lines| {
            let rows = by_record.get(&key.record).into_iter().flatten();
            let rows = rows.filter(|row| row.sequence <= key.moment.0);
            rows.cloned().collect::<Vec<_>>()
        };
        Ok(keys.iter().map(|key| (key.clone(), known(key))).collect())
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
        (!changes.has(&self.record)).then(|| before.clone())
    }
}

/// Loader key for the codes of the countries to which a change belongs, sorted; by its sequence number.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct CountriesOf(pub i64);

#[async_trait::async_trait]
impl Key for CountriesOf {
    type Value = Vec<CountryCode>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let rows = country::Entity::find()
            .filter(country::Column::Sequence.is_in(keys.iter().map(|key| key.0)))
            .order_by_asc(country::Column::Country)
            .all(store.reader())
            .await?;
        let none = keys.iter().map(|key| (*key, Vec::new()));
        let mut found: HashMap<CountriesOf, Vec<CountryCode>> = none.collect();
        for row in rows {
            found
                .entry(CountriesOf(row.sequence))
                .or_default()
                .push(row.country);
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }
}

/// Loader key for the change that verified a record for the latest day, among the changes up to a moment.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LastVerified {
    /// The record.
    pub record: RecordId,
    /// The moment.
    pub moment: Moment,
}

#[async_trait::async_trait]
impl Key for LastVerified {
    type Value = Arc<Model>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let records: std::collections::HashSet<_> = keys.iter().map(|key| &key.record).collect();
        let last = keys.iter().map(|key| key.moment).max().unwrap_or_default();
        let rows = Entity::find()
            .filter(column::<Entity>("record").is_in(records.into_iter().cloned()))
            .filter(Column::Operation.eq(Operation::Verify))
            .filter(Column::Sequence.lte(last.0))
            .all(store.reader())
            .await?;
        let rows: Vec<Arc<Model>> = rows.into_iter().map(Arc::new).collect();
        let newest = |key: &LastVerified| {
            let of_record = rows
                .iter()
                .filter(|row| row.record == key.record && row.sequence <= key.moment.0);
            of_record
                .max_by_key(|row| (row.verified_on, row.sequence))
                .cloned()
        };
        Ok(keys
            .iter()
            .filter_map(|key| Some((key.clone(), newest(key)?)))
            .collect())
    }

    fn rows(_: &Self::Value) -> usize {
        1
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
