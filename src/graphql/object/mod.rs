//! The types of the schema: one module for each noun, and those that all share.

pub mod article_implementation;
pub mod change;
pub mod citation;
pub mod contribution;
pub mod country;
pub mod country_list;
pub mod court_decision;
pub mod coverage_assertion;
pub mod cybersecurity_body;
pub mod institution;
pub mod introspection;
pub mod node;
pub mod operational_unit;
pub mod participation;
pub mod policy_document;
pub mod profile_section;
pub mod provision_reference;
pub mod reads;
pub mod record;
pub mod record_fields;
pub mod revision;
pub mod snapshot;
pub mod source;
pub mod treaty;
pub mod treaty_event;
pub mod value;
