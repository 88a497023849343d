//! Creates the table of policy documents.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, string, string_null, text_null};

use crate::record;

/// Creates the table of policy documents.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string("kind"),
            json_binary("titles"),
            string("status"),
            json_binary("subjects"),
            string_null("adopted_on"),
            string_null("published_on"),
            string_null("in_force_from"),
            string_null("repealed_on"),
            string_null("period"),
            text_null("number"),
            text_null("publication"),
            string_null("issuer"),
            text_null("issuer_named_as"),
            json_binary("responsible"),
            json_binary("texts"),
            json_binary("objectives"),
            text_null("summary"),
            json_binary("provisions"),
            json_binary("relations"),
            string("country"),
            string("sort_title"),
            string("begins"),
            string("adopted_earliest"),
            string("adopted_latest"),
        ];
        record::create(
            manager,
            "policy_document",
            columns,
            &[
                "country",
                "adopted_earliest",
                "adopted_latest",
                "sort_title",
            ],
        )
        .await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("policy_document").to_owned())
            .await
    }
}
