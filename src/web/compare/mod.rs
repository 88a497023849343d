//! `/compare?country=AZ&country=GE`: 2 to 20 countries side by side, with their differences marked.

mod choice;
mod page;
mod section;
mod sections;
mod topic;
mod words;

pub use page::page;
