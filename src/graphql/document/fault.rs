//! What keeps a document from being executed, and where that is.

use std::sync::Arc;

use async_graphql::{Pos, ServerError};

use crate::engine::error::failed;

/// The most faults that are told of one document: who mends those sees the others.
pub const TOLD: usize = 20;

/// The message about a subscription that selects several fields.
pub const ONE_FIELD: &str = "a subscription selects one field: subscribe once for each";

/// A request whose document is not executed.
pub struct Refused {
    /// The name of its operation; empty where it has none, or none that can be read.
    pub name: Arc<str>,
    /// Its faults.
    pub errors: Vec<ServerError>,
}

impl From<Vec<ServerError>> for Refused {
    fn from(errors: Vec<ServerError>) -> Self {
        let name = Arc::default();
        Self { name, errors }
    }
}

impl From<ServerError> for Refused {
    fn from(error: ServerError) -> Self {
        vec![error].into()
    }
}

/// The error of a request that is over a limit.
pub fn too_complex(what: &str, limit: i32) -> ServerError {
    failed(
        "TOO_COMPLEX",
        format!("the request has more than {limit} {what}"),
    )
}

/// A fault of a document, and where it is.
pub fn invalid(message: impl Into<String>, places: impl IntoIterator<Item = Pos>) -> ServerError {
    ServerError {
        locations: places.into_iter().take(TOLD).collect(),
        ..failed("BAD_USER_INPUT", message)
    }
}

/// The message of a fault behind its first place.
pub fn located(error: &ServerError) -> String {
    match error.locations.first() {
        Some(Pos { line, column }) => {
            format!("line {line}, column {column}: {}", error.message)
        }
        None => error.message.clone(),
    }
}
