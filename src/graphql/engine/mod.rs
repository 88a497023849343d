//! The parts on which resolvers build: the request context, loaders and their caches, pages, cursors, errors, limits,
//! and the resolution of objects and lists.

pub mod argument;
pub mod at_once;
pub mod batch;
pub mod cache;
pub mod caller;
pub mod connection;
pub mod context;
pub mod cost_table;
pub mod cursor;
pub mod deferred;
pub mod environment;
pub mod error;
pub mod inline_resolve;
pub mod limits;
pub mod loader;
pub mod log_cursor;
pub mod meter;
pub mod objects;
pub mod page;
pub mod personal;
pub mod public_url;
pub mod quota;
pub mod rows;
pub mod search_index;
pub mod stats;
pub mod subscription;
pub mod target;
pub mod webhook;
