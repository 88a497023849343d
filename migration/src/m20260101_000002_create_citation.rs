//! Creates the citations: links from fields of records to sources.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, integer, string, text_null};

use crate::record;

/// Creates the citations: links from fields of records to sources.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let citation = Table::create()
            .table("citation")
            .col(string("record"))
            .col(record::in_byte_order(manager, string("field")))
            .col(big_integer("since"))
            .col(integer("position"))
            .col(big_integer_null("until"))
            .col(string("source"))
            .col(text_null("locator"))
            .col(text_null("quote"))
            .col(string("certainty"))
            .primary_key(
                Index::create()
                    .col("record")
                    .col("field")
                    .col("since")
                    .col("position"),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("citation", "since")
                    .to("change", "sequence"),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("citation", "until")
                    .to("change", "sequence"),
            )
            .check(Expr::col("until").gt(Expr::col("since")))
            .to_owned();
        manager.create_table(citation).await?;
        let by_source = Index::create()
            .name("citation_by_source")
            .table("citation")
            .col("source")
            .col("record")
            .col("since")
            .col("until")
            .to_owned();
        manager.create_index(by_source).await?;
        let by_since = Index::create()
            .name("citation_by_since")
            .table("citation")
            .col("since")
            .to_owned();
        manager.create_index(by_since).await?;
        let fixed = [
            "record",
            "field",
            "since",
            "position",
            "source",
            "locator",
            "quote",
            "certainty",
        ];
        record::closed_once(manager, "citation", &fixed.map(str::to_owned)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("citation").to_owned())
            .await
    }
}
