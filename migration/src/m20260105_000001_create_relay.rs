//! Creates the positions of the streams to which the log is relayed.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, text};

/// Creates the positions of the streams to which the log is relayed.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let relay = Table::create()
            .table("relay")
            .col(text("stream").primary_key())
            .col(big_integer("sequence"))
            .to_owned();
        manager.create_table(relay).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("relay").to_owned())
            .await
    }
}
