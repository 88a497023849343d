//! The owner's edits: create, update, delete.

use chrono::{DateTime, TimeDelta, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, IntoActiveModel, PaginatorTrait, QuerySelect};

use super::entity::{ActiveModel, Column, Entity, Model};
use super::{Webhooks, delivery, key, secret};
use crate::error::Error;
use crate::head;
use crate::moment::Moment;
use crate::write::Write;
use domain::check::{Code, Finding, Path};
use domain::idempotency::Once;
use domain::url::Url;
use domain::viewer::{Actor, Contributor};
use domain::webhook::WebhookState;

/// Time for which the earlier secrets also sign after a rotation.
const ROTATION_OVERLAP: TimeDelta = TimeDelta::hours(24);
/// The most earlier secrets that sign at the same time.
const MAX_EARLIER_SECRETS: usize = 3;

/// A webhook that is to be created. Its values were checked.
#[derive(Clone, Debug)]
pub struct NewWebhook {
    /// The address.
    pub url: Url,
    /// The subscription whose events are posted.
    pub document: String,
    /// The moment after which it begins; `None` for the end of the log.
    pub after: Option<Moment>,
    /// The idempotency key of the request.
    pub once: Option<Once>,
    /// The most webhooks that the owner may have.
    pub limit: u64,
}

/// An edit of a webhook. Its values were checked.
#[derive(Clone, Debug, Default)]
pub struct WebhookEdit {
    /// The new address.
    pub url: Option<Url>,
    /// The new document.
    pub document: Option<String>,
    /// True if posts begin again at once.
    pub resumes: bool,
    /// The moment after which posts begin again.
    pub after: Option<Moment>,
    /// True if the secret is replaced.
    pub rotates: bool,
}

impl Webhooks<'_> {
    /// Creates a webhook. Returns it with its secret; without, if the same request created it before.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Database`]
    pub fn create<'a>(
        &'a self,
        owner: &'a Contributor,
        new: NewWebhook,
    ) -> BoxFuture<'a, Result<(Model, Option<String>), Error>> {
        let work = async move |tx: &Write| {
            let owner = owner.actor();
            let now = self.store.clock().now();
            if let Some(id) = key::seen(tx, &owner.id, new.once.as_ref(), now).await? {
                let row = owned(tx, owner, &id).await?;
                return Ok((row, None));
            }
            let existing = Entity::find()
                .filter(Column::Person.eq(&owner.id))
                .count(tx)
                .await?;
            if existing >= new.limit {
                let message = format!(
                    "a person has at most {} webhooks: delete one first",
                    new.limit
                );
                return Err(Path::default().finding(Code::Invalid, message).into());
            }
            let end = tx.head().await?.sequence;
            let secret = secret::new()?;
            let row = Model {
                id: uuid::Uuid::now_v7().simple().to_string(),
                person: owner.id.clone(),
                owner: owner.clone(),
                url: new.url,
                document: new.document,
                secret: secret.clone(),
                previous_secret: None,
                previous_until: None,
                state: WebhookState::Active,
                sequence: new.after.map_or(end, |after| after.0),
                attempts: 0,
                failing_since: None,
                next_attempt_at: None,
                last_error: None,
                posts: 0,
                revision: 1,
                touched: head::touch(tx).await?,
                created_at: now,
            };
            Entity::insert(row.clone().into_active_model())
                .exec_without_returning(tx)
                .await?;
            key::store_key(tx, &owner.id, new.once, &row.id, now).await?;
            Ok((row, Some(secret)))
        };
        self.store.write(work).boxed()
    }

    /// Edits a webhook of a person. Returns it, with the new secret if that was replaced.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Database`]
    pub fn update<'a>(
        &'a self,
        owner: &'a Contributor,
        id: &'a str,
        edit: WebhookEdit,
    ) -> BoxFuture<'a, Result<(Model, Option<String>), Error>> {
        let work = async move |tx: &Write| {
            let owner = owner.actor();
            let now = self.store.clock().now();
            let row = owned(tx, owner, id).await?;
            let secret = edit.rotates.then(secret::new).transpose()?;
            let next = edited(&row, owner, edit, secret.clone(), now);
            let next = ActiveModel {
                touched: ActiveValue::Set(head::touch(tx).await?),
                ..next
            };
            let row = Entity::update(next).exec(tx).await?;
            Ok((row, secret))
        };
        self.store.write(work).boxed()
    }

    /// Deletes a webhook of a person. Returns it as it was.
    ///
    /// # Errors
    /// [`Error::Refused`], [`Error::Database`]
    pub async fn delete(&self, owner: &Contributor, id: &str) -> Result<Model, Error> {
        let work = async |tx: &Write| {
            let row = owned(tx, owner.actor(), id).await?;
            delete(tx, id).await?;
            Ok(row)
        };
        self.store.write(work).await
    }
}

