//! Pages about the site: its method and words, accessibility, terms and privacy.

mod glossary;
mod page;
mod words;

pub use page::{accessibility, licence, page, privacy};
