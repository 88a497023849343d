//! `/review`: the queue of contributions, each contribution with its proposed changes, and the steps of its review.

mod contribution;
mod effect;
mod outcome;
mod proposal;
mod queue;
pub mod steps;
mod words;

pub use contribution::{page, post};
pub use queue::page as queue;
