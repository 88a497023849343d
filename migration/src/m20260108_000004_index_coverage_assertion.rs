//! Indexes coverage assertions by topic.

use sea_orm_migration::prelude::*;

use crate::record;

/// Indexes coverage assertions by topic.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "coverage_assertion";

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        record::create_index(manager, TABLE, &["topic"]).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        record::drop_index(manager, TABLE, &["topic"]).await
    }
}
