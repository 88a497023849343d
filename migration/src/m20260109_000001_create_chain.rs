//! Creates the hash chain: one row for each line of the change log.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string, string_null};

use crate::record;

/// Creates the hash chain. The program fills it for the lines that are already in the log.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let chain = Table::create()
            .table("chain")
            .col(big_integer("sequence").primary_key())
            .col(string("hash"))
            .col(string_null("digest"))
            .col(string("state"))
            .foreign_key(
                ForeignKey::create()
                    .from("chain", "sequence")
                    .to("change", "sequence"),
            )
            .to_owned();
        manager.create_table(chain).await?;
        record::append_only(manager, "chain").await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("chain").to_owned())
            .await
    }
}
