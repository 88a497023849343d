//! Creates the table of sources.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, text, text_null};

use crate::record;

/// Creates the table of sources.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string("kind"),
            text("title"),
            text_null("url"),
            text_null("publisher"),
            string_null("published_on"),
            string_null("retrieved_on"),
            string_null("language"),
            text_null("archived_url"),
            text_null("licence"),
        ];
        record::create(manager, "source", columns, &[]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("source").to_owned())
            .await
    }
}
