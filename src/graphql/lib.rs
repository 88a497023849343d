//! The GraphQL schema, and the execution of requests against it.
//!
//! Each module uses only the ones to the right of it: `service` → `document`, `schema` → `object` → `engine`.

mod document;
mod engine;
mod object;
mod schema;
mod service;

pub use document::persisted::{self, DOCUMENT_ID};
pub use engine::caller::Caller;
pub use engine::error;
pub use engine::limits;
pub use engine::stats::Stats;
pub use engine::subscription::Resume;
pub use schema::sdl;
pub use service::follow::{Event, LogPosition};
pub use service::operation::{Answer, Operation};
pub use service::response::{Outcome, Reached, Reply, Unexecuted};
pub use service::response_cache::{AnswerKey, AnswerVersion};
pub use service::{Away, Service, Tokens};
