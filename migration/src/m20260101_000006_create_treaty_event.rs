//! Creates the table of treaty events.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, string, string_null, text_null};

use crate::record;

/// Creates the table of treaty events.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string("kind"),
            string_null("date"),
            string_null("effective_date"),
            string_null("ends_on"),
            text_null("instrument"),
            string("country"),
            string("treaty"),
            json_binary("articles"),
            json_binary("territories"),
            text_null("text"),
            string_null("relates_to"),
            text_null("reported_label"),
            text_null("named_as"),
            string("earliest"),
            string("latest"),
        ];
        record::create(
            manager,
            "treaty_event",
            columns,
            &["country", "treaty", "relates_to", "earliest"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("treaty_event").to_owned())
            .await
    }
}
