//! Indexes the events of a country under a treaty in the order of their lists. A page of a long list then reads no more
//! rows than it has.

use sea_orm_migration::prelude::*;

use crate::record;

/// Indexes the events of a country under a treaty in the order of their lists.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "treaty_event";
const IN_ORDER: [&str; 3] = ["country", "treaty", "earliest"];
/// The columns of the index whose place it takes.
const BEFORE: [&str; 2] = ["country", "treaty"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        record::create_index(manager, TABLE, &IN_ORDER).await?;
        record::drop_index(manager, TABLE, &BEFORE).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        record::create_index(manager, TABLE, &BEFORE).await?;
        record::drop_index(manager, TABLE, &IN_ORDER).await
    }
}
