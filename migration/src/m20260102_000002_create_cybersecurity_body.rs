//! Creates the table of cybersecurity bodies.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, string, string_null, text_null};

use crate::record;

/// Creates the table of cybersecurity bodies.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            json_binary("names"),
            text_null("acronym"),
            string("kind"),
            string("status"),
            string("country"),
            string_null("parent"),
            json_binary("functions"),
            string_null("period"),
            json_binary("predecessors"),
            text_null("website"),
            text_null("reporting_url"),
            text_null("mandate"),
            json_binary("legal_basis"),
            string("sort_name"),
            string("begins"),
        ];
        record::create(
            manager,
            "cybersecurity_body",
            columns,
            &["country", "parent", "sort_name"],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("cybersecurity_body").to_owned())
            .await
    }
}
