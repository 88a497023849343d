//! The filter of contributions, and pages of them.

use std::collections::HashMap;

use sea_orm::QuerySelect;
use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, Order, Query, SimpleExpr};

use super::author;
use super::awaiting::awaiting;
use super::entity::{Column, Entity, Model};
use super::handle::Contributions;
use super::subject::about;
use crate::Store;
use crate::error::Error;
use crate::list;
use crate::page::{Page, Slice};
use domain::contribution::{Audience, State};
use domain::record::RecordId;
use domain::text::CountryCode;
use domain::viewer::{Role, Viewer};

/// Filter of contributions. A field that is `None` does not restrict the list.
#[derive(Clone, Debug, Default)]
pub struct Filter {
    /// Contributions with one of these ids.
    pub ids: Option<Vec<String>>,
    /// Contributions in one of these states.
    pub state: Option<Vec<State>>,
    /// Contributions about one of these countries.
    pub countries: Option<Vec<CountryCode>>,
    /// Contributions about one of these records.
    pub records: Option<Vec<RecordId>>,
    /// True if only contributions pass that wait for the viewer: to review, to answer or to resolve.
    pub awaiting_viewer: bool,
    /// True if only contributions of which the viewer is an author pass.
    pub mine: bool,
}

impl Filter {
    /// The condition for the contributions that pass and that a viewer may see.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub(super) async fn condition(
        self,
        store: &Store,
        viewer: &Viewer,
    ) -> Result<Condition, Error> {
        let mut audiences = vec![Audience::All];
        if viewer.role() >= Role::Editor {
            audiences.push(Audience::Editors);
        }
        let mut all = Condition::all().add(
            Condition::any()
                .add(Column::Audience.is_in(audiences))
                .add(by(viewer)),
        );
        if self.awaiting_viewer {
            all = all.add(awaiting(store, viewer).await?);
        }
        if self.mine {
            all = all.add(by(viewer));
        }
        if let Some(ids) = self.ids {
            all = all.add(Column::Id.is_in(ids));
        }
        if let Some(state) = self.state {
            all = all.add(Column::State.is_in(state));
        }
        if let Some(countries) = self.countries {
            all = all.add(about(countries.iter().map(ToString::to_string)));
        }
        if let Some(records) = self.records {
            all = all.add(about(records.iter().map(ToString::to_string)));
        }
        Ok(all)
    }
}

/// Condition for the contributions of which a viewer is an author.
pub(super) fn by(viewer: &Viewer) -> SimpleExpr {
    let person = viewer.actor().map(|actor| actor.id.clone());
    let written = Query::select()
        .column(author::Column::Contribution)
        .from(author::Entity)
        .and_where(author::Column::Person.eq(person.unwrap_or_default()))
        .to_owned();
    Column::Id.in_subquery(written)
}

impl Contributions<'_> {
    /// Reads a page of the contributions that a viewer may see, in order of creation. The ids have that order.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn list(
        &self,
        viewer: &Viewer,
        filter: Filter,
        newest_first: bool,
        page: &Page,
    ) -> Result<Slice<Model>, Error> {
        let condition = filter.condition(self.store, viewer).await?;
        let whole = Entity::find().filter(condition);
        let order = [(
            "id",
            if newest_first {
                Order::Desc
            } else {
                Order::Asc
            },
        )];
        let sorted = list::SortedQuery::of(whole, &order);
        list::read::<Entity>(&sorted.page(self.store.reader(), page).await?)
    }

    /// Counts the contributions that a viewer may see, by state. States without contributions are left out.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn count_by_state(
        &self,
        viewer: &Viewer,
        filter: Filter,
    ) -> Result<HashMap<State, i64>, Error> {
        let condition = filter.condition(self.store, viewer).await?;
        let counts = Entity::find()
            .filter(condition)
            .select_only()
            .column(Column::State)
            .column_as(Column::Id.count(), "count")
            .group_by(Column::State)
            .into_tuple::<(State, i64)>()
            .all(self.store.reader())
            .await?;
        Ok(counts.into_iter().collect())
    }
}
