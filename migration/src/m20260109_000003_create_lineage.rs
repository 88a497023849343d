//! Creates the table of the databases from which this one descends by restored backups.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, string};

use crate::record;

/// Creates the table of the databases from which this one descends by restored backups.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "lineage";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let lineage = Table::create()
            .table(TABLE)
            .col(string("ancestor").primary_key())
            .col(big_integer("generation"))
            .col(big_integer("last_common"))
            .to_owned();
        manager.create_table(lineage).await?;
        record::append_only(manager, TABLE).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table(TABLE).to_owned())
            .await
    }
}
