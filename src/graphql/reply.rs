//! The answer to a request as it is sent, and what became of the request.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value};
use bytes::Bytes;
use serde::Serialize;

use super::answers::Key;

/// The answer to a request, as it is sent.
pub struct Reply {
    /// A response, as JSON.
    pub body: Bytes,
    /// What became of the request.
    pub outcome: Outcome,
    /// Names it, where all who may do the same are answered the same.
    pub key: Option<Key>,
    /// What the operation is called; empty where it has no name, or could not be read.
    pub operation: Arc<str>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed, perhaps with errors of fields.
    Executed,
    /// Something is wrong with it.
    Refused,
    /// It has to be sent by POST.
    NeedsPost,
    /// Who sends it has sent too much: how many seconds to wait.
    Limited(u64),
    /// The database is away, or slow.
    Unavailable,
    /// Our fault.
    Fault,
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        let outcome = Outcome::of(&response);
        let body = match outcome {
            Outcome::Executed => serde_json::to_vec(&response),
            _ => serde_json::to_vec(&Unexecuted::from(&response)),
        };
        Self {
            // A response is JSON, whatever it holds.
            body: body.unwrap_or_default().into(),
            outcome,
            key: None,
            operation: Arc::default(),
        }
    }
}

/// A response to what was not executed: it has no data, not even null.
#[derive(Serialize)]
pub struct Unexecuted<'a> {
    errors: &'a [ServerError],
}

impl<'a> From<&'a Response> for Unexecuted<'a> {
    fn from(response: &'a Response) -> Self {
        Self {
            errors: &response.errors,
        }
    }
}

impl Outcome {
    fn of(response: &Response) -> Self {
        let executed = response.errors.iter().all(|error| !error.path.is_empty());
        if executed || response.data != Value::Null {
            return Self::Executed;
        }
        let found = |name: &str| {
            let mut given = response
                .errors
                .iter()
                .filter_map(|error| error.extensions.as_ref());
            given.find_map(|extensions| extensions.get(name).cloned())
        };
        let code = found("code");
        match code.as_ref() {
            Some(Value::String(code)) => match code.as_str() {
                "RATE_LIMITED" => {
                    let wait = found("retryAfterSeconds").and_then(|wait| wait.into_json().ok());
                    Self::Limited(wait.and_then(|wait| wait.as_u64()).unwrap_or(1))
                }
                "UNAVAILABLE" | "TIMEOUT" => Self::Unavailable,
                "INTERNAL" => Self::Fault,
                _ => Self::Refused,
            },
            _ => Self::Refused,
        }
    }
}
