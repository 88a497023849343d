//! Tables of idempotency keys. The answer to a key is stored for a day, so that a client may repeat its request.

use chrono::TimeDelta;

use super::error::Error;
use domain::check::{Code, Path};

/// The lifetime of a key.
pub const KEY_LIFETIME: TimeDelta = TimeDelta::days(1);

/// The error for a key that was sent with another request.
pub fn mismatch() -> Error {
    let message = "another request was sent with this key within the last day: use another key";
    let at = Path::default().then("idempotencyKey");
    at.finding(Code::IdempotencyMismatch, message).into()
}

/// Declares the entity of a table of keys, and its two uses. The column `$answer` has the id of what answered a key.
macro_rules! keys {
    ($table:literal, $answer:literal) => {
        use chrono::{DateTime, Utc};
        use domain::idempotency::Once;
        use sea_orm::entity::prelude::*;
        use sea_orm::{ConnectionTrait, IntoActiveModel};

        use $crate::error::Error;
        use $crate::key_table::{KEY_LIFETIME, mismatch};
        use $crate::write::Write;

        /// An idempotency key and the id of what answered it.
        #[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
        #[sea_orm(table_name = $table)]
        pub struct Model {
            /// The id of the person whose key it is; empty for anonymous readers.
            #[sea_orm(primary_key, auto_increment = false)]
            pub scope: String,
            /// The key.
            #[sea_orm(primary_key, auto_increment = false)]
            pub key: String,
            /// The digest of the request.
            pub digest: String,
            /// The id of what answered the request.
            #[sea_orm(column_name = $answer)]
            pub answer: String,
            /// The time of the request, in UTC.
            pub created_at: DateTime<Utc>,
        }

        #[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
        pub enum Relation {}

        impl ActiveModelBehavior for ActiveModel {}

        /// Returns the id of what answered the same request before.
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
                Some(row) if row.digest == once.digest => Ok(Some(row.answer)),
                Some(_) => Err(mismatch()),
                None => Ok(None),
            }
        }

        /// Stores the answer to a request, and deletes expired keys.
        ///
        /// # Errors
        /// [`Error::Database`]
        pub(crate) async fn store_key(
            tx: &Write,
            scope: &str,
            once: Option<Once>,
            answer: &str,
            now: DateTime<Utc>,
        ) -> Result<(), Error> {
            let Some(once) = once else { return Ok(()) };
            Entity::delete_many()
                .filter(Column::CreatedAt.lte(now - KEY_LIFETIME))
                .exec(tx)
                .await?;
            let row = Model {
                scope: scope.to_owned(),
                key: once.key,
                digest: once.digest,
                answer: answer.to_owned(),
                created_at: now,
            };
            tx.insert_later([row.into_active_model()]);
            Ok(())
        }
    };
}
pub(crate) use keys;
