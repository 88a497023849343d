//! Contributions: proposals and tips, from the draft to the decision.

mod author;
pub mod comment;
mod entity;
mod follow;
mod handle;
mod list;
mod load;
mod propose;
mod revert;
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
pub use steps::ContributionRef;
