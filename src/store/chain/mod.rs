//! The hash chain of the change log: a hash for each line, over the line and all lines before it. A change of any line,
//! or of a version that a line wrote, no longer fits the hashes behind it.

mod append;
mod comparison;
mod entity;
mod fill;
mod guard;
mod line;
mod read;
mod stray;
mod verify;

pub(super) use append::{Appended, append, links};
pub(super) use entity::{Entity, Model, last, of_lines};
pub use entity::{Link, OfChange};
pub(super) use fill::{fill, has_begun, through};
pub use verify::{Noted, Verified};
