//! The search index: the words of records in memory, from which a query gets ranked pages of record ids.
//!
//! - Text to terms: `fold` (letters), `spelling` (endings), `token` (words, and compounds such as `cyber-crime`),
//!   `piece` (the texts of a record).
//! - The index: `document` (one version of a record), `index` (the terms with their documents, at any recent moment).
//! - A query: `query` (its words), `lookup` (the documents of a word), `typo` (words with typing errors), `ranking` (the
//!   order of the documents), `highlight`.

mod document;
mod fold;
mod highlight;
mod index;
mod lookup;
mod piece;
mod query;
mod ranking;
mod spelling;
mod token;
mod typo;

#[cfg(test)]
mod tests;

pub use document::{Document, Version};
pub use highlight::Marker;
pub use index::{Index, Size};
pub use query::{MAX_QUERY, Query};
pub use ranking::{Filter, Found, Hit, Page, Position};
