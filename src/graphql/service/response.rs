//! The response to a request as it is sent, and its outcome.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value};
use bytes::Bytes;
use serde::Serialize;

use crate::engine::quota::Balance;
use crate::service::response_cache::AnswerKey;

/// The response to a request, as it is sent.
pub struct Reply {
    /// The response as JSON. Empty if the client has it already.
    pub body: Bytes,
    /// The outcome of the request.
    pub outcome: Outcome,
    /// The result of its execution.
    pub reached: Reached,
    /// The key of the answer; `None` unless every viewer with the same rights gets the same answer.
    pub key: Option<AnswerKey>,
    /// Name of the operation; empty if it has none, or if it cannot be read.
    pub operation: Arc<str>,
    /// The quota of the caller after the request; `None` if there is no limit, or if the request was not counted.
    pub balance: Option<Balance>,
}

/// The outcome of a request, from which a transport derives its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Executed, possibly with errors of fields that the client can correct.
    Executed,
    /// Refused: the request is not valid.
    Refused,
    /// A mutation that must be sent by POST.
    NeedsPost,
    /// Rate limited. Contains the number of seconds to wait.
    Limited(u64),
    /// The database is away, slow or read-only: at least a part of the data is missing.
    Unavailable,
    /// A fault of the server: at least a part of the data is missing.
    Fault,
}

/// The result of the execution of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Nothing was executed: the response has no member `data`.
    Nothing,
    /// Executed without result: `data` is null.
    Null,
    /// There is data, possibly with nulls in place of errors.
    Data,
}

impl Reached {
    fn of(response: &Response) -> Self {
        if response.data != Value::Null {
            return Self::Data;
        }
        // An error with a path comes from a field that was executed.
        let is_of_fields = response.errors.iter().all(|error| !error.path.is_empty());
        if is_of_fields {
            Self::Null
        } else {
            Self::Nothing
        }
    }
}

impl From<Response> for Reply {
    fn from(response: Response) -> Self {
        let reached = Reached::of(&response);
        let body = match reached {
            Reached::Nothing => serde_json::to_vec(&Unexecuted::from(&response)),
            Reached::Null | Reached::Data => serde_json::to_vec(&response),
        };
        Self {
            // A response can always be written as JSON.
            body: body.unwrap_or_default().into(),
            outcome: Outcome::of(&response),
            reached,
            key: None,
            operation: Arc::default(),
            balance: None,
        }
    }
}

/// A response without execution: it has no member `data`, not even null.
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
    /// Derives the outcome from the codes in a response. One fault of the server is enough, even if there is data.
    pub fn of(response: &Response) -> Self {
        let given = |name: &'static str| {
            let errors = response.errors.iter();
            let extensions = errors.filter_map(|error| error.extensions.as_ref());
            extensions.filter_map(move |extensions| extensions.get(name))
        };
        let has = |codes: &[&str]| {
            given("code").any(|code| codes.iter().any(|one| *code == Value::from(*one)))
        };
        if has(&["INTERNAL"]) {
            Self::Fault
        } else if has(&["UNAVAILABLE", "TIMEOUT"]) {
            Self::Unavailable
        } else if Reached::of(response) != Reached::Nothing {
            Self::Executed
        } else if has(&["RATE_LIMITED"]) {
            let wait = given("retryAfterSeconds").next().cloned();
            let wait = wait.and_then(|wait| wait.into_json().ok()?.as_u64());
            Self::Limited(wait.unwrap_or(1))
        } else {
            Self::Refused
        }
    }
}

/// Sets the code `BAD_USER_INPUT` on errors of the library, which have none.
pub fn coded(mut response: Response) -> Response {
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", "BAD_USER_INPUT");
        }
    }
    response
}
