//! Follows contributions: returns each contribution in its current state after it was touched.

use futures_util::stream::{self, Stream, StreamExt};
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};

use super::entity::{Column, Entity, Model};
use super::handle::Contributions;
use super::list::Filter;
use crate::error::Error;
use crate::follow::{followed, read_to};
use crate::head;
use domain::viewer::Viewer;

/// The most contributions that one query reads.
const BATCH_SIZE: u64 = 100;

impl Contributions<'_> {
    /// The counter of touches: it grows by one whenever a contribution is created, edited, moved on or commented on.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn touched(&self) -> Result<i64, Error> {
        Ok(head::read(self.store.reader()).await?.touched)
    }

    /// Streams the contributions that are touched after `after` and that a viewer may see, each in its current state.
    /// A contribution that is touched twice between two reads comes once.
    pub fn follow(
        &self,
        viewer: Viewer,
        filter: Filter,
        after: i64,
    ) -> impl Stream<Item = Model> + Send + use<> {
        let woken = self.store.watched().touched.subscribe();
        let store = self.store.clone();
        let batches = followed(woken, after, move |after| {
            let (store, viewer, filter) = (store.clone(), viewer.clone(), filter.clone());
            async move {
                let contributions = store.contributions();
                contributions.touched_after(&viewer, filter, after).await
            }
        });
        batches.flat_map(stream::iter)
    }

    /// Reads the contributions touched after a counter value, and the value up to which they were read.
    async fn touched_after(
        &self,
        viewer: &Viewer,
        filter: Filter,
        after: i64,
    ) -> Result<(Vec<Model>, i64), Error> {
        let touched = *self.store.watched().touched.borrow();
        let condition = filter.condition(self.store, viewer).await?;
        let rows = Entity::find()
            .filter(condition)
            .filter(Column::Touched.gt(after))
            .filter(Column::Touched.lte(touched))
            .order_by_asc(Column::Touched)
            .limit(BATCH_SIZE)
            .all(self.store.reader())
            .await?;
        let last = rows.last().map(|row| row.touched);
        let to = read_to(rows.len(), BATCH_SIZE, last, touched);
        Ok((rows, to))
    }
}
