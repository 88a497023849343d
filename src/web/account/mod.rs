//! `/account`: the person, their contributions, webhooks and tokens.

mod page;
mod words;

pub use page::page;
