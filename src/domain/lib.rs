//! What the words mean: plain values and their rules. Nothing here waits, asks a database or knows
//! of GraphQL beyond the derive macros that let a type be written once.

pub mod change;
pub mod check;
pub mod citation;
mod column;
pub mod contribution;
pub mod country;
pub mod coverage_assertion;
pub mod cybersecurity_body;
pub mod date;
pub mod effect;
pub mod field;
pub mod idempotency;
pub mod institution;
pub mod iso;
pub mod judgement;
pub mod language;
pub mod link;
pub mod localized_text;
pub mod merge;
pub mod noun;
pub mod operational_unit;
pub mod policy_document;
pub mod profile_section;
pub mod prose;
pub mod record;
pub mod reference;
pub mod rewrite;
pub mod scalar;
pub mod source;
pub mod text;
pub mod treaty;
pub mod treaty_event;
pub mod treaty_status;
pub mod value_type;
pub mod viewer;
