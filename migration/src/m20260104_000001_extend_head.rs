//! Adds the last day whose effects are in the log to the head.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_null;

/// Adds the last day whose effects are in the log to the head.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let extended = Table::alter()
            .table("head")
            .add_column(string_null("effects_through"))
            .to_owned();
        manager.alter_table(extended).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let shortened = Table::alter()
            .table("head")
            .drop_column("effects_through")
            .to_owned();
        manager.alter_table(shortened).await
    }
}
