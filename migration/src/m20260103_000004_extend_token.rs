//! Adds expiry and last use to tokens.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::timestamp_with_time_zone_null;

/// Adds expiry and last use to tokens.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["expires_at", "last_used_at"] {
            let extended = Table::alter()
                .table("token")
                .add_column(timestamp_with_time_zone_null(column))
                .to_owned();
            manager.alter_table(extended).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for column in ["expires_at", "last_used_at"] {
            let shortened = Table::alter().table("token").drop_column(column).to_owned();
            manager.alter_table(shortened).await?;
        }
        Ok(())
    }
}
