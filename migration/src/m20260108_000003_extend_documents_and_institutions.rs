//! Adds to policy documents the treaties that they serve and their promulgation, to institutions those that run them
//! jointly, and to both the part of a country to which they are limited.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{json_binary, string_null};

use crate::record;

/// Adds to policy documents the treaties that they serve and their promulgation, to institutions those that run them
/// jointly, and to both the part of a country to which they are limited.
#[derive(DeriveMigrationName)]
pub struct Migration;

const DOCUMENTS: &str = "policy_document";
const INSTITUTIONS: [&str; 2] = ["cybersecurity_body", "operational_unit"];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let of_document = vec![
            empty_list("treaties"),
            string_null("promulgated_on"),
            string_null("subdivision"),
        ];
        record::extend(manager, DOCUMENTS, of_document).await?;
        for table in INSTITUTIONS {
            let columns = vec![empty_list("jointly_with"), string_null("subdivision")];
            record::extend(manager, table, columns).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        for table in INSTITUTIONS {
            record::shorten(manager, table, &["jointly_with", "subdivision"]).await?;
        }
        let of_document = ["treaties", "promulgated_on", "subdivision"];
        record::shorten(manager, DOCUMENTS, &of_document).await
    }
}

fn empty_list(name: &'static str) -> ColumnDef {
    let mut list = json_binary(name);
    list.default("[]");
    list
}
