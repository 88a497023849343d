//! Lets contributions keep the current values that their authors decided to replace.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::json_binary;

/// Lets contributions keep the current values that their authors decided to replace.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let extended = Table::alter()
            .table("contribution")
            .add_column(json_binary("overruled").default("[]"))
            .to_owned();
        manager.alter_table(extended).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let shortened = Table::alter()
            .table("contribution")
            .drop_column("overruled")
            .to_owned();
        manager.alter_table(shortened).await
    }
}
