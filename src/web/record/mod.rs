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

pub use facts::names;
pub use history::page as history;
pub use page::page;
pub use source::page as source;
