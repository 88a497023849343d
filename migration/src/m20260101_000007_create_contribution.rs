//! Creates the contributions, and the records and countries that they are about.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    integer, json_binary, string, text, text_null, timestamp_with_time_zone,
    timestamp_with_time_zone_null,
};

/// Creates the contributions, and the records and countries that they are about.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let contribution = Table::create()
            .table("contribution")
            .col(string("id").primary_key())
            .col(integer("revision"))
            .col(string("state"))
            .col(text("title"))
            .col(text("rationale"))
            .col(string("author"))
            .col(json_binary("authors"))
            .col(json_binary("reviewer").null())
            .col(integer("format"))
            .col(json_binary("changes"))
            .col(timestamp_with_time_zone("created_at"))
            .col(timestamp_with_time_zone("updated_at"))
            .col(timestamp_with_time_zone_null("submitted_at"))
            .col(timestamp_with_time_zone_null("decided_at"))
            .col(text_null("decision"))
            .to_owned();
        manager.create_table(contribution).await?;
        let by_time = Index::create()
            .name("contribution_by_time")
            .table("contribution")
            .col("created_at")
            .col("id")
            .to_owned();
        manager.create_index(by_time).await?;
        let subject = Table::create()
            .table("contribution_subject")
            .col(string("contribution"))
            .col(string("subject"))
            .primary_key(Index::create().col("contribution").col("subject"))
            .foreign_key(
                ForeignKey::create()
                    .from("contribution_subject", "contribution")
                    .to("contribution", "id"),
            )
            .to_owned();
        manager.create_table(subject).await?;
        let by_subject = Index::create()
            .name("contribution_by_subject")
            .table("contribution_subject")
            .col("subject")
            .col("contribution")
            .to_owned();
        manager.create_index(by_subject).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["contribution_subject", "contribution"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        Ok(())
    }
}
