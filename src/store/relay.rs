//! The relay of the log to an external stream: which instance relays, and how far the stream has come.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::sqlx::PgConnection;
use sea_orm::{ActiveValue, ExprTrait};

use super::address::Address;
use super::error::{Error, connection_error};
use super::moment::Moment;
use super::{Store, lock};

/// An external stream, and the last change that it has acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "relay")]
pub struct Model {
    /// The name of the stream.
    #[sea_orm(primary_key, auto_increment = false)]
    pub stream: String,
    /// The sequence number of the change.
    pub sequence: i64,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Work that one instance does for all that share a database.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Duty {
    /// Relaying the log to an external stream.
    Relay,
    /// Posting changes to webhooks.
    Webhooks,
}

/// The right to do a duty. One instance has it at a time.
pub struct Lead {
    store: Store,
    duty: Duty,
    /// The connection that holds the lock, or asks for it. `None` before it asks, and on an embedded database, which
    /// only one instance serves.
    connection: Option<PgConnection>,
}

impl Store {
    /// Returns the right to do a duty, not yet taken.
    pub fn lead(&self, duty: Duty) -> Lead {
        Lead {
            store: self.clone(),
            duty,
            connection: None,
        }
    }
}

impl Lead {
    /// Tries to take the right; false if another instance has it.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn take(&mut self) -> Result<bool, Error> {
        let Address::Shared(options) = &self.store.0.address else {
            return Ok(true);
        };
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => lock::duty_connection(options).await.map_err(away)?,
        };
        let is_ours = lock::lock_duty(&mut connection, self.duty)
            .await
            .map_err(away)?;
        self.connection = Some(connection);
        Ok(is_ours)
    }

    /// Checks that the right is still held.
    ///
    /// # Errors
    /// [`Error::Database`]: the right is lost.
    pub async fn holds(&mut self) -> Result<(), Error> {
        match &mut self.connection {
            Some(connection) => lock::check(connection).await.map_err(away),
            None => Ok(()),
        }
    }

    /// Releases the right.
    pub fn leave(&mut self) {
        self.connection = None;
    }

    /// The last change that a stream has acknowledged; the moment before the first change for a new stream.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn position(&self, stream: &str) -> Result<Moment, Error> {
        let row = Entity::find_by_id(stream).one(self.store.reader()).await?;
        Ok(row.map(|row| Moment(row.sequence)).unwrap_or_default())
    }

    /// Stores the last change that a stream has acknowledged, if the right is still held. The position never
    /// decreases.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn reached(&mut self, stream: &str, moment: Moment) -> Result<(), Error> {
        self.holds().await?;
        let row = ActiveModel {
            stream: ActiveValue::Set(stream.to_owned()),
            sequence: ActiveValue::Set(moment.0),
        };
        let again = OnConflict::column(Column::Stream)
            .update_column(Column::Sequence)
            .action_and_where(Expr::col((Entity, Column::Sequence)).lt(moment.0))
            .to_owned();
        let tx = self.store.writer().begin_alone().await?;
        Entity::insert(row)
            .on_conflict(again)
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await
    }
}

fn away(error: sea_orm::sqlx::Error) -> Error {
    connection_error(error).into()
}
