//! The authors by which contributions are found.

use sea_orm::entity::prelude::*;

/// A person who wrote changes of a contribution.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contribution_author")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contribution: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub person: String,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}
