//! What resolvers stand on: what they can ask for, loading and its caches, pages, and how objects and lists are
//! resolved.

pub mod argument;
pub mod batch;
pub mod cache;
pub mod caller;
pub mod connection;
pub mod context;
pub mod cursor;
pub mod deferred;
pub mod error;
pub mod figures;
pub mod in_place;
pub mod limits;
pub mod loads;
pub mod log_cursor;
pub mod objects;
pub mod page;
pub mod personal;
pub mod quota;
pub mod rows;
pub mod subscription;
