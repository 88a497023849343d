//! Treaty events are looked up by two things at once: of a country, those under a treaty; of either, those of a
//! kind.

use sea_orm_migration::prelude::*;

use crate::record;

/// Treaty events are looked up by two things at once.
#[derive(DeriveMigrationName)]
pub struct Migration;

const TABLE: &str = "treaty_event";
/// By one thing alone.
const BEFORE: [&[&str]; 2] = [&["country"], &["treaty"]];
/// By that and another.
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
