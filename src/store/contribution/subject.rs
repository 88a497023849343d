//! The records and countries by which contributions are found.

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Query, SimpleExpr};

use super::entity;

/// A record, or a country by its code, that a contribution is about.
#[derive(Clone, Debug, PartialEq, Eq, DeriveEntityModel)]
#[sea_orm(table_name = "contribution_subject")]
pub struct Model {
    #[sea_orm(primary_key, auto_increment = false)]
    pub contribution: String,
    #[sea_orm(primary_key, auto_increment = false)]
    pub subject: String,
    /// The version on which the proposed change of the record is based; `None` for a new record and for a country code.
    pub base_version: Option<i32>,
}

#[derive(Copy, Clone, Debug, EnumIter, DeriveRelation)]
pub enum Relation {}

impl ActiveModelBehavior for ActiveModel {}

/// Condition for the contributions about at least one of the given records or countries.
pub(super) fn about(subjects: impl Iterator<Item = String>) -> SimpleExpr {
    let contributions = Query::select()
        .column(Column::Contribution)
        .from(Entity)
        .and_where(Column::Subject.is_in(subjects))
        .to_owned();
    entity::Column::Id.in_subquery(contributions)
}
