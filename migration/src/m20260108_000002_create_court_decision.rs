//! Creates the table of court decisions.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, string, string_null, text_null};

use crate::record;

/// Creates the table of court decisions.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string("country"),
            json_binary("titles"),
            text_null("number"),
            string_null("ecli"),
            text_null("court"),
            string_null("institution"),
            string_null("decided_on"),
            string_null("treaty"),
            json_binary("articles"),
            json_binary("provisions"),
            text_null("outcome"),
            string_null("relates_to"),
            text_null("summary"),
            text_null("url"),
            string("earliest"),
            string("latest"),
        ];
        record::create(manager, "court_decision", columns, &["country", "latest"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("court_decision").to_owned())
            .await
    }
}
