//! Deliveries: the latest posts of each webhook.

use std::collections::HashMap;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use sea_orm::QueryOrder;
use sea_orm::entity::prelude::*;

use crate::Store;
use crate::error::Error;
use crate::load::Key;

/// One post, or one attempt at it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook_delivery")]
pub struct Model {
    /// The id of the webhook.
    #[sea_orm(primary_key, auto_increment = false)]
    pub webhook: String,
    /// The number of the delivery, counted from 1 for each webhook.
    #[sea_orm(primary_key, auto_increment = false)]
    pub number: i64,
    /// The time at which it began, in UTC.
    pub at: DateTime<Utc>,
    /// The sequence number of the change.
    pub sequence: i64,
    /// The number of the attempt at this change, counted from 1.
    pub attempt: i32,
    /// The HTTP status of the answer; `None` if there was none.
    pub status: Option<i32>,
    /// The reason why it failed; `None` if it succeeded.
    pub error: Option<String>,
    /// The time until the answer, in milliseconds.
    pub took_ms: i32,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The number of deliveries that are kept for each webhook. Up to `SLACK` more may be stored.
pub const MAX_DELIVERIES: i64 = 50;
/// Number of deliveries after which older ones are deleted.
pub(super) const SLACK: i64 = 10;

/// The deliveries of a webhook, newest first.
pub type Deliveries = Arc<[Model]>;

/// Loader key for the deliveries of a webhook that are kept, newest first.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct LatestDeliveries(pub String);

#[async_trait::async_trait]
impl Key for LatestDeliveries {
    type Value = Deliveries;
    const FOLLOWS_THE_LOG: bool = false;

    async fn load(store: &Store, keys: &[Self]) -> Result<HashMap<Self, Self::Value>, Error> {
        let rows = Entity::find()
            .filter(Column::Webhook.is_in(keys.iter().map(|key| key.0.clone())))
            .order_by_desc(Column::Number)
            .all(store.reader())
            .await?;
        let mut found: HashMap<LatestDeliveries, Vec<Model>> = HashMap::new();
        for row in rows {
            let key = LatestDeliveries(row.webhook.clone());
            found.entry(key).or_default().push(row);
        }
        let found = found.into_iter();
        Ok(found.map(|(key, rows)| (key, rows.into())).collect())
    }

    fn rows(value: &Self::Value) -> usize {
        value.len()
    }
}
