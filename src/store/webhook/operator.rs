//! The steps of an operator, which need no owner.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, ConnectionTrait};

use super::Webhooks;
use super::edit::{delete, locked};
use super::entity::{ActiveModel, Column, Entity, Model};
use crate::error::Error;
use crate::head;
use crate::write::Write;
use domain::webhook::WebhookState;

/// The reason that owners see after a suspension by an operator.
const BY_OPERATOR: &str = "the operator of this service suspended the webhook";
/// The reason that owners see after a restore.
const RESTORED: &str = "this database was restored from a backup: resume the webhook";

impl Webhooks<'_> {
    /// Suspends a webhook of any person. Returns it as it was. Servers that run stop their posts.
    ///
    /// # Errors
    /// [`Error::Unusable`], [`Error::Database`]
    pub async fn suspend_any(&self, id: &str) -> Result<Model, Error> {
        let work = async |tx: &Write| {
            let row = locked(tx, id).await?.ok_or_else(|| unknown(id))?;
            let next = ActiveModel {
                id: ActiveValue::Unchanged(row.id.clone()),
                // Results of posts that began before do not count.
                revision: ActiveValue::Set(row.revision.saturating_add(1)),
                touched: ActiveValue::Set(head::touch(tx).await?),
                ..suspended(BY_OPERATOR)
            };
            Entity::update(next).exec(tx).await?;
            Ok(row)
        };
        self.store.write(work).await
    }

    /// Deletes a webhook of any person. Returns it as it was.
    ///
    /// # Errors
    /// [`Error::Unusable`], [`Error::Database`]
    pub async fn delete_any(&self, id: &str) -> Result<Model, Error> {
        let work = async |tx: &Write| {
            let row = locked(tx, id).await?.ok_or_else(|| unknown(id))?;
            delete(tx, id).await?;
            Ok(row)
        };
        self.store.write(work).await
    }
}

/// Suspends all webhooks of a restored database, so that a copy calls no receiver unless the owner wants it. Those that
/// are suspended already keep their reason. Returns the number of the others.
///
/// # Errors
/// [`Error::Database`]
pub async fn suspend_restored<C: ConnectionTrait>(db: &C) -> Result<u64, Error> {
    let done = Entity::update_many()
        .set(suspended(RESTORED))
        .filter(Column::State.ne(WebhookState::Suspended))
        .exec(db)
        .await?;
    Ok(done.rows_affected)
}

/// The columns of a suspension.
fn suspended(reason: &str) -> ActiveModel {
    ActiveModel {
        state: ActiveValue::Set(WebhookState::Suspended),
        failing_since: ActiveValue::Set(None),
        next_attempt_at: ActiveValue::Set(None),
        last_error: ActiveValue::Set(Some(reason.to_owned())),
        ..Default::default()
    }
}

fn unknown(id: &str) -> Error {
    Error::Unusable(format!(
        "there is no webhook {id:?}: `webhook list` shows the ids"
    ))
}
