//! The authors that contributions are found by.

use sea_orm::entity::prelude::*;

/// Somebody who wrote some of what a contribution proposes.
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
