//! Previews: the records as they would be if a contribution were accepted now. Nothing is written: the rows that the
//! acceptance would write lie as a layer over the tables, and every statement of the preview reads both.

use std::sync::Arc;

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::sea_query::ExprTrait;
use sea_orm::{
    AccessMode, ConnectionTrait, DatabaseTransaction, EntityTrait, IsolationLevel, QueryFilter,
    QueryTrait, TransactionOptions,
};

use super::chain;
use super::change;
use super::contribution;
use super::draft::{Plan, Planned};
use super::error::Error;
use super::head::{self, Head};
use super::moment::{Cursors, Moment, column};
use super::plan::{self, Incomplete};
use super::record::{self, NextRow, Noun, models, of_kind};
use super::{Reads, Store, backend, citation, reference_index};
use domain::change::Proposed;
use domain::check::{Code, Finding};
use domain::date::Date;
use domain::record::{Kind, RecordId};
use domain::viewer::Actor;

mod layer;
mod reader;

use layer::{Layer, Table};
pub(super) use reader::Reader;

/// A store with the rows of a preview over its tables.
pub(super) struct Overlaid {
    /// The connections for reading, with the layer.
    pub reader: Reader,
    /// Cursors that name the moments of the preview.
    pub cursors: Cursors,
    /// The end of the log on which the preview is based.
    pub base: Moment,
}

/// The records as they would be if a contribution were accepted now.
pub struct Preview {
    /// Reads the records with those of the contribution.
    pub store: Store,
    /// The end of the log as the acceptance would leave it.
    pub head: Head,
}

/// The most attempts to find changes that can be accepted together. Each leaves out those with a fault.
const MAX_ATTEMPTS: usize = 5;

impl Store {
    /// The records as they would be if an open contribution were accepted now. Fields with a conflict keep their current
    /// value. A change that has another fault is left out. Reads only.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unreadable`]
    pub fn preview<'a>(
        &'a self,
        of: &'a contribution::Model,
    ) -> BoxFuture<'a, Result<Preview, Error>> {
        async move {
            let now = self.clock().now();
            // Changes that can no longer be read are reported when the contribution is accepted.
            let proposed = of.proposed().unwrap_or_default();
            let tx = self.0.reader.begin(snapshot(self)).await?;
            let found = head::read(&tx).await?;
            let base = Moment(found.sequence);
            let plan = applicable(&tx, proposed, Date::of(now)).await?;
            let size = head::block_size(plan.changes.len())?;
            let block = found.next(size, now);
            // The editor who accepts is not known yet.
            let actor = of.authors.first().cloned().unwrap_or_else(Actor::system);
            let (numbered, lines) = plan.numbered(&block, &actor, Some(&of.id));
            let mut layer = Layer::new(base, numbered.iter().map(|(_, change)| &change.id));
            let backend = tx.get_database_backend();
            for table in nouns(&tx, &numbered).await? {
                layer.add(table);
            }
            layer.add(Table::of::<citation::Entity>(
                "record",
                &citations(&tx, &numbered).await?,
                backend,
            )?);
            layer.add(Table::of::<reference_index::Entity>(
                "record",
                &mentions(&tx, &numbered).await?,
                backend,
            )?);
            tx.commit().await?;
            let changes: Vec<change::Model> =
                lines.iter().map(|line| line.change.clone()).collect();
            layer.add(Table::of_log::<change::Entity>(&changes, backend)?);
            let countries = lines.iter().flat_map(|line| {
                change::country_rows(line.change.sequence, line.countries.clone())
            });
            let countries: Vec<_> = countries.collect();
            layer.add(Table::of_log::<change::CountryEntity>(&countries, backend)?);
            let reader = self.0.reader.under(Arc::new(layer.clone()));
            let before = block.first.saturating_sub(1);
            let links =
                chain::links(&reader, chain::through(&reader, before).await?, lines).await?;
            layer.add(Table::of_log::<chain::Entity>(&links, backend)?);
            // A preview without changes has a moment of its own, too: its ids must differ from those of the view "now".
            let last = numbered
                .last()
                .map_or(block.first, |(sequence, _)| *sequence);
            let moment = Moment(last);
            let name = format!("{}.{}.{}", of.id, of.revision, base.0);
            let overlaid = Overlaid {
                reader: self.0.reader.under(Arc::new(layer)),
                cursors: self.cursors().with_preview(base, name),
                base,
            };
            let is_empty = numbered.is_empty();
            Ok(Preview {
                store: Self(Arc::clone(&self.0), Reads::Preview(Arc::new(overlaid))),
                head: Head {
                    moment,
                    committed_at: if is_empty {
                        found.committed_at
                    } else {
                        Some(block.committed_at)
                    },
                },
            })
        }
        .boxed()
    }

    /// True if this store reads a preview.
    pub fn is_preview(&self) -> bool {
        matches!(self.1, Reads::Preview(_))
    }

    /// The part of a moment that the log contains: the moment itself, but in a preview at most the end of the log.
    pub fn logged(&self, moment: Moment) -> Moment {
        match &self.1 {
            Reads::Preview(overlaid) => moment.min(overlaid.base),
            Reads::Any | Reads::Primary | Reads::Replica(_) => moment,
        }
    }
}

