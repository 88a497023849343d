//! The response to a request as it is sent, and its outcome.

use std::sync::Arc;

use async_graphql::{Name, Response, ServerError, Value};
use async_graphql_value::RAW_VALUE_TOKEN;
use bytes::Bytes;
use serde::Serialize;

use crate::engine::quota::Balance;
use crate::service::COST;
use crate::service::freshness::Seen;
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
    /// The state of the log from which the answer was made; `None` if nothing was executed.
    pub seen: Option<Seen>,
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

/// The answer to a request that was executed.
pub enum Answered {
    /// Complete and without errors, as JSON.
    Written(Written),
    /// As the library resolves it.
    Resolved(Response),
}

/// A response with data and without errors, as JSON.
pub struct Written {
    json: Vec<u8>,
    /// End of the data, in bytes.
    end: usize,
    cost: Option<serde_json::Value>,
}

impl Written {
    /// The beginning of the JSON. The data follows.
    pub const BEGIN: &[u8] = b"{\"data\":";

    /// Completes the JSON, with what it tells of the cost.
    pub fn new(mut json: Vec<u8>, cost: Option<serde_json::Value>) -> Self {
        let end = json.len();
        if let Some(cost) = &cost {
            let told = format!(",\"extensions\":{{\"{COST}\":{cost}}}");
            json.extend_from_slice(told.as_bytes());
        }
        json.push(b'}');
        Self { json, end, cost }
    }
}

impl Answered {
    /// The errors of fields.
    pub fn errors(&self) -> &[ServerError] {
        match self {
            Self::Written(_) => &[],
            Self::Resolved(response) => &response.errors,
        }
    }

    /// The response, for a transport that writes it itself.
    pub fn response(self) -> Response {
        match self {
            Self::Resolved(response) => response,
            Self::Written(Written { json, end, cost }) => {
                let data = json.get(Written::BEGIN.len()..end).unwrap_or_default();
                let data = String::from_utf8_lossy(data).into_owned();
                let raw = (Name::new(RAW_VALUE_TOKEN), Value::String(data));
                let response = Response::new(Value::Object([raw].into_iter().collect()));
                match cost {
                    Some(cost) => {
                        response.extension(COST, Value::from_json(cost).unwrap_or_default())
                    }
                    None => response,
                }
            }
        }
    }
}

impl From<Answered> for Reply {
    fn from(answered: Answered) -> Self {
        match answered {
            Answered::Resolved(response) => response.into(),
            Answered::Written(Written { json, .. }) => Self {
                // Without the spare room: caches count the length alone.
                body: json.into_boxed_slice().into(),
                outcome: Outcome::Executed,
                reached: Reached::Data,
                key: None,
                operation: Arc::default(),
                balance: None,
                seen: None,
            },
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
            seen: None,
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
