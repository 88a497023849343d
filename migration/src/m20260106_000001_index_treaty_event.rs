//! Indexes treaty events by two columns together: country and treaty, country and kind, treaty and kind.

use sea_orm_migration::prelude::*;

use crate::record;

/// Indexes treaty events by two columns together.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "treaty_event";
/// The columns of the indexes that are dropped.
const BEFORE: [&[&str]; 2] = [&["country"], &["treaty"]];
/// The columns of the indexes that replace them.
const AFTER: [&[&str]; 3] = [
    &["country", "treaty"],
    &["country", "kind"],
    &["treaty", "kind"],
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for columns in AFTER {
            record::create_index(manager, TABLE, columns).await?;
        }
        for columns in BEFORE {
            record::drop_index(manager, TABLE, columns).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for columns in BEFORE {
            record::create_index(manager, TABLE, columns).await?;
        }
        for columns in AFTER {
            record::drop_index(manager, TABLE, columns).await?;
        }
        Ok(())
    }
}
