//! Creates the idempotency keys, by which a request may be sent again.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, text, timestamp_with_time_zone};

/// Creates the idempotency keys, by which a request may be sent again.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let idempotency = Table::create()
            .table("idempotency")
            .col(text("scope"))
            .col(text("key"))
            .col(string("digest"))
            .col(string("contribution"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("scope").col("key"))
            .foreign_key(
                ForeignKey::create()
                    .from("idempotency", "contribution")
                    .to("contribution", "id"),
            )
            .to_owned();
        manager.create_table(idempotency).await?;
        let by_time = Index::create()
            .name("idempotency_by_time")
            .table("idempotency")
            .col("created_at")
            .to_owned();
        manager.create_index(by_time).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("idempotency").to_owned())
            .await
    }
}
