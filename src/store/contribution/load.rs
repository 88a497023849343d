//! Loader keys for contributions and for the record versions with which they are compared.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{Iterable, QueryOrder, QuerySelect};

use super::entity::{Column, Entity, Model};
use super::subject::about;
use crate::error::Error;
use crate::load::Key;
use crate::moment::Moment;
use crate::{Store, record};
use domain::contribution::State;
use domain::field::Content;
use domain::record::{Kind, RecordId};

/// Loader key for a contribution, by its id. Visibility is not checked.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ContributionById(pub String);

#[async_trait::async_trait]
impl Key for ContributionById {
    type Value = Arc<Model>;
    const FOLLOWS_THE_LOG: bool = false;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let rows = Entity::find()
            .filter(Column::Id.is_in(keys.iter().map(|key| key.0.clone())))
            .all(store.reader())
            .await?;
        Ok(rows
            .into_iter()
            .map(|row| (ContributionById(row.id.clone()), Arc::new(row)))
            .collect())
    }

    fn rows(_: &Self::Value) -> usize {
        1
    }
}

/// Loader key for the other open contributions about at least one of the same records, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Overlapping {
    /// The contribution to leave out.
    pub id: String,
    /// The records of that contribution.
    pub records: Vec<RecordId>,
}

/// The most open contributions that one batch searches for overlaps.
const MAX_OVERLAPPING: u64 = 1_000;

#[async_trait::async_trait]
impl Key for Overlapping {
    type Value = Vec<Arc<Model>>;
    const FOLLOWS_THE_LOG: bool = false;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let records = keys.iter().flat_map(|key| &key.records);
        let rows = Entity::find()
            .filter(Column::State.is_in(State::iter().filter(|state| !state.is_final())))
            .filter(about(records.map(ToString::to_string)))
            .order_by_desc(Column::Id)
            .limit(MAX_OVERLAPPING)
            .all(store.reader())
            .await?;
        let rows: Vec<Arc<Model>> = rows.into_iter().map(Arc::new).collect();
        let overlapping = |key: &Overlapping| {
            let shares = |row: &&Arc<Model>| {
                row.id != key.id && row.records().iter().any(|id| key.records.contains(id))
            };
            rows.iter().filter(shares).cloned().collect::<Vec<_>>()
        };
        Ok(keys
            .iter()
            .map(|key| (key.clone(), overlapping(key)))
            .collect())
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }
}

/// Loader key for the content of one version of a record: the base version of a proposed change.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct BaseContent {
    /// The record.
    pub record: RecordId,
    /// The version, counted from 1.
    pub version: i32,
}

#[async_trait::async_trait]
impl Key for BaseContent {
    type Value = Arc<Content>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        // A contribution may be based on a version that is newer than what is known here, so the primary is read.
        let store = &store.of_primary();
        let mut found = HashMap::new();
        for kind in Kind::all() {
            let keys: Vec<&BaseContent> = keys
                .iter()
                .filter(|key| key.record.kind() == kind)
                .collect();
            if keys.is_empty() {
                continue;
            }
            let rows = record::rows(store.reader(), kind, |column| {
                Condition::all()
                    .add(column("id").is_in(keys.iter().map(|key| key.record.clone())))
                    .add(column("version").is_in(keys.iter().map(|key| key.version)))
            });
            for (record, row) in rows.await? {
                found.insert(
                    BaseContent {
                        record,
                        version: row.version,
                    },
                    Arc::new(row.content),
                );
            }
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }
}

/// Loader key for the last version of a record at a moment, retired or not.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LastVersion {
    /// The record.
    pub record: RecordId,
    /// The moment.
    pub moment: Moment,
}

#[async_trait::async_trait]
impl Key for LastVersion {
    type Value = Arc<(i32, Content)>;
    const FOLLOWS_THE_LOG: bool = true;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let mut found: HashMap<LastVersion, Self::Value> = HashMap::new();
        let last = keys.iter().map(|key| key.moment).max().unwrap_or_default();
        for kind in Kind::all() {
            let of_kind = keys.iter().filter(|key| key.record.kind() == kind);
            let ids: HashSet<&RecordId> = of_kind.map(|key| &key.record).collect();
            if ids.is_empty() {
                continue;
            }
            let rows = record::rows(store.reader(), kind, |column| {
                Condition::all()
                    .add(column("id").is_in(ids.iter().copied().cloned()))
                    .add(column("since").lte(last.0))
            });
            for (record, row) in rows.await? {
                let whole = Arc::new((row.version, row.content));
                let of_record = keys
                    .iter()
                    .filter(|key| key.record == record && row.since <= key.moment.0);
                for key in of_record {
                    let newest = found
                        .entry(key.clone())
                        .or_insert_with(|| Arc::clone(&whole));
                    if newest.0 < whole.0 {
                        *newest = Arc::clone(&whole);
                    }
                }
            }
        }
        Ok(found)
    }

    fn rows(value: &Self::Value) -> usize {
        value.1.len()
    }
}
