//! Refuses `TRUNCATE` of history on `PostgreSQL`, whose triggers for deleted rows do not see it.

use sea_orm_migration::prelude::*;
use sea_orm_migration::sea_orm::{DbBackend, Statement};

use crate::record;

/// Selects the tables whose rows cannot be deleted.
const TABLES: &str = "SELECT c.relname FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
    WHERE t.tgname = c.relname || '_no_delete' AND pg_table_is_visible(c.oid) ORDER BY c.relname";

/// Refuses `TRUNCATE` of the tables whose rows cannot be deleted. `SQLite` has no such statement.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables(manager).await? {
            record::refuse_truncation(manager, &table).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in tables(manager).await? {
            record::allow_truncation(manager, &table).await?;
        }
        Ok(())
    }
}

async fn tables(manager: &SchemaManager<'_>) -> Result<Vec<String>, DbErr> {
    if manager.get_database_backend() != DbBackend::Postgres {
        return Ok(Vec::new());
    }
    let query = Statement::from_string(DbBackend::Postgres, TABLES);
    let rows = manager.get_connection().query_all_raw(query).await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}
