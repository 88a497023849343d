//! Creates the table of countries.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, string, string_null, text, text_null};

use crate::record;

/// Creates the table of countries.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string("kind"),
            string("code"),
            string_null("alpha3"),
            string_null("numeric_code"),
            json_binary("names"),
            string_null("region"),
            string_null("subregion"),
            text_null("designation_note"),
            string_null("administered_by"),
            json_binary("memberships"),
            text_null("disclaimer"),
            text("sort_name"),
        ];
        record::create(manager, "country", columns, &["code", "sort_name"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("country").to_owned())
            .await
    }
}
