//! All versions of all records, for those who keep a copy in another form: the current ones, and those that a part of
//! the log wrote or ended.

use std::collections::BTreeMap;

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait, Order};
use sea_orm::{QueryFilter, QueryOrder, QuerySelect, QueryTrait};
use serde_json::json;

use super::Store;
use super::change;
use super::error::Error;
use super::list::SortedQuery;
use super::moment::{Moment, column};
use super::page::Page;
use super::record::{self, ROWS_PER_STATEMENT, Row, models, of_kind};
use domain::change::Operation;
use domain::field::Content;
use domain::record::{Kind, RecordId};

/// One version of a record.
#[derive(Clone, Debug)]
pub struct Version {
    /// The record.
    pub id: RecordId,
    /// The sequence number of the change that wrote it.
    pub since: i64,
    /// The sequence number of the change that replaced or retired it; `None` while it is current.
    pub until: Option<i64>,
    /// The columns by their JSON names.
    pub columns: Content,
}

impl Version {
    fn of<R: Row>(row: &R) -> Result<Self, Error> {
        Ok(Self {
            id: row.id().clone(),
            since: row.since(),
            until: row.until(),
            columns: record::columns(row)?,
        })
    }
}

impl Store {
    /// The next records of a kind that are current at a moment, in the order of their ids.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unreadable`]
    pub async fn current_versions(
        &self,
        kind: Kind,
        moment: Moment,
        after: Option<&RecordId>,
    ) -> Result<Vec<Version>, Error> {
        let page = Page {
            size: u64::try_from(ROWS_PER_STATEMENT).unwrap_or(1),
            forward: true,
            after: after.map(|id| vec![json!(id)]),
            before: None,
            count: false,
        };
        let by_id = [("id", Order::Asc)];
        let whole =
            of_kind!(kind, E => SortedQuery::of(E::find().filter(moment.filter::<E>()), &by_id));
        let store = self.of_log().await;
        let slice = whole.page(store.reader(), &page).await?;
        of_kind!(kind, E => models::<E>(&slice.rows)?.iter().map(Version::of).collect())
    }

    /// The versions that changes after one moment and up to another wrote or ended. Reads a limited part of the log;
    /// also returns the moment that it reached.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unreadable`]
    pub fn versions_between(
        &self,
        after: Moment,
        to: Moment,
    ) -> BoxFuture<'_, Result<(Vec<Version>, Moment), Error>> {
        async move {
            let written = [
                Operation::Create,
                Operation::Update,
                Operation::Retire,
                Operation::Restore,
            ];
            let limit = u64::try_from(ROWS_PER_STATEMENT).unwrap_or(1);
            let store = self.of_log().await;
            let lines = change::Entity::find()
                .filter(change::Column::Sequence.gt(after.0))
                .filter(change::Column::Sequence.lte(to.0))
                .filter(change::Column::Operation.is_in(written))
                .order_by_asc(change::Column::Sequence)
                .limit(limit)
                .all(store.reader())
                .await?;
            let is_whole = lines.len() < ROWS_PER_STATEMENT;
            let last = lines.last().map(|line| Moment(line.sequence));
            let mut changed: BTreeMap<Kind, Vec<RecordId>> = BTreeMap::new();
            for line in lines {
                changed.entry(line.kind).or_default().push(line.record);
            }
            let mut versions = Vec::new();
            for (kind, ids) in changed {
                let select = of_kind!(kind, E => {
                    let touched = Condition::any()
                        .add(column::<E>("since").gt(after.0))
                        .add(column::<E>("until").gt(after.0));
                    E::find()
                        .filter(column::<E>("id").is_in(ids))
                        .filter(touched)
                        .into_query()
                });
                let rows = store.reader().query_all(&select).await?;
                let read: Vec<Version> = of_kind!(kind, E => {
                    let rows = models::<E>(&rows)?;
                    rows.iter().map(Version::of).collect::<Result<_, Error>>()?
                });
                versions.extend(read);
            }
            let reached = last.filter(|_| !is_whole).unwrap_or(to);
            versions.retain(|version| version.since <= reached.0);
            Ok((versions, reached))
        }
        .boxed()
    }
}
