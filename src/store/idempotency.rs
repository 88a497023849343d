//! Idempotency keys: the answer to a key is stored for a day, so that a client may repeat its request.

use chrono::{DateTime, TimeDelta, Utc};
use sea_orm::entity::prelude::*;
use sea_orm::{ConnectionTrait, IntoActiveModel};

use super::error::Error;
use domain::check::{Code, Path};
use domain::idempotency::Once;

/// An idempotency key and the contribution that answered it.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "idempotency")]
pub struct Model {
    /// The id of the person whose key it is; empty for anonymous readers.
    #[sea_orm(primary_key, auto_increment = false)]
    pub scope: String,
    /// The key.
    #[sea_orm(primary_key, auto_increment = false)]
    pub key: String,
    /// The digest of the request.
    pub digest: String,
    /// The id of the contribution that answered the request.
    pub contribution: String,
    /// The time of the request, in UTC.
    pub created_at: DateTime<Utc>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The lifetime of a key.
const KEY_LIFETIME: TimeDelta = TimeDelta::days(1);

/// Returns the contribution that answered the same request before.
///
/// # Errors
/// [`Error::Refused`] if another request was sent with the same key.
pub async fn seen<C: ConnectionTrait>(
    db: &C,
    scope: &str,
    once: Option<&Once>,
    now: DateTime<Utc>,
) -> Result<Option<String>, Error> {
    let Some(once) = once else { return Ok(None) };
    let row = Entity::find_by_id((scope.to_owned(), once.key.clone()))
        .one(db)
        .await?;
    let row = row.filter(|row| now.signed_duration_since(row.created_at) < KEY_LIFETIME);
    match row {
        Some(row) if row.digest == once.digest => Ok(Some(row.contribution)),
        Some(_) => {
            let message =
                "another request was sent with this key within the last day: use another key";
            let at = Path::default().then("idempotencyKey");
            Err(at.finding(Code::IdempotencyMismatch, message).into())
        }
        None => Ok(None),
    }
}

/// Stores the answer to a request, and deletes expired keys.
pub async fn store_key<C: ConnectionTrait>(
    db: &C,
    scope: &str,
    once: Option<Once>,
    contribution: &str,
    now: DateTime<Utc>,
) -> Result<(), Error> {
    let Some(once) = once else { return Ok(()) };
    Entity::delete_many()
        .filter(Column::CreatedAt.lte(now - KEY_LIFETIME))
        .exec(db)
        .await?;
    let row = Model {
        scope: scope.to_owned(),
        key: once.key,
        digest: once.digest,
        contribution: contribution.to_owned(),
        created_at: now,
    };
    Entity::insert(row.into_active_model())
        .exec_without_returning(db)
        .await?;
    Ok(())
}
