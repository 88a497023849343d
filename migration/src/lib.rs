//! The migrations, oldest first. A migration is independent of the entities: it names tables and columns as strings,
//! so that it still runs when the entities have changed.

use sea_orm_migration::prelude::*;

mod m20260101_000001_create_change;
mod m20260101_000002_create_citation;
mod m20260101_000003_create_source;
mod m20260101_000004_create_country;
mod m20260101_000005_create_treaty;
mod m20260101_000006_create_treaty_event;
mod m20260101_000007_create_contribution;
mod m20260101_000008_create_token;
mod m20260102_000001_create_mention;
mod m20260102_000002_create_cybersecurity_body;
mod m20260102_000003_create_operational_unit;
mod m20260102_000004_create_policy_document;
mod m20260102_000005_create_coverage_assertion;
mod m20260102_000006_create_profile_section;
mod m20260102_000007_extend_treaty_event;
mod m20260103_000001_extend_contribution;
mod m20260103_000002_create_comment;
mod m20260103_000003_create_idempotency;
mod m20260103_000004_extend_token;
mod m20260104_000001_extend_head;
mod m20260105_000001_create_relay;
mod m20260106_000001_index_treaty_event;
mod m20260107_000001_repair_texts;
mod m20260107_000004_create_trial;
mod m20260107_000008_extend_country;
mod m20260108_000001_create_article_implementation;
mod m20260108_000002_create_court_decision;
mod m20260108_000003_extend_documents_and_institutions;
mod m20260108_000004_index_coverage_assertion;
mod m20260109_000001_create_chain;
mod m20260109_000002_create_webhook;
mod m20260109_000003_create_lineage;
mod m20260109_000004_refuse_truncation;
mod m20260110_000001_extend_contribution;
mod m20260110_000003_create_contribution_step;
mod m20260111_000001_index_lists;
mod m20260112_000001_index_events_in_order;
mod record;

pub use sea_orm_migration::{IntoSchemaManagerConnection, MigratorTrait, SchemaManager};

/// All migrations, in order.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        vec![
            Box::new(m20260101_000001_create_change::Migration),
            Box::new(m20260101_000002_create_citation::Migration),
            Box::new(m20260101_000003_create_source::Migration),
            Box::new(m20260101_000004_create_country::Migration),
            Box::new(m20260101_000005_create_treaty::Migration),
            Box::new(m20260101_000006_create_treaty_event::Migration),
            Box::new(m20260101_000007_create_contribution::Migration),
            Box::new(m20260101_000008_create_token::Migration),
            Box::new(m20260102_000001_create_mention::Migration),
            Box::new(m20260102_000002_create_cybersecurity_body::Migration),
            Box::new(m20260102_000003_create_operational_unit::Migration),
            Box::new(m20260102_000004_create_policy_document::Migration),
            Box::new(m20260102_000005_create_coverage_assertion::Migration),
            Box::new(m20260102_000006_create_profile_section::Migration),
            Box::new(m20260102_000007_extend_treaty_event::Migration),
            Box::new(m20260103_000001_extend_contribution::Migration),
            Box::new(m20260103_000002_create_comment::Migration),
            Box::new(m20260103_000003_create_idempotency::Migration),
            Box::new(m20260103_000004_extend_token::Migration),
            Box::new(m20260104_000001_extend_head::Migration),
            Box::new(m20260105_000001_create_relay::Migration),
            Box::new(m20260106_000001_index_treaty_event::Migration),
            Box::new(m20260107_000001_repair_texts::Migration),
            Box::new(m20260107_000004_create_trial::Migration),
            Box::new(m20260107_000008_extend_country::Migration),
            Box::new(m20260108_000001_create_article_implementation::Migration),
            Box::new(m20260108_000002_create_court_decision::Migration),
            Box::new(m20260108_000003_extend_documents_and_institutions::Migration),
            Box::new(m20260108_000004_index_coverage_assertion::Migration),
            Box::new(m20260109_000001_create_chain::Migration),
            Box::new(m20260109_000002_create_webhook::Migration),
            Box::new(m20260109_000003_create_lineage::Migration),
            Box::new(m20260109_000004_refuse_truncation::Migration),
            Box::new(m20260110_000001_extend_contribution::Migration),
            Box::new(m20260110_000003_create_contribution_step::Migration),
            Box::new(m20260111_000001_index_lists::Migration),
            Box::new(m20260112_000001_index_events_in_order::Migration),
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn migrations_are_in_the_order_of_their_names() {
        let migrations = Migrator::migrations();
        let names: Vec<&str> = migrations.iter().map(|one| one.name()).collect();
        assert!(names.is_sorted(), "{names:?}");
    }
}
