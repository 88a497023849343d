//! The lineage of a database: the databases whose backups were restored into it. Up to the last common change, their
//! cursors mean the same here.

use sea_orm::entity::prelude::*;
use sea_orm::{ActiveValue, ConnectionTrait, PaginatorTrait, QueryOrder};

use super::error::Error;
use super::head;
use super::moment::Moment;

/// A database from which this one descends.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "lineage")]
pub struct Model {
    /// The id of the database.
    #[sea_orm(primary_key, auto_increment = false)]
    pub ancestor: String,
    /// The number of databases from which that one descends.
    pub generation: i64,
    /// The sequence number of the last change that both have.
    pub last_common: i64,
}

/// Empty: no relations are used.
#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Reads the databases from which this one descends, the first one first, each with the moment up to which its cursors
/// are valid.
pub async fn ancestors<C: ConnectionTrait>(db: &C) -> Result<Vec<(String, Moment)>, Error> {
    let rows = Entity::find().order_by_asc(Column::Generation);
    Ok(rows
        .all(db)
        .await?
        .into_iter()
        .map(|row| (row.ancestor, Moment(row.last_common)))
        .collect())
}

/// Gives a restored database an id of its own, and records from which database it descends.
pub async fn descend<C: ConnectionTrait>(db: &C) -> Result<(), Error> {
    let (database, sequence) = head::position(db).await?;
    let generation = Entity::find().count(db).await?;
    let ancestor = ActiveModel {
        ancestor: ActiveValue::Set(database),
        generation: ActiveValue::Set(i64::try_from(generation).unwrap_or(i64::MAX)),
        last_common: ActiveValue::Set(sequence),
    };
    Entity::insert(ancestor).exec_without_returning(db).await?;
    head::rename(db).await
}
