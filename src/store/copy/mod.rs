//! Copies a whole database into another of either kind.
//!
//! - [`blueprint`]: the tables, their order and their columns, as the migrations make them.
//! - [`value`]: reads the values of a row, the same way from both databases.
//! - [`rows`]: copies all rows, and sums them up, so that a copy can be compared with its source.
//! - [`source`]: a database from which all is read in one snapshot.
//! - [`target`]: an empty database, or one that is replaced, complete or not at all.

mod blueprint;
mod rows;
mod source;
mod target;
mod value;

pub use blueprint::Blueprint;
pub use rows::{Progress, Tally, copy, tally};
pub use source::Source;
pub use target::{EmptyFile, Purpose, replace_file, replace_tables, write_file};
