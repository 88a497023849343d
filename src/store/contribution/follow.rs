//! Following contributions: each as it is after it was touched.

use futures_util::Stream;
use sea_orm::entity::prelude::*;
use sea_orm::{QueryOrder, QuerySelect};
use tokio::sync::watch;

use super::{Column, Entity, Filter, Model};
use crate::domain::viewer::Viewer;
use crate::store::error::Error;
use crate::store::follow::{Scan, followed, read_to};
use crate::store::{Store, head};

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
        followed(Touched {
            store: self.clone(),
            viewer,
            filter,
            stirred: self.0.stirred.subscribe(),
            after,
        })
    }
}

struct Touched {
    store: Store,
    viewer: Viewer,
    filter: Filter,
    stirred: watch::Receiver<()>,
    after: i64,
}

impl Scan for Touched {
    type Item = Model;
    type Wake = ();

    async fn batch(&mut self) -> Result<Option<Vec<Model>>, Error> {
        let touched = self.store.touched().await?;
        if touched <= self.after {
            return Ok(None);
        }
        let rows = Entity::find()
            .filter(self.filter.clone().condition(&self.viewer))
            .filter(Column::Touched.gt(self.after))
            .filter(Column::Touched.lte(touched))
            .order_by_asc(Column::Touched)
            .limit(BATCH)
            .all(self.store.reader())
            .await?;
        let last = rows.last().map(|row| row.touched);
        self.after = read_to(rows.len(), BATCH, last, touched);
        Ok(Some(rows))
    }

    fn woken(&mut self) -> &mut watch::Receiver<()> {
        &mut self.stirred
    }
}
