//! The table of webhooks.

use chrono::{DateTime, Utc};
use sea_orm::entity::prelude::*;

use crate::moment::Moment;
use domain::url::Url;
use domain::viewer::Actor;
use domain::webhook::WebhookState;

/// An address to which changes are posted.
#[derive(Clone, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "webhook")]
pub struct Model {
    /// The id. Ids of later webhooks sort after those of earlier ones.
    #[sea_orm(primary_key, auto_increment = false)]
    pub id: String,
    /// The id of the owner.
    pub person: String,
    /// The owner, with the role at the last edit.
    pub owner: Actor,
    /// The address.
    pub url: Url,
    /// The subscription whose events are posted.
    pub document: String,
    /// The secret that signs, with its prefix. It is stored in plain text, because each post needs it.
    pub secret: String,
    /// The secrets before the last rotations, the newest first, separated by spaces. They also sign for a while.
    pub previous_secret: Option<String>,
    /// The time until which they also sign, in UTC.
    pub previous_until: Option<DateTime<Utc>>,
    /// The state.
    pub state: WebhookState,
    /// The sequence number of the last change that was taken, or that the document does not select.
    pub sequence: i64,
    /// The number of failed attempts at the next change.
    pub attempts: i32,
    /// The time of the first failed attempt at the next change, in UTC.
    pub failing_since: Option<DateTime<Utc>>,
    /// The time before which there is no further attempt, in UTC.
    pub next_attempt_at: Option<DateTime<Utc>>,
    /// The reason why the last attempt failed; `None` if it succeeded.
    pub last_error: Option<String>,
    /// The number of deliveries so far, failed ones included.
    pub posts: i64,
    /// The number of edits of address or document and of resumptions, plus one. Results of posts that began before such
    /// an edit do not count.
    pub revision: i32,
    /// The counter of the last edit by the owner; grows with each edit of any webhook.
    pub touched: i64,
    /// The time of creation, in UTC.
    pub created_at: DateTime<Utc>,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Does not show the secrets.
impl std::fmt::Debug for Model {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let mut out = out.debug_struct("Webhook");
        out.field("id", &self.id).field("state", &self.state);
        out.field("sequence", &self.sequence)
            .finish_non_exhaustive()
    }
}

impl Model {
    /// The moment of the last change that was taken, or that the document does not select.
    pub fn reached(&self) -> Moment {
        Moment(self.sequence)
    }

    /// The secrets that sign at a time, the newest first.
    pub fn secrets(&self, now: DateTime<Utc>) -> impl Iterator<Item = &str> {
        let is_valid = self.previous_until.is_some_and(|until| now < until);
        let earlier = self.previous_secret.as_deref().filter(|_| is_valid);
        let earlier = earlier.into_iter().flat_map(|secrets| secrets.split(' '));
        std::iter::once(self.secret.as_str()).chain(earlier)
    }
}
