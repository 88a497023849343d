//! Passing the log on to elsewhere: by one node among all, which remembers how far it has come.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::OnConflict;
use sea_orm::sqlx::PgConnection;
use sea_orm::{ActiveValue, ExprTrait};

use super::address::Address;
use super::error::Error;
use super::moment::Moment;
use super::{Store, lock};

/// A stream that the log is passed on to, and the last change that it has acknowledged.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "relay")]
pub struct Model {
    /// Names the stream.
    #[sea_orm(primary_key, auto_increment = false)]
    pub stream: String,
    /// The number of the change.
    pub sequence: i64,
}

/// None.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// The right to pass the log on, which one node has.
pub struct Lead {
    store: Store,
    /// Where nodes share a database, the connection that has its lock, or asks for it.
    connection: Option<PgConnection>,
}

impl Store {
    /// The right to pass the log on, not taken yet.
    pub fn lead(&self) -> Lead {
        Lead {
            store: self.clone(),
            connection: None,
        }
    }
}

impl Lead {
    /// Takes the right; whether no other node has it.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn take(&mut self) -> Result<bool, Error> {
        let Address::Shared(options) = &self.store.0.address else {
            return Ok(true);
        };
        let mut connection = match self.connection.take() {
            Some(connection) => connection,
            None => lock::relay_connection(options).await.map_err(away)?,
        };
        let is_ours = lock::lock_relay(&mut connection).await.map_err(away)?;
        self.connection = Some(connection);
        Ok(is_ours)
    }

    /// Whether the right still holds.
    ///
    /// # Errors
    /// [`Error::Database`]: it is lost.
    pub async fn holds(&mut self) -> Result<(), Error> {
        match &mut self.connection {
            Some(connection) => lock::check(connection).await.map_err(away),
            None => Ok(()),
        }
    }

    /// Leaves the right to others.
    pub fn leave(&mut self) {
        self.connection = None;
    }

    /// The last change that a stream has acknowledged.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn position(&self, stream: &str) -> Result<Moment, Error> {
        let row = Entity::find_by_id(stream).one(self.store.reader()).await?;
        Ok(row.map(|row| Moment(row.sequence)).unwrap_or_default())
    }

    /// Remembers what a stream has acknowledged, where the right still holds; it never goes back.
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
        let tx = self.store.writer().begin().await?;
        Entity::insert(row)
            .on_conflict(again)
            .exec_without_returning(&tx)
            .await?;
        tx.commit().await
    }
}

fn away(error: sea_orm::sqlx::Error) -> Error {
    DbErr::Conn(sea_orm::RuntimeErr::SqlxError(error.into())).into()
}
