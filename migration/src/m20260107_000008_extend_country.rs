//! Adds to countries the periods in which other countries administered them.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::json_binary;

use crate::record;

/// Adds to countries the periods in which other countries administered them.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mut administrations = json_binary("administrations");
        administrations.default("[]");
        record::extend(manager, "country", vec![administrations]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        record::shorten(manager, "country", &["administrations"]).await
    }
}
