//! Reads the change log: after a sequence number, by page, and by time.

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Alias, Condition, Expr, ExprTrait, Query, SelectStatement};
use sea_orm::{JoinType, QueryOrder, QuerySelect};

use super::country;
use super::entity::{Column, Entity, Model};
use crate::Store;
use crate::error::Error;
use crate::follow::read_to;
use crate::moment::{Moment, column};
use crate::page::Slice;
use crate::{reference_index, treaty};
use domain::change::Operation;
use domain::record::{Kind, RecordField, RecordId};
use domain::text::{CountryCode, TreatyReference};

/// Filter of changes. A field that is `None` does not restrict the result.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Changes of records of one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// Changes of records of one of these kinds.
    pub kinds: Option<Vec<Kind>>,
    /// Changes with one of these operations.
    pub operations: Option<Vec<Operation>>,
    /// Changes of one of these records.
    pub records: Option<Vec<RecordId>>,
    /// Changes of one of these treaties, and of records that name one of them as their treaty before or after the change.
    pub treaties: Option<Vec<TreatyReference>>,
    /// True if records that belong to no country pass the filter `countries`, too.
    pub include_shared: bool,
}

impl Filter {
    fn condition(&self) -> Condition {
        let mut all = Condition::all();
        if let Some(countries) = &self.countries {
            let of_countries = Query::select()
                .column(country::Column::Sequence)
                .from(country::Entity)
                .and_where(country::Column::Country.is_in(countries.clone()))
                .to_owned();
            let mut any = Condition::any().add(Column::Sequence.in_subquery(of_countries));
            if self.include_shared {
                let shared = Kind::all().filter(|kind| kind.is_shared());
                any = any.add(Column::Kind.is_in(shared));
            }
            all = all.add(any);
        }
        if let Some(treaties) = &self.treaties {
            let themselves = Query::select()
                .column(treaty::Column::Id)
                .from(treaty::Entity)
                .and_where(column::<treaty::Entity>("reference").is_in(treaties.clone()))
                .to_owned();
            let any = Condition::any()
                .add(Column::Sequence.in_subquery(naming(treaties)))
                .add(Column::Record.in_subquery(themselves));
            all = all.add(any);
        }
        if let Some(kinds) = &self.kinds {
            all = all.add(Column::Kind.is_in(kinds.clone()));
        }
        if let Some(operations) = &self.operations {
            all = all.add(Column::Operation.is_in(operations.clone()));
        }
        if let Some(records) = &self.records {
            all = all.add(Column::Record.is_in(records.clone()));
        }
        all
    }
}

/// Selects the sequence numbers of the changes of records that name one of these treaties as their treaty, before or
/// after the change. A later change of the record does not alter the result.
fn naming(treaties: &[TreatyReference]) -> SelectStatement {
    let line = Alias::new("line");
    let of = |name: &str| Expr::col((Alias::new("line"), Alias::new(name)));
    let named = |name: &str| column::<reference_index::Entity>(name);
    let is_within = Condition::all()
        .add(of("record").eq(named("record")))
        .add(of("sequence").gte(named("since")))
        .add(
            named("until")
                .is_null()
                .or(of("sequence").lte(named("until"))),
        );
    let values = treaties.iter().map(ToString::to_string);
    Query::select()
        .column((line.clone(), Column::Sequence))
        .from(reference_index::Entity)
        .join_as(JoinType::InnerJoin, Entity, line, is_within)
        .and_where(named("field").is_in([RecordField::Treaty, RecordField::Treaties]))
        .and_where(named("value").is_in(values))
        .to_owned()
}

/// A change as a follower receives it.
#[derive(Clone, Debug)]
pub struct Followed {
    /// The change.
    pub row: Model,
    /// True if no further change of the same commit passes the same filter.
    pub is_last: bool,
}

