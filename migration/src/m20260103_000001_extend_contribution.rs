//! Lets contributions have several authors, be tips, and have an audience.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{big_integer, boolean, json_binary, string, text_null};
use sea_orm_migration::sea_orm::DbBackend;

/// Lets contributions have several authors, be tips, and have an audience.
#[derive(DeriveMigrationName)]
pub struct Migration;

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let author = Table::create()
            .table("contribution_author")
            .col(string("contribution"))
            .col(string("person"))
            .primary_key(Index::create().col("contribution").col("person"))
            .foreign_key(
                ForeignKey::create()
                    .from("contribution_author", "contribution")
                    .to("contribution", "id"),
            )
            .to_owned();
        manager.create_table(author).await?;
        let by_person = Index::create()
            .name("contribution_author_by_person")
            .table("contribution_author")
            .col("person")
            .col("contribution")
            .to_owned();
        manager.create_index(by_person).await?;
        let columns = [
            boolean("is_tip").default(false).to_owned(),
            text_null("message"),
            text_null("link"),
            text_null("contact"),
            string("audience").default("ALL").to_owned(),
            json_binary("subjects").default("[]").to_owned(),
            big_integer("touched").default(0).to_owned(),
        ];
        for column in columns {
            let extended = Table::alter()
                .table("contribution")
                .add_column(column)
                .to_owned();
            manager.alter_table(extended).await?;
        }
        let db = manager.get_connection();
        let subjects = if manager.get_database_backend() == DbBackend::Postgres {
            "jsonb_agg(subject)"
        } else {
            "json_group_array(subject)"
        };
        for fill in [
            "INSERT INTO contribution_author (contribution, person) SELECT id, author FROM contribution",
            "UPDATE contribution SET audience = 'AUTHORS' WHERE state = 'DRAFT'",
            &format!(
                "UPDATE contribution SET subjects = coalesce((SELECT {subjects} FROM contribution_subject
                    WHERE contribution_subject.contribution = contribution.id), '[]')"
            ),
        ] {
            db.execute_unprepared(fill).await?;
        }
        let one = Table::alter()
            .table("contribution")
            .drop_column("author")
            .to_owned();
        manager.alter_table(one).await?;
        let by_touch = Index::create()
            .name("contribution_by_touch")
            .table("contribution")
            .col("touched")
            .to_owned();
        manager.create_index(by_touch).await?;
        let counter = Table::alter()
            .table("head")
            .add_column(big_integer("touched").default(0))
            .to_owned();
        manager.alter_table(counter).await
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_index(Index::drop().name("contribution_by_touch").to_owned())
            .await?;
        let one = Table::alter()
            .table("contribution")
            .add_column(string("author").default(""))
            .to_owned();
        manager.alter_table(one).await?;
        manager
            .get_connection()
            .execute_unprepared(
                "UPDATE contribution SET author = coalesce((SELECT min(person) FROM contribution_author
                    WHERE contribution_author.contribution = contribution.id), '')",
            )
            .await?;
        let columns = [
            "is_tip", "message", "link", "contact", "audience", "subjects", "touched",
        ];
        for (table, column) in columns
            .map(|column| ("contribution", column))
            .into_iter()
            .chain([("head", "touched")])
        {
            let shortened = Table::alter().table(table).drop_column(column).to_owned();
            manager.alter_table(shortened).await?;
        }
        manager
            .drop_table(Table::drop().table("contribution_author").to_owned())
            .await
    }
}
