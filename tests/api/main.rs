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
#![expect(
    clippy::disallowed_methods,
    reason = "answers are compared with the time of the machine"
)]

mod abuse;
mod access;
mod article_implementation;
mod azerbaijan;
mod budget;
mod bundle;
mod caching;
mod change;
mod clients;
mod confirmation;
mod contribution;
mod country;
mod court_decision;
mod data_file;
mod database;
mod disk;
mod document;
mod echo;
mod edge;
mod effect;
mod execution;
mod export;
mod fault;
mod follow;
mod frames;
mod harness;
mod history;
mod http;
mod idempotency;
mod import;
mod input;
mod installed;
mod institution;
mod keys;
mod kill;
mod language;
mod limits;
mod matrix;
mod merge;
mod midnight;
mod migration;
mod mirror;
mod moment;
mod names;
mod nats;
mod oidc;
mod outage;
mod page;
mod persisted;
mod policy_document;
mod postgresql;
mod program;
mod race;
mod readme;
mod references;
mod repeated_reads;
mod revert;
mod review_flow;
mod schema;
mod secrets;
mod selection;
mod source;
mod sse;
mod staleness;
mod standing;
mod suite;
mod telemetry;
mod territory;
mod text;
mod time_travel;
mod timeline;
mod tip;
mod transcript;
mod treaty;
mod treaty_event;
mod upstream;
mod websocket;
mod write_back;
