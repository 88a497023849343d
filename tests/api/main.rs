//! Behaviour as clients see it: over HTTP and WebSocket, on a real database.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod budget;
mod change;
mod contribution;
mod country;
mod database;
mod harness;
mod http;
mod import;
mod input;
mod migration;
mod moment;
mod page;
mod program;
mod readme;
mod schema;
mod suite;
mod transcript;
mod treaty;
mod treaty_event;
