//! The parts that all records share: kinds, ids and names of fields.

mod kind;
mod record_field;
mod record_id;

pub use kind::{Kind, nouns};
pub use record_field::{RecordField, camel_case};
pub use record_id::RecordId;
