//! Creates the table of implementations of articles.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, string, string_null, text_null};

use crate::record;

/// Creates the table of implementations of articles.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string("country"),
            string("treaty"),
            string("article"),
            string("degree"),
            string_null("mapped_by"),
            json_binary("provisions"),
            text_null("remark"),
            string_null("as_of"),
            string("place"),
        ];
        record::create(
            manager,
            "article_implementation",
            columns,
            &["country", "treaty", "place"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("article_implementation").to_owned())
            .await
    }
}
