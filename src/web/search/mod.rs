//! `/search?q=`: the records that contain all words of a text, with the words marked.

mod highlight;
mod page;
mod words;

pub use page::page;
