//! Creates the steps of contributions, and adds to the records of a contribution the versions on which its changes are
//! based: newer records are then found without reading all proposals.

use sea_orm_migration::prelude::*;
use sea_orm_migration::schema::{
    big_integer, integer, integer_null, json_binary_null, string, string_null,
    timestamp_with_time_zone,
};
use sea_orm_migration::sea_orm::DbBackend;

/// Creates the steps of contributions, and adds the base versions of their changes.
#[derive(DeriveMigrationName)]
pub struct Migration;

/// Reads the base versions from the proposed changes. Each is an object with one member, whose value has `id` and
/// `baseVersion`.
const VERSIONS_SQLITE: &str = "UPDATE contribution_subject SET base_version = (
    SELECT max(json_extract(body.value, '$.baseVersion'))
    FROM contribution, json_each(contribution.changes) AS change, json_each(change.value) AS body
    WHERE contribution.id = contribution_subject.contribution
        AND json_extract(body.value, '$.id') = contribution_subject.subject)";
const VERSIONS_POSTGRESQL: &str = "UPDATE contribution_subject SET base_version = (
    SELECT max((body.value ->> 'baseVersion')::integer)
    FROM contribution, jsonb_array_elements(contribution.changes) AS change, jsonb_each(change.value) AS body
    WHERE contribution.id = contribution_subject.contribution
        AND body.value ->> 'id' = contribution_subject.subject)";

/// The steps of existing contributions, as far as their rows tell them. A person is only named where no other author
/// can have taken the step. The time of the last touch is the time of the step to the state, unless a comment followed.
const STEPS: [&str; 5] = [
    "INSERT INTO contribution_step (contribution, touched, step, actor, taken_at, revision, audience)
        SELECT id, 0, 'UPDATE', authors -> 0, created_at, 1,
            CASE WHEN submitted_at = created_at THEN 'ALL' ELSE 'AUTHORS' END
        FROM contribution WHERE NOT is_tip",
    "INSERT INTO contribution_step (contribution, touched, step, actor, taken_at, revision, audience)
        SELECT id, 0, 'SUBMIT',
            CASE WHEN (NOT is_tip AND (authors -> 1) IS NULL) OR (is_tip AND (changes -> 0) IS NULL)
                THEN authors -> 0 END,
            submitted_at, CASE WHEN submitted_at = created_at THEN 1 ELSE revision END,
            CASE WHEN is_tip THEN 'EDITORS' ELSE 'ALL' END
        FROM contribution WHERE submitted_at IS NOT NULL",
    "INSERT INTO contribution_step (contribution, touched, step, actor, taken_at, revision, audience)
        SELECT id, 0, CASE WHEN state = 'ACCEPTED' THEN 'ACCEPT' ELSE 'REJECT' END, reviewer, decided_at, revision,
            audience
        FROM contribution WHERE state IN ('ACCEPTED', 'REJECTED') AND decided_at IS NOT NULL",
    "INSERT INTO contribution_step (contribution, touched, step, actor, taken_at, revision, audience)
        SELECT id, 0, 'WITHDRAW', CASE WHEN (authors -> 1) IS NULL THEN authors -> 0 END, updated_at, revision, audience
        FROM contribution WHERE state = 'WITHDRAWN' AND NOT EXISTS (SELECT 1 FROM comment
            WHERE comment.contribution = contribution.id AND comment.created_at >= contribution.updated_at)",
    "INSERT INTO contribution_step (contribution, touched, step, actor, taken_at, revision, audience)
        SELECT id, 0, 'START_REVIEW', reviewer, updated_at, revision, audience
        FROM contribution WHERE state = 'IN_REVIEW' AND NOT EXISTS (SELECT 1 FROM comment
            WHERE comment.contribution = contribution.id AND comment.created_at >= contribution.updated_at)",
];

#[async_trait::async_trait]
impl MigrationTrait for Migration {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let extended = Table::alter()
            .table("contribution_subject")
            .add_column(integer_null("base_version"))
            .to_owned();
        manager.alter_table(extended).await?;
        let step = Table::create()
            .table("contribution_step")
            .col(string("contribution"))
            .col(big_integer("touched"))
            .col(string("step"))
            .col(json_binary_null("actor"))
            .col(timestamp_with_time_zone("taken_at"))
            .col(integer("revision"))
            .col(string("audience"))
            .col(string_null("comment"))
            .primary_key(
                Index::create()
                    .col("contribution")
                    .col("touched")
                    .col("step"),
            )
            .foreign_key(
                ForeignKey::create()
                    .from("contribution_step", "contribution")
                    .to("contribution", "id"),
            )
            .to_owned();
        manager.create_table(step).await?;
        let versions = if manager.get_database_backend() == DbBackend::Postgres {
            VERSIONS_POSTGRESQL
        } else {
            VERSIONS_SQLITE
        };
        let db = manager.get_connection();
        for fill in [versions].iter().chain(&STEPS) {
            db.execute_unprepared(fill).await?;
        }
        Ok(())
    }

    async fn down(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        manager
            .drop_table(Table::drop().table("contribution_step").to_owned())
            .await?;
        let shortened = Table::alter()
            .table("contribution_subject")
            .drop_column("base_version")
            .to_owned();
        manager.alter_table(shortened).await
    }
}
