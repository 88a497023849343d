//! Creates the reference index: the records that others refer to, and the elements of their lists.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, big_integer_null, string};

use crate::record;

/// Creates the reference index: the records that others refer to, and the elements of their lists.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let mention = Table::create()
            .table("mention")
            .col(string("record"))
            .col(string("field"))
            .col(string("value"))
            .col(string("begins"))
            .col(string("ends"))
            .col(big_integer("since"))
            .col(big_integer_null("until"))
            .primary_key(
                Index::create()
                    .col("record")
                    .col("field")
                    .col("value")
                    .col("begins")
                    .col("since"),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("mention", "since")
                    .to("change", "sequence"),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("mention", "until")
                    .to("change", "sequence"),
            )
            .check(Expr::col("until").gt(Expr::col("since")))
            .to_owned();
        manager.create_table(mention).await?;
        let by_value = Index::create()
            .name("mention_by_value")
            .table("mention")
            .col("value")
            .col("field")
            .col("record")
            .col("since")
            .col("until")
            .to_owned();
        manager.create_index(by_value).await?;
        let fixed = ["record", "field", "value", "begins", "ends", "since"];
        record::closed_once(manager, "mention", &fixed.map(str::to_owned)).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("mention").to_owned())
            .await
    }
}
