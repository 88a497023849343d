//! Webhooks: the object, its deliveries, and the edits by its owner.

mod checks;
mod delivery;
mod input;
mod mutation;
mod payload;

use std::sync::Arc;

use async_graphql::{Context, ID, Object};
use cyberprofiles_graphql_macros::at_once;

use crate::engine::context::RequestContext;
use crate::engine::error::Error;
use crate::engine::objects::Objects;
use domain::scalar::{Cursor, DateTime};
use domain::text::truncate;
use domain::url::Url;
use domain::webhook::{ID_PREFIX as PREFIX, WebhookState};
use store::moment::Moment;
use store::webhook::{LatestDeliveries, MAX_DELIVERIES, Model};

pub use delivery::WebhookDelivery;
pub use input::{CreateWebhookInput, DeleteWebhookInput, UpdateWebhookInput};
pub use mutation::{create, delete, update};
pub use payload::WebhookPayload;

/// Number of deliveries that are returned without `first`.
const DELIVERIES: i32 = 10;

/// An address to which changes are posted.
pub struct Webhook {
    row: Arc<Model>,
    /// The end of the log.
    newest: Moment,
}

/// An address to which changes are posted, signed by the Standard Webhooks specification. `document` selects what is
/// posted, as a subscription would: the body of each post is the response of that subscription for one change.
///
/// Changes are posted in order, one at a time and each at least once. Status 2xx takes a change; only then the next one
/// follows. Any other answer is a failure, redirects too. After a failure the same change is posted again: after about 5
/// seconds, 30 seconds, 2 minutes, 10 minutes, 30 minutes, and then every hour. `Retry-After` lengthens the pause for status
/// 429 and 503. After three days, unless the operator has set another time, and at once for status 410, the webhook is
/// suspended. Its owner also finds it suspended after a restore of the database. Nothing is lost: it continues after
/// `cursor` when its owner resumes it.
///
/// The header `webhook-id` contains the cursor of the change. It is the same in each attempt, so that a receiver can
/// recognise a change that it has already.
///
/// A webhook belongs to a person and reads with the rights of that person. It is suspended soon after none of the
/// person's tokens is valid any more.
#[at_once]
#[Object]
impl Webhook {
    /// Identifies the webhook, as in `Webhook:…`.
    pub async fn id(&self) -> ID {
        format!("{PREFIX}{}", self.row.id).into()
    }

    /// The address to which changes are posted.
    async fn url(&self) -> Url {
        self.row.url.clone()
    }

    /// The GraphQL document: a subscription to `changes`.
    async fn document(&self) -> &str {
        &self.row.document
    }

    /// The state.
    async fn state(&self) -> WebhookState {
        self.row.state
    }

    /// The cursor of the last change that was taken, or that the document does not select. Posts continue after it.
    async fn cursor(&self, ctx: &Context<'_>) -> Cursor {
        Cursor(ctx.store().cursors().write(self.row.reached()))
    }

    /// The number of changes in the log after `cursor`, whether the document selects them or not. Changes that it does
    /// not select are passed within seconds.
    async fn behind(&self) -> i32 {
        let behind = self.newest.0.saturating_sub(self.row.sequence).max(0);
        i32::try_from(behind).unwrap_or(i32::MAX)
    }

    /// The reason why the last post failed, or why the webhook is suspended. Null while `state` is `ACTIVE`.
    async fn last_error(&self) -> Option<&str> {
        self.row.last_error.as_deref()
    }

    /// The instant of the next attempt, while `state` is `FAILING`; null otherwise.
    async fn next_attempt_at(&self) -> Option<DateTime> {
        self.row.next_attempt_at.map(DateTime)
    }

    /// The last deliveries, newest first; failed attempts are deliveries, too. Bounded: the last 50 are kept.
    async fn deliveries(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The number of deliveries: 1 to 50. Left out: 10.")] first: Option<i32>,
    ) -> Result<Objects<WebhookDelivery>, Error> {
        let first = i64::from(first.unwrap_or(DELIVERIES));
        if !(1..=MAX_DELIVERIES).contains(&first) {
            let message = format!("expected a number from 1 to {MAX_DELIVERIES}");
            return Err(Error::bad("first", message));
        }
        let key = LatestDeliveries(self.row.id.clone());
        let found = ctx.loader().load_one(key).await?;
        let rows = found.iter().flat_map(|rows| rows.iter());
        let rows = rows.take(usize::try_from(first).unwrap_or_default());
        Ok(rows.map(WebhookDelivery::of).collect())
    }

    /// The instant at which it was created.
    async fn created_at(&self) -> DateTime {
        DateTime(self.row.created_at)
    }
}

impl Webhook {
    pub(super) fn new(row: Model, newest: Moment) -> Self {
        let row = Arc::new(row);
        Self { row, newest }
    }

    /// Loads a webhook by the bare part of its id, if it belongs to the viewer.
    ///
    /// # Errors
    /// `UNAVAILABLE`, `INTERNAL`
    pub async fn find(ctx: &Context<'_>, id: &str) -> Result<Option<Self>, Error> {
        let Some(viewer) = ctx.viewer().actor() else {
            return Ok(None);
        };
        let found = ctx.store().webhooks().find(&viewer.id, id).await?;
        let newest = ctx.view().moment;
        Ok(found.map(|row| Self::new(row, newest)))
    }
}

/// The part of an id after its prefix.
///
/// # Errors
/// The expected form.
pub fn bare(id: &str) -> Result<&str, String> {
    let bare = id.strip_prefix(PREFIX);
    let is_id =
        |bare: &&str| !bare.is_empty() && bare.bytes().all(|one| one.is_ascii_alphanumeric());
    bare.filter(is_id).ok_or_else(|| {
        format!(
            "\u{201c}{}\u{201d} is not the id of a webhook: expected \u{201c}{PREFIX}\u{2026}\u{201d}",
            truncate(id)
        )
    })
}

/// The webhooks of the viewer.
///
/// # Errors
/// `UNAUTHENTICATED`, `FORBIDDEN`, `UNAVAILABLE`, `INTERNAL`
pub async fn list(ctx: &Context<'_>) -> Result<Objects<Webhook>, Error> {
    let owner = ctx.viewer().contributor()?;
    let rows = ctx.store().webhooks().of_person(&owner.actor().id).await?;
    let newest = ctx.view().moment;
    Ok(rows
        .into_iter()
        .map(|row| Webhook::new(row, newest))
        .collect())
}
