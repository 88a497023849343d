//! Country profiles on cybercrime and electronic evidence as a GraphQL service: cited, versioned and
//! followed.
//!
//! The rooms, and who knows whom: `cli` → `http` → `graphql` → `store` → `domain`; `nats` follows the log as
//! `http` does. `graphql`, `store` and `domain` are crates of their own: each builds without those above it.
//! `config` is read in `cli` and handed down as values. `bundle` is the data set that the program carries.

pub mod bundle;
pub mod cli;
pub mod config;
pub mod http;
pub mod nats;
mod telemetry;

pub use {domain, graphql, store};
