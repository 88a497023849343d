//! Webhooks: addresses to which changes are posted. The owner creates and edits them; one instance posts, and records
//! how far each has come.

mod delivery;
mod edit;
mod entity;
mod key;
mod operator;
mod outcome;
mod owner;
mod secret;

use sea_orm::entity::prelude::*;
use sea_orm::{PaginatorTrait, QueryOrder, QuerySelect};

use crate::Store;
use crate::error::Error;

pub use delivery::{Deliveries, LatestDeliveries, MAX_DELIVERIES};
pub use edit::{NewWebhook, WebhookEdit, not_found};
pub use entity::{ActiveModel, Column, Entity, Model, PrimaryKey, Relation};
pub use operator::suspend_restored;
pub use outcome::{Attempt, Next, Outcome, Passed};
pub use owner::OwnerRights;
pub use secret::SECRET_PREFIX;

/// One post, or one attempt at it.
pub type Delivery = delivery::Model;

/// Access to the webhooks of a store.
#[derive(Clone, Copy)]
pub struct Webhooks<'a> {
    store: &'a Store,
}

impl Store {
    /// Returns access to the webhooks.
    pub fn webhooks(&self) -> Webhooks<'_> {
        Webhooks { store: self }
    }
}

impl Webhooks<'_> {
    /// The webhooks of a person, oldest first.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn of_person(&self, person: &str) -> Result<Vec<Model>, Error> {
        let found = Entity::find()
            .filter(Column::Person.eq(person))
            .order_by_asc(Column::Id);
        Ok(found.all(self.store.reader()).await?)
    }

    /// The webhook of a person with this id; `None` if the person has none with it.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn find(&self, person: &str, id: &str) -> Result<Option<Model>, Error> {
        let found = Entity::find_by_id(id).one(self.store.reader()).await?;
        Ok(found.filter(|row| row.person == person))
    }

    /// The webhooks that were created or edited after a value of the counter, in the order of their last edits. The
    /// counter grows in the order of commits, so none is missed.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn touched_after(&self, touched: i64) -> Result<Vec<Model>, Error> {
        let found = Entity::find()
            .filter(Column::Touched.gt(touched))
            .order_by_asc(Column::Touched);
        Ok(found.all(self.store.reader()).await?)
    }

    /// The number of webhooks.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn count(&self) -> Result<usize, Error> {
        let found = Entity::find().count(self.store.reader()).await?;
        Ok(usize::try_from(found).unwrap_or(usize::MAX))
    }

    /// The ids of all webhooks.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn ids(&self) -> Result<Vec<String>, Error> {
        let found = Entity::find().select_only().column(Column::Id);
        Ok(found.into_tuple().all(self.store.reader()).await?)
    }

    /// All webhooks, oldest first.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn all(&self) -> Result<Vec<Model>, Error> {
        let found = Entity::find().order_by_asc(Column::Id);
        Ok(found.all(self.store.reader()).await?)
    }

    /// The webhooks with these ids, as they are stored now.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn load(&self, ids: &[String]) -> Result<Vec<Model>, Error> {
        let mut found = Vec::new();
        for some in ids.chunks(IDS_PER_STATEMENT) {
            let rows = Entity::find().filter(Column::Id.is_in(some.iter().map(String::as_str)));
            found.extend(rows.all(self.store.reader()).await?);
        }
        Ok(found)
    }
}

/// The most ids in one statement: both databases limit its parameters.
const IDS_PER_STATEMENT: usize = 500;
