//! The profile of a country: its page, its JSON and its timeline strip.

mod answer;
mod contact;
mod document;
mod finding;
mod freshness;
mod institution;
mod later;
mod link;
mod matrix;
mod page;
mod paper;
mod topic;
mod treaty;

pub use page::page;
