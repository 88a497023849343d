//! `/countries/AZ` and `/countries/AZ/history`: the profile of a country, and its changes.

mod code;
mod facts;
mod history;
mod profile;
mod sentence;
mod strip;
mod tree;
mod words;

pub use facts::page as facts;
pub use history::page as history;
pub use profile::page as profile;