impl Store {
    /// Reads the changes after a moment that pass the filter: oldest first, at most `limit`.
    /// Also returns the moment up to which the log was read.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn changes_after(
        &self,
        filter: &Filter,
        after: Moment,
        limit: u64,
    ) -> Result<(Vec<Followed>, Moment), Error> {
        let until = self.reached();
        let store = self.of_log().await;
        let rows = Entity::find()
            .filter(Column::Sequence.gt(after.0))
            .filter(Column::Sequence.lte(until.0))
            .filter(filter.condition())
            .order_by_asc(Column::Sequence)
            .limit(limit.saturating_add(1))
            .all(store.reader())
            .await?;
        let mut found = with_ends(rows);
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        let last = found.last().map(|change| change.row.sequence);
        let to = read_to(found.len(), limit, last, until.0);
        Ok((found, Moment(to)))
    }

    /// Reads a page of the log up to a moment, oldest first.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub fn changes<'a>(
        &'a self,
        filter: &'a Filter,
        newest: Moment,
        page: &'a ChangePage,
    ) -> BoxFuture<'a, Result<Slice<Followed>, Error>> {
        async move {
            let whole = Entity::find()
                .filter(Column::Sequence.lte(newest.0))
                .filter(filter.condition());
            let store = self.of_log().await;
            let after = page.after.unwrap_or_default();
            let before = page.before.unwrap_or(Moment(newest.0.saturating_add(1)));
            let part = whole
                .clone()
                .filter(Column::Sequence.gt(after.0))
                .filter(Column::Sequence.lt(before.0));
            let size = usize::try_from(page.size).unwrap_or(usize::MAX);
            let (mut rows, more) = if page.forward {
                let part = part
                    .order_by_asc(Column::Sequence)
                    .limit(page.size.saturating_add(1));
                let rows = part.all(store.reader()).await?;
                let more = rows.len() > size;
                (with_ends(rows), more)
            } else {
                let part = part
                    .order_by_desc(Column::Sequence)
                    .limit(page.size.saturating_add(1));
                let mut rows = part.all(store.reader()).await?;
                let more = rows.len() > size;
                rows.truncate(size);
                rows.reverse();
                (with_ends(rows), more)
            };
            rows.truncate(size);
            if let Some(last) = rows.last_mut() {
                let next = whole
                    .clone()
                    .filter(Column::Sequence.gt(last.row.sequence))
                    .order_by_asc(Column::Sequence)
                    .one(store.reader())
                    .await?;
                last.is_last = next.is_none_or(|next| next.first != last.row.first);
            }
            let mut outside = [false, false];
            let bounds = [
                (page.after, Column::Sequence.lte(after.0)),
                (page.before, Column::Sequence.gte(before.0)),
            ];
            for ((bound, condition), answer) in bounds.into_iter().zip(&mut outside) {
                if bound.is_some() {
                    let one = whole
                        .clone()
                        .filter(condition)
                        .limit(1)
                        .one(store.reader())
                        .await?;
                    *answer = one.is_some();
                }
            }
            let [earlier, later] = outside;
            let total = if page.count {
                Some(whole.count(store.reader()).await?)
            } else {
                None
            };
            Ok(Slice {
                rows,
                has_next: later || (page.forward && more),
                has_previous: earlier || (!page.forward && more),
                total,
            })
        }
        .boxed()
    }

    /// The moment after the last change that was committed at an instant or earlier; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn last_change_by(&self, instant: DateTime<Utc>) -> Result<Option<Moment>, Error> {
        let store = self.of_log().await;
        let row = Entity::find()
            .filter(Column::CommittedAt.lte(instant))
            .order_by_desc(Column::CommittedAt)
            .order_by_desc(Column::Sequence)
            .one(store.reader())
            .await?;
        Ok(row.map(|row| Moment(row.sequence)))
    }

    /// The sequence number of the first change that was committed at an instant or later; `None` if there is none.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn first_change_since(&self, instant: DateTime<Utc>) -> Result<Option<i64>, Error> {
        let store = self.of_log().await;
        let row = Entity::find()
            .filter(Column::CommittedAt.gte(instant))
            .order_by_asc(Column::Sequence)
            .one(store.reader())
            .await?;
        Ok(row.map(|row| row.sequence))
    }
}

/// The arguments of a page of the log.
#[derive(Clone, Debug)]
pub struct ChangePage {
    /// The most changes that the page contains.
    pub size: u64,
    /// True if the page is taken from the start of the part, false if from its end.
    pub forward: bool,
    /// The part begins after this moment.
    pub after: Option<Moment>,
    /// The part ends before the change with this sequence number.
    pub before: Option<Moment>,
    /// True if the changes of the whole list are to be counted.
    pub count: bool,
}

/// Marks the last change of each commit. The last row of the list always counts as one.
fn with_ends(rows: Vec<Model>) -> Vec<Followed> {
    let commits: Vec<i64> = rows.iter().map(|row| row.first).collect();
    let following = commits.into_iter().skip(1).map(Some).chain([None]);
    rows.into_iter()
        .zip(following)
        .map(|(row, next)| Followed {
            is_last: next != Some(row.first),
            row,
        })
        .collect()
}