/// The options of a transaction that reads one state of the database.
fn snapshot(store: &Store) -> TransactionOptions {
    if backend::is_embedded(store.connection()) {
        // Each transaction of `SQLite` reads one state.
        return TransactionOptions::default();
    }
    TransactionOptions {
        isolation_level: Some(IsolationLevel::RepeatableRead),
        access_mode: Some(AccessMode::ReadOnly),
        ..TransactionOptions::default()
    }
}

/// The plan of the changes that can be accepted together.
async fn applicable(
    tx: &DatabaseTransaction,
    mut proposed: Vec<Proposed>,
    today: Date,
) -> Result<Plan, Error> {
    for _ in 0..MAX_ATTEMPTS {
        let plan = plan::plan(tx, &proposed, today, Incomplete::HoldBack).await?;
        let missing = plan.missing.iter().map(|missing| &missing.finding);
        let is_fault = |finding: &&Finding| finding.code != Code::Conflict;
        let faults = plan.findings.iter().filter(is_fault).chain(missing);
        let faults: Vec<&Finding> = faults.collect();
        let count = proposed.len();
        proposed.retain(|change| {
            let is_about = |fault: &&Finding| fault.path.0.starts_with(&change.path.0);
            // Changes with a conflict are not applied, so that they end no reference.
            let is_blocked = change
                .id
                .as_ref()
                .is_some_and(|id| plan.blocked.contains(id));
            !is_blocked && !faults.iter().any(is_about)
        });
        if faults.is_empty() && plan.blocked.is_empty() {
            return Ok(plan);
        }
        if proposed.len() == count {
            break;
        }
    }
    Ok(Plan::default())
}

type Numbered = [(i64, Planned)];

/// The rows of the records: the current ones that the changes close, and those that they write.
async fn nouns(tx: &DatabaseTransaction, numbered: &Numbered) -> Result<Vec<Table>, Error> {
    let mut tables = Vec::new();
    for kind in Kind::all() {
        let of_kind: Vec<&(i64, Planned)> = numbered
            .iter()
            .filter(|(_, change)| change.id.kind() == kind)
            .collect();
        let ids = of_kind.iter().map(|(_, change)| change.id.clone());
        let select = of_kind!(kind, E => E::find()
            .filter(column::<E>("id").is_in(ids))
            .filter(Moment::current::<E>())
            .into_query());
        let rows = if of_kind.is_empty() {
            Vec::new()
        } else {
            tx.query_all(&select).await?
        };
        let backend = tx.get_database_backend();
        let table = of_kind!(kind, E => {
            let mut table = Table::of::<E>("id", &models::<E>(&rows)?, backend)?;
            let closed = of_kind.iter().filter(|(_, change)| change.replaces.is_some());
            table.close(closed.map(|(sequence, change)| (&change.id, *sequence)));
            table.extend::<E>(&written::<E>(&of_kind)?, backend)?;
            table
        });
        tables.push(table);
    }
    Ok(tables)
}

/// The versions that changes write.
fn written<E: Noun>(numbered: &[&(i64, Planned)]) -> Result<Vec<E::Model>, Error> {
    let rows = numbered.iter().filter_map(|(sequence, change)| {
        let next = NextRow {
            id: change.id.clone(),
            sequence: *sequence,
            version: change.version,
            whole: change.whole.clone()?,
        };
        Some(record::model::<E>(next))
    });
    rows.collect()
}

/// The citations of the records: the current ones, those among them that the changes end, and those that they bring.
async fn citations(
    tx: &DatabaseTransaction,
    numbered: &Numbered,
) -> Result<Vec<citation::Model>, Error> {
    let ids = numbered.iter().map(|(_, change)| &change.id).collect();
    let mut current = citation::of_records(tx, ids, false).await?;
    let mut all = Vec::new();
    for (sequence, change) in numbered {
        let mut rows = current.remove(&change.id).unwrap_or_default();
        if change.replaces.is_some() {
            let replaced = change.replaced_fields();
            for row in &mut rows {
                if replaced.contains(&row.field) || change.ended.contains(row) {
                    row.until = Some(*sequence);
                }
            }
        }
        all.append(&mut rows);
        all.extend(citation::rows(&change.id, *sequence, &change.cites));
    }
    Ok(all)
}

/// The values that the records name: the current ones, those among them that the changes remove, and those that they
/// add.
async fn mentions(
    tx: &DatabaseTransaction,
    numbered: &Numbered,
) -> Result<Vec<reference_index::Model>, Error> {
    let ids: Vec<RecordId> = numbered
        .iter()
        .map(|(_, change)| change.id.clone())
        .collect();
    let mut current = reference_index::of_records(tx, ids).await?;
    let mut all = Vec::new();
    for (sequence, change) in numbered {
        let (before, after) = (&change.indexed_before, &change.indexed_after);
        let mut rows = current.remove(&change.id).unwrap_or_default();
        let removed: Vec<_> = reference_index::only_in(before, after).collect();
        for row in &mut rows {
            if removed.contains(&&row.reference()) {
                row.until = Some(*sequence);
            }
        }
        all.append(&mut rows);
        all.extend(reference_index::added(&change.id, *sequence, before, after));
    }
    Ok(all)
}
