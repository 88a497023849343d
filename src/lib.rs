//! Country profiles on cybercrime and electronic evidence as a GraphQL service: cited, versioned and
//! followed.
//!
//! The rooms, and who knows whom: `cli` → `http` → `graphql` → `store` → `domain`; `nats` follows the log as
//! `http` does. `config` is read in `cli` and handed down as values. `text_file` reads the files of users.

pub mod cli;
pub mod config;
pub mod domain;
pub mod graphql;
pub mod http;
pub mod nats;
pub mod store;
mod telemetry;
mod text_file;
