//! Following contributions: each as it is after it was touched.

use std::time::Duration;

use futures_util::Stream;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use tokio::sync::watch;

use super::{Column, Entity, Filter, Model};
use crate::domain::viewer::Viewer;
use crate::store::error::Error;
use crate::store::{Store, head};

/// How many contributions are read at once.
const BATCH: u64 = 100;
/// How long a follower waits at most: a lost wake-up costs this.
const POLL: Duration = Duration::from_secs(1);

impl Store {
    /// How often contributions were touched until now.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn touched(&self) -> Result<i64, Error> {
        Ok(head::read(self.reader()).await?.touched)
    }

    /// The contributions that are touched from now on and that a viewer may know of, each as it is when
    /// it is looked at: what is touched twice in between comes once.
    pub fn follow_contributions(
        &self,
        viewer: Viewer,
        filter: Filter,
        after: i64,
    ) -> impl Stream<Item = Model> + Send + use<> {
        let start = Watch {
            store: self.clone(),
            viewer,
            filter,
            stirred: self.0.stirred.subscribe(),
            after,
            found: Vec::new().into_iter(),
        };
        futures_util::stream::unfold(start, |mut watch| async move {
            loop {
                if let Some(row) = watch.found.next() {
                    return Some((row, watch));
                }
                let more = watch.next_batch().await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "a follower of contributions waits for the database");
                    false
                });
                if !more {
                    // Woken or not, it looks again: a wake-up carries nothing.
                    let _ = tokio::time::timeout(POLL, watch.stirred.changed()).await;
                }
            }
        })
    }
}

struct Watch {
    store: Store,
    viewer: Viewer,
    filter: Filter,
    stirred: watch::Receiver<()>,
    after: i64,
    found: std::vec::IntoIter<Model>,
}

impl Watch {
    /// Reads on; false where nothing was touched since.
    async fn next_batch(&mut self) -> Result<bool, Error> {
        self.stirred.mark_unchanged();
        let touched = self.store.touched().await?;
        if touched <= self.after {
            return Ok(false);
        }
        let rows = Entity::find()
            .filter(self.filter.clone().condition(&self.viewer))
            .filter(Column::Touched.gt(self.after))
            .filter(Column::Touched.lte(touched))
            .order_by_asc(Column::Touched)
            .limit(BATCH)
            .all(self.store.reader())
            .await?;
        let is_whole = u64::try_from(rows.len()).is_ok_and(|read| read < BATCH);
        let last = rows.last().map(|row| row.touched);
        self.after = if is_whole {
            touched
        } else {
            last.unwrap_or(touched)
        };
        self.found = rows.into_iter();
        Ok(true)
    }
}
