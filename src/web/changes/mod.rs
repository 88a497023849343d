//! `/changes`: the change log, newest change first, one section for each commit.

mod effect;
mod filter;
mod page;
mod rows;
mod short;
mod words;

pub use effect::EffectInWords;
pub use page::{LOADED, page};
pub use words::Words;
