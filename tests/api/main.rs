//! Behaviour as clients see it: over HTTP and WebSocket, on a real database.

#![allow(
    missing_docs,
    clippy::doc_markdown,
    clippy::expect_used,
    clippy::format_push_string,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::string_slice,
    clippy::too_many_lines,
    clippy::unwrap_used,
    reason = "a test that cannot go on has failed"
)]

mod azerbaijan;
mod budget;
mod change;
mod contribution;
mod country;
mod database;
mod export;
mod harness;
mod http;
mod import;
mod input;
mod institution;
mod migration;
mod mirror;
mod moment;
mod outage;
mod page;
mod policy_document;
mod program;
mod readme;
mod schema;
mod suite;
mod transcript;
mod treaty;
mod treaty_event;
