//! `/records/<id>`: a record with all its fields, `/records/<id>/history`: its versions, and `/sources/<key>`: a source
//! with the records that cite it.

mod address;
mod document;
mod facts;
mod history;
mod page;
#[cfg(test)]
mod schema_check;
mod source;
mod words;

pub use history::page as history;
pub use page::page;
#[cfg(test)]
pub use schema_check::unknown_fields;
pub use source::page as source;
