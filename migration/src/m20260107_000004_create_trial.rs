//! Creates the table that is written to test whether the database can be written.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{integer, text};

/// Creates the table that is written to test whether the database can be written.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let trial = Table::create()
            .table("trial")
            .col(integer("id").primary_key())
            .col(text("content"))
            .to_owned();
        manager.create_table(trial).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("trial").to_owned())
            .await
    }
}
