//! Creates the table of coverage assertions.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{string, string_null, text_null};

use crate::record;

/// Creates the table of coverage assertions.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string("topic"),
            string("value"),
            text_null("statement"),
            string_null("via"),
            string("as_of"),
            string("country"),
            string("earliest"),
            string("latest"),
        ];
        record::create(manager, "coverage_assertion", columns, &["country"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("coverage_assertion").to_owned())
            .await
    }
}
