//! Creates the table of treaties.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary_null, string, string_null, text, text_null};

use crate::record;

/// Creates the table of treaties.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string("reference"),
            text("short_title"),
            text("title"),
            text("organisation"),
            string_null("adopted_on"),
            string_null("opened_on"),
            string_null("signature_closes_on"),
            text_null("opened_at"),
            string_null("entry_into_force_on"),
            text_null("entry_into_force_condition"),
            json_binary_null("entry_into_force_rule"),
            string_null("parent"),
            string_null("events_complete_as_of"),
        ];
        record::create(manager, "treaty", columns, &["reference", "parent"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("treaty").to_owned())
            .await
    }
}
