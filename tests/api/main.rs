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
mod activity;
mod article_implementation;
mod azerbaijan;
mod backup;
mod brief_input;
mod budget;
mod bundle;
mod caching;
mod change;
mod clients;
mod confirmation;
mod conflict_choice;
mod contribution;
mod country;
mod counts;
mod court_decision;
mod crowd;
mod data_file;
mod database;
mod disk;
mod doctor;
mod document;
mod dump;
mod echo;
mod edge;
mod effect;
mod empty_answer;
mod execution;
mod export;
mod fault;
mod federation;
mod feed;
mod follow;
mod frames;
mod freshness;
mod harness;
mod history;
mod http;
mod idempotency;
mod import;
mod inbox;
mod input;
mod installed;
mod institution;
mod integrity;
mod kept_rows;
mod keys;
mod kill;
mod label;
mod language;
mod latest;
mod limits;
mod matrix;
mod merge;
mod midnight;
mod migration;
mod mirror;
mod moment;
mod multipart;
mod names;
mod nats;
mod oidc;
mod outage;
mod page;
mod permalink;
mod persisted;
mod policy_document;
mod postgresql;
mod preview;
mod profile_page;
mod program;
mod propose;
mod proxy;
mod proxy_cache;
mod race;
mod readme;
mod references;
mod repeated_reads;
mod replica;
mod retirement;
mod revert;
mod revert_contribution;
mod review_flow;
mod schema;
mod search;
mod secrets;
mod selection;
mod sent_input;
mod shared_commit;
mod sign_in;
mod single_changes;
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
mod triggers;
mod upstream;
mod warning;
mod web;
mod webhook;
mod websocket;
mod write_back;