/// Deletes a webhook, its deliveries and its idempotency keys.
pub(super) async fn delete(tx: &Write, id: &str) -> Result<(), Error> {
    delivery::Entity::delete_many()
        .filter(delivery::Column::Webhook.eq(id))
        .exec(tx)
        .await?;
    key::Entity::delete_many()
        .filter(key::Column::Answer.eq(id))
        .exec(tx)
        .await?;
    Entity::delete_by_id(id).exec(tx).await?;
    head::touch(tx).await?;
    Ok(())
}

/// The finding that a webhook does not exist, or is that of another person.
pub fn not_found() -> Finding {
    let at = Path::default().then("id");
    at.finding(
        Code::NotFound,
        "there is no such webhook: expected the `id` of one of `webhooks`",
    )
}

/// Reads and locks a webhook of a person.
async fn owned(tx: &Write, owner: &Actor, id: &str) -> Result<Model, Error> {
    let row = locked(tx, id).await?;
    row.filter(|row| row.person == owner.id)
        .ok_or_else(|| not_found().into())
}

/// Reads and locks a webhook.
pub(super) async fn locked(tx: &Write, id: &str) -> Result<Option<Model>, Error> {
    Ok(Entity::find_by_id(id).lock_exclusive().one(tx).await?)
}

/// The columns that an edit changes.
fn edited(
    row: &Model,
    owner: &Actor,
    edit: WebhookEdit,
    secret: Option<String>,
    now: DateTime<Utc>,
) -> ActiveModel {
    let begins_anew = edit.resumes || edit.url.is_some() || edit.document.is_some();
    let mut next = ActiveModel {
        id: ActiveValue::Unchanged(row.id.clone()),
        owner: ActiveValue::Set(owner.clone()),
        ..Default::default()
    };
    if let Some(url) = edit.url {
        next.url = ActiveValue::Set(url);
    }
    if let Some(document) = edit.document {
        next.document = ActiveValue::Set(document);
    }
    if let Some(after) = edit.after {
        next.sequence = ActiveValue::Set(after.0);
    }
    if let Some(secret) = secret {
        // A client that rotates twice may not have received the first new secret: every earlier one goes on signing.
        let earlier: Vec<&str> = row.secrets(now).take(MAX_EARLIER_SECRETS).collect();
        next.previous_secret = ActiveValue::Set(Some(earlier.join(" ")));
        next.previous_until = ActiveValue::Set(Some(now + ROTATION_OVERLAP));
        next.secret = ActiveValue::Set(secret);
    }
    if begins_anew {
        next.revision = ActiveValue::Set(row.revision.saturating_add(1));
    }
    // A suspended webhook stays suspended until it is resumed, also with another address.
    if edit.resumes || begins_anew && row.state != WebhookState::Suspended {
        next.state = ActiveValue::Set(WebhookState::Active);
        next.attempts = ActiveValue::Set(0);
        next.failing_since = ActiveValue::Set(None);
        next.next_attempt_at = ActiveValue::Set(None);
        next.last_error = ActiveValue::Set(None);
    }
    next
}
