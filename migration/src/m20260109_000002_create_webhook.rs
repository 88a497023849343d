//! Creates the webhooks, their latest deliveries, and the idempotency keys with which they were created.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer, integer_null, json_binary, string, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null,
};

/// Creates the webhooks, their latest deliveries, and the idempotency keys with which they were created.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let webhook = Table::create()
            .table("webhook")
            .col(string("id").primary_key())
            .col(text("person"))
            .col(json_binary("owner"))
            .col(text("url"))
            .col(text("document"))
            .col(text("secret"))
            .col(text_null("previous_secret"))
            .col(timestamp_with_time_zone_null("previous_until"))
            .col(text("state"))
            .col(big_integer("sequence"))
            .col(integer("attempts"))
            .col(timestamp_with_time_zone_null("failing_since"))
            .col(timestamp_with_time_zone_null("next_attempt_at"))
            .col(text_null("last_error"))
            .col(big_integer("posts"))
            .col(integer("revision"))
            .col(big_integer("touched"))
            .col(timestamp_with_time_zone("created_at"))
            .to_owned();
        manager.create_table(webhook).await?;
        let by_person = Index::create()
            .name("webhook_by_person")
            .table("webhook")
            .col("person")
            .col("id")
            .to_owned();
        manager.create_index(by_person).await?;
        let delivery = Table::create()
            .table("webhook_delivery")
            .col(string("webhook"))
            .col(big_integer("number"))
            .col(timestamp_with_time_zone("at"))
            .col(big_integer("sequence"))
            .col(integer("attempt"))
            .col(integer_null("status"))
            .col(text_null("error"))
            .col(integer("took_ms"))
            .primary_key(Index::create().col("webhook").col("number"))
            .foreign_key(
                ForeignKey::create()
                    .from("webhook_delivery", "webhook")
                    .to("webhook", "id"),
            )
            .to_owned();
        manager.create_table(delivery).await?;
        let key = Table::create()
            .table("webhook_key")
            .col(text("scope"))
            .col(text("key"))
            .col(string("digest"))
            .col(string("webhook"))
            .col(timestamp_with_time_zone("created_at"))
            .primary_key(Index::create().col("scope").col("key"))
            .foreign_key(
                ForeignKey::create()
                    .from("webhook_key", "webhook")
                    .to("webhook", "id"),
            )
            .to_owned();
        manager.create_table(key).await?;
        let by_webhook = Index::create()
            .name("webhook_key_by_webhook")
            .table("webhook_key")
            .col("webhook")
            .to_owned();
        manager.create_index(by_webhook).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["webhook_key", "webhook_delivery", "webhook"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
