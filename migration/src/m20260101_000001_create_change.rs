//! Creates the change log, its countries, and its head.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer, json_binary_null, string, string_null, text, text_null,
    timestamp_with_time_zone, timestamp_with_time_zone_null,
};

use crate::record;

/// Creates the change log, its countries, and its head.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        record::prepare(manager).await?;
        let head = Table::create()
            .table("head")
            .col(integer("id").primary_key().check(Expr::col("id").eq(1)))
            .col(string("database"))
            .col(big_integer("sequence"))
            .col(timestamp_with_time_zone_null("committed_at"))
            .to_owned();
        manager.create_table(head).await?;
        let change = Table::create()
            .table("change")
            .col(big_integer("sequence").primary_key())
            .col(big_integer("first"))
            .col(integer("size"))
            .col(timestamp_with_time_zone("committed_at"))
            .col(string("actor"))
            .col(text("actor_name"))
            .col(string("actor_role"))
            .col(string_null("contribution"))
            .col(string("kind"))
            .col(string("record"))
            .col(string("operation"))
            .col(text_null("reason"))
            .col(string_null("verified_on"))
            .col(json_binary_null("effect"))
            .to_owned();
        manager.create_table(change).await?;
        let by_record = Index::create()
            .name("change_by_record")
            .table("change")
            .col("record")
            .col("sequence")
            .to_owned();
        manager.create_index(by_record).await?;
        let by_time = Index::create()
            .name("change_by_time")
            .table("change")
            .col("committed_at")
            .col("sequence")
            .to_owned();
        manager.create_index(by_time).await?;
        record::append_only(manager, "change").await?;
        let country = Table::create()
            .table("change_country")
            .col(string("country"))
            .col(big_integer("sequence"))
            .primary_key(Index::create().col("sequence").col("country"))
            .foreign_key(
                ForeignKey::create()
                    .from("change_country", "sequence")
                    .to("change", "sequence"),
            )
            .to_owned();
        manager.create_table(country).await?;
        let by_country = Index::create()
            .name("change_country_by_country")
            .table("change_country")
            .col("country")
            .col("sequence")
            .to_owned();
        manager.create_index(by_country).await?;
        record::append_only(manager, "change_country").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in ["change_country", "change", "head"] {
            manager
                .drop_table(Table::drop().table(table).to_owned())
                .await?;
        }
        record::forget(manager).await
    }
}
