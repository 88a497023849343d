//! Creates the table of profile sections.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, text_null};

use crate::record;

/// Creates the table of profile sections.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string("topic"),
            string("state"),
            text_null("body"),
            string_null("language"),
            string("country"),
        ];
        record::create(manager, "profile_section", columns, &["country"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("profile_section").to_owned())
            .await
    }
}
