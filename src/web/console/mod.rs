//! The GraphQL console: `GraphiQL`, and a plain form that needs no scripts.
//!
//! `dist` has the files of `GraphiQL`, made by `build.js` and compressed by Brotli. Their addresses contain a hash, so
//! caches keep them for good.

mod files;
mod indent;
mod page;
mod words;

pub use files::{File, file, licences};
pub use page::{page, shell};
