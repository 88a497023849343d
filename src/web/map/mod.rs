//! The world map of a treaty: the shapes, the look of each status, and the figure that pages show.

mod figure;
mod look;
mod place;
mod row;
mod words;

pub use figure::Figure;
pub use look::{LINE, LOOKS, Look, SEA};
pub(crate) use row::rows;
pub use row::{Row, by_name};
