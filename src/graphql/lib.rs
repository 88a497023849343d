//! The GraphQL schema, and the execution of requests against it.
//!
//! Each module uses only the ones to the right of it: `service` → `document`, `schema`, `type_system` → `object` →
//! `engine`.

mod document;
mod engine;
mod object;
mod schema;
mod service;
mod type_system;

pub use document::persisted::{self, DOCUMENT_ID};
pub use engine::cache::{Bounded, bounded, size_of};
pub use engine::caller::Caller;
pub use engine::error;
pub use engine::limits;
pub use engine::public_url::PublicUrl;
pub use engine::quota::{Balance, network};
pub use engine::stats::{CacheSize, Stats};
pub use engine::subscription::Resume;
pub use engine::target::{TargetRefused, Targets, parse_network};
pub use schema::{sdl, subgraph_sdl};
pub use service::follow::{Batch, Event, Follower, LogPosition, RenderFailed};
pub use service::operation::{Answer, Operation};
pub use service::response::{Outcome, Reached, Reply, Unexecuted};
pub use service::response_cache::{AnswerKey, AnswerVersion};
pub use service::webhook::Unfollowed;
pub use service::{Away, Seen, Service, Tokens};
pub use store::token::PREFIX as TOKEN_PREFIX;
