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
pub use engine::figures::Figures;
pub use engine::limits;
pub use engine::subscription::Resume;
pub use schema::sdl;
pub use service::answers::{Key as AnswerKey, Version};
pub use service::follow::{Event, Place};
pub use service::operation::{Answer, Operation};
pub use service::reply::{Outcome, Reached, Reply, Unexecuted};
pub use service::{Away, Service, Tokens};
