//! Following contributions: each as it is after it was touched.

use futures_util::stream::{self, Stream, StreamExt};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::{Column, Entity, Filter, Model};
use crate::error::Error;
use crate::follow::{followed, read_to};
use crate::{Store, head};
use domain::viewer::Viewer;

/// How many contributions are read at once.
const BATCH: u64 = 100;

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
        let (store, woken) = (self.clone(), self.watched().touched.subscribe());
        let batches = followed(woken, after, move |after| {
            let (store, viewer, filter) = (store.clone(), viewer.clone(), filter.clone());
            async move { store.touched_after(&viewer, filter, after).await }
        });
        batches.flat_map(stream::iter)
    }

    /// The contributions that were touched since, and until when.
    async fn touched_after(
        &self,
        viewer: &Viewer,
        filter: Filter,
        after: i64,
    ) -> Result<(Vec<Model>, i64), Error> {
        let touched = *self.watched().touched.borrow();
        let rows = Entity::find()
            .filter(filter.condition(viewer))
            .filter(Column::Touched.gt(after))
            .filter(Column::Touched.lte(touched))
            .order_by_asc(Column::Touched)
            .limit(BATCH)
            .all(self.reader())
            .await?;
        let last = rows.last().map(|row| row.touched);
        let to = read_to(rows.len(), BATCH, last, touched);
        Ok((rows, to))
    }
}
