//! Adds the designated authority and its function to treaty events.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::string_null;

use crate::record;

/// Adds the designated authority and its function to treaty events.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = vec![
            string_null("designated_institution"),
            string_null("designated_function"),
        ];
        record::extend(manager, "treaty_event", columns).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let columns = ["designated_institution", "designated_function"];
        record::shorten(manager, "treaty_event", &columns).await
    }
}
