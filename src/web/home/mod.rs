//! `/`: the map of the Budapest Convention, its counts, the latest changes, and the ways into the site.

mod page;
mod words;

pub use page::page;
