//! Country profiles on cybercrime and electronic evidence as a GraphQL service: cited, versioned and followed.
//!
//! # The rooms
//!
//! Calls go one way, from the edge to the data: [`cli`] → [`http`] → [`graphql`] → [`store`] → [`domain`]. The last
//! three are crates of their own, so that the compiler refuses a call in the other direction.
//!
//! | room | contains | begin with |
//! |---|---|---|
//! | [`domain`] | the nouns, their values and their rules; no waiting, no database | [`domain::record`], [`domain::treaty_status::status()`] |
//! | [`store`] | entities, all SQL, and the change log | [`store::Store`], [`store::moment::Moment`] |
//! | [`graphql`] | the schema, limits and caches; how a request is executed | [`graphql::Service`] |
//! | [`http`] | the transports: HTTP, WebSocket, server-sent events, multipart; authentication, metrics | [`http::serve()`], [`http::App`] |
//! | [`dump`] | the data as JSON Lines, as CSV, and as a description of both; for [`http`] and [`cli`] | [`dump::Dump`], [`dump::chunks()`] |
//! | [`nats`] | waking other instances, and relaying the change log to `JetStream` | [`nats::start`] |
//! | [`webhook`] | posting changes to the addresses that people have registered | [`webhook::start`] |
//! | [`cli`] | the commands, and starting the parts above | [`cli::run`] |
//!
//! Three small modules serve them. [`config`] declares every setting; only [`cli`] reads it and passes plain values
//! on. [`bundle`] is the data set inside the program. `telemetry` writes the log and sends traces.
//!
//! # Where to begin reading
//!
//! **A query is answered.** `http::graphql::post` reads the body and the caller, and calls
//! [`graphql::Service::answer_again`] (identical bytes were answered before) or
//! [`graphql::Service::answer_unless`]. The service parses, validates and measures the document. Its resolvers, in
//! `graphql::object`, ask for rows by [`store::load::Key`], and the store reads them in batches. Every object carries
//! its view: the moment ([`store::moment::Moment`]) and the as-of date.
//!
//! **A contribution is accepted.** A mutation of `graphql::object::contribution` takes a right from
//! [`domain::viewer::Viewer`] and checks the input ([`domain::change::ChangeInput`]). Then it calls one method of
//! [`store::contribution::Contributions`]. That method works in one transaction: it merges field by field
//! ([`domain::merge::merge`]), writes versions and citations, and appends to the change log ([`store::change`]).
//!
//! **A change reaches a follower.** The commit wakes the followers of this instance, and of others through
//! `PostgreSQL` or [`nats`]. The wake-up carries nothing: each follower reads the log after its cursor.
//! [`graphql::Service::answers`] executes the subscription once for equal followers, and `http::sse`,
//! `http::multipart` or `http::websocket` writes the events.

pub mod bundle;
pub mod cli;
pub mod config;
pub mod dump;
pub mod http;
pub mod nats;
mod telemetry;
pub mod webhook;

pub use {domain, graphql, store};
