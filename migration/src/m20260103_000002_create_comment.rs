//! Creates the comments on contributions.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, string, string_null, text, timestamp_with_time_zone};

/// Creates the comments on contributions.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let comment = Table::create()
            .table("comment")
            .col(string("id").primary_key())
            .col(string("contribution"))
            .col(json_binary("author"))
            .col(text("body"))
            .col(timestamp_with_time_zone("created_at"))
            .col(string_null("record"))
            .col(string_null("field"))
            .col(string("audience"))
            .foreign_key(
                ForeignKey::create()
                    .from("comment", "contribution")
                    .to("contribution", "id"),
            )
            .to_owned();
        manager.create_table(comment).await?;
        let by_contribution = Index::create()
            .name("comment_by_contribution")
            .table("comment")
            .col("contribution")
            .col("id")
            .to_owned();
        manager.create_index(by_contribution).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("comment").to_owned())
            .await
    }
}
