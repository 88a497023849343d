//! `/countries/AZ` and `/countries/AZ/history`: the profile of a country, and its changes.

mod profile;
mod sentence;
mod strip;
mod tree;
mod words;

pub use profile::page as profile;
