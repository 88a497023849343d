//! Contributions: proposals and tips, from the draft to the decision.

pub mod activity;
mod author;
mod awaiting;
pub mod comment;
mod complete;
mod edit;
mod entity;
mod follow;
mod handle;
mod list;
mod load;
mod profile_page;
mod propose;
mod revert;
mod revert_contribution;
mod steps;
mod subject;
#[cfg(test)]
mod tests;
mod tip;
mod write;

pub use entity::{ActiveModel, Column, Entity, Model, PrimaryKey, Relation};
pub use handle::Contributions;
pub use list::Filter;
pub use load::{BaseContent, ContributionById, LastVersion, Overlapping};
pub use page::{MAX_BYTES as MAX_PAGE_BYTES, report as page_report};
pub use profile_page::{ImportedPage, ProfilePage};
pub use steps::ContributionRef;
