//! The answer to a request as it is sent, and what became of the request.

use std::sync::Arc;

use async_graphql::{Response, ServerError, Value};
use bytes::Bytes;
use serde::Serialize;

use crate::service::answers::Key;

/// The answer to a request, as it is sent.
pub struct Reply {
    /// A response, as JSON.
    pub body: Bytes,
    /// What became of the request.
    pub outcome: Outcome,
    /// How far its execution came.
    pub reached: Reached,
    /// Names it, where all who may do the same are answered the same.
    pub key: Option<Key>,
    /// What the operation is called; empty where it has no name, or could not be read.
    pub operation: Arc<str>,
}

/// What became of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was executed, perhaps with errors of fields that its sender can mend.
    Executed,
    /// Something is wrong with it.
    Refused,
    /// It has to be sent by POST.
    NeedsPost,
    /// Who sends it has sent too much: how many seconds to wait.
    Limited(u64),
    /// The database is away, slow or cannot be written to: some of what was asked was kept back by that, or all.
    Unavailable,
    /// Some of what was asked was kept back by a fault of ours, or all.
    Fault,
}

/// How far the execution of a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reached {
    /// Nothing was executed: the answer has no data, not even null.
    Nothing,
    /// It was executed, and no data could be given.
    Null,
    /// There is data, perhaps not all of it.
    Data,
}

impl Reached {
    fn of(response: &Response) -> Self {
        if response.data != Value::Null {
            return Self::Data;
        }
        // What is wrong with fields is found by executing them.
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
            // A response is JSON, whatever it holds.
            body: body.unwrap_or_default().into(),
            outcome: Outcome::of(&response),
            reached,
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
    /// What a response says of its request. One fault of ours is enough, also beside data.
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

/// Gives the errors of the library, which have no code, the one they stand for.
pub fn coded(mut response: Response) -> Response {
    for error in &mut response.errors {
        let extensions = error.extensions.get_or_insert_default();
        if extensions.get("code").is_none() {
            extensions.set("code", "BAD_USER_INPUT");
        }
    }
    response
}
