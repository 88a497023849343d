//! The rows that changes touched: with them, a value that was read before the changes becomes the value after them,
//! without the rows that the changes do not concern.

use std::any::Any;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};
use sea_orm::{QueryOrder, QuerySelect};

use super::error::Error;
use super::list::text;
use super::moment::{Moment, column};
use super::record::{Noun, Row, of_kind};
use super::{Store, change, citation, reference_index};
use domain::record::{Kind, RecordId};

/// The most changes whose rows are read. After more of them, values are read again.
const MAX_CHANGES: usize = 256;

/// The rows whose validity begins or ends after a moment, up to another.
pub struct Touched {
    after: Moment,
    to: Moment,
    changes: usize,
    records: HashSet<RecordId>,
    /// Rows of each kind: a `Vec` of the models of its entity.
    rows: HashMap<Kind, Arc<dyn Any + Send + Sync>>,
    mentions: Vec<reference_index::Model>,
    citations: Vec<citation::Model>,
}

/// A row that began with some changes.
pub(super) struct BegunRow {
    /// The version number, counted from 1.
    pub version: i32,
    /// The code of the country to which the record belongs.
    pub country: Option<String>,
}

impl Touched {
    /// The moment after which the changes begin.
    pub fn after(&self) -> Moment {
        self.after
    }

    /// The moment at which the changes end.
    pub fn to(&self) -> Moment {
        self.to
    }

    /// The number of changes.
    pub fn changes(&self) -> usize {
        self.changes
    }

    /// True if one of the changes is of the record.
    pub fn has(&self, record: &RecordId) -> bool {
        self.records.contains(record)
    }

    /// True if one of the changes is of a record of the kind.
    pub fn has_kind(&self, kind: Kind) -> bool {
        self.records.iter().any(|record| record.kind() == kind)
    }

    /// The rows of a noun whose validity begins or ends with these changes.
    pub fn rows<E: Noun>(&self) -> &[Arc<E::Model>] {
        let rows = self.rows.get(&E::KIND);
        let rows = rows.and_then(|rows| rows.downcast_ref::<Vec<Arc<E::Model>>>());
        rows.map_or(&[], Vec::as_slice)
    }

    /// The rows of a noun that are valid after the changes, and were not before.
    pub fn begun<E: Noun>(&self) -> impl Iterator<Item = &Arc<E::Model>> {
        self.rows::<E>()
            .iter()
            .filter(|row| self.to.holds(row.since(), row.until()))
    }

    /// The rows of a noun that were valid before the changes, and no longer are.
    pub fn ended<E: Noun>(&self) -> impl Iterator<Item = &Arc<E::Model>> {
        self.rows::<E>()
            .iter()
            .filter(|row| self.after.holds(row.since(), row.until()))
    }

    /// The row of a record that is valid after the changes, and was not before; `None` if there is none.
    pub(super) fn begun_row(&self, record: &RecordId) -> Option<BegunRow> {
        of_kind!(record.kind(), E => {
            let row = self.begun::<E>().find(|row| row.id() == record)?;
            Some(BegunRow {
                version: row.version(),
                country: E::COUNTRY.and_then(|column| text(row.as_ref(), column)),
            })
        })
    }

    /// The lines of the reference index whose validity begins or ends with these changes.
    pub fn mentions(&self) -> &[reference_index::Model] {
        &self.mentions
    }

    /// The citations whose validity begins or ends with these changes.
    pub fn citations(&self) -> &[citation::Model] {
        &self.citations
    }
}

impl Store {
    /// Reads what the changes after a moment touched, up to another moment; `None` if there are too many of them.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub fn touched(
        &self,
        after: Moment,
        to: Moment,
    ) -> BoxFuture<'_, Result<Option<Touched>, Error>> {
        async move { read(self, after, to).await }.boxed()
    }
}

async fn read(store: &Store, after: Moment, to: Moment) -> Result<Option<Touched>, Error> {
    let number = usize::try_from(to.0.saturating_sub(after.0)).unwrap_or(usize::MAX);
    if number > MAX_CHANGES {
        return Ok(None);
    }
    let lines: Vec<RecordId> = change::Entity::find()
        .select_only()
        .column(change::Column::Record)
        .filter(change::Column::Sequence.gt(after.0))
        .filter(change::Column::Sequence.lte(to.0))
        .order_by_asc(change::Column::Sequence)
        .into_tuple()
        .all(store.reader())
        .await?;
    let records: HashSet<RecordId> = lines.into_iter().collect();
    let mut rows = HashMap::new();
    for kind in Kind::all() {
        let of_kind = records.iter().filter(|record| record.kind() == kind);
        let ids: Vec<RecordId> = of_kind.cloned().collect();
        if !ids.is_empty() {
            let read = of_kind!(kind, E => rows_of::<E>(store, ids, after, to).await?);
            rows.insert(kind, read);
        }
    }
    let mentions = reference_index::Entity::find()
        .filter(column::<reference_index::Entity>("record").is_in(records.iter().cloned()))
        .filter(touching::<reference_index::Entity>(after, to))
        .all(store.reader())
        .await?;
    let citations = citation::Entity::find()
        .filter(column::<citation::Entity>("record").is_in(records.iter().cloned()))
        .filter(touching::<citation::Entity>(after, to))
        .all(store.reader())
        .await?;
    Ok(Some(Touched {
        after,
        to,
        changes: number,
        records,
        rows,
        mentions,
        citations,
    }))
}

async fn rows_of<E: Noun>(
    store: &Store,
    ids: Vec<RecordId>,
    after: Moment,
    to: Moment,
) -> Result<Arc<dyn Any + Send + Sync>, Error> {
    let rows = E::find()
        .filter(column::<E>("id").is_in(ids))
        .filter(touching::<E>(after, to))
        .order_by_asc(column::<E>("id"))
        .all(store.reader())
        .await?;
    let rows: Vec<Arc<E::Model>> = rows.into_iter().map(Arc::new).collect();
    Ok(Arc::new(rows))
}

/// Condition for the rows of a versioned table whose validity begins or ends after a moment, up to another.
fn touching<E: EntityTrait>(after: Moment, to: Moment) -> Condition {
    let within = |name: &str| {
        let sequence = column::<E>(name);
        sequence.clone().gt(after.0).and(sequence.lte(to.0))
    };
    Condition::any().add(within("since")).add(within("until"))
}
