//! `/countries`: all countries and entities with their status under the Budapest Convention.

mod page;
pub mod region;
mod researched;
mod words;

pub use page::page;
