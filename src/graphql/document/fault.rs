//! Faults of a document, and errors with positions.

use std::sync::Arc;

use async_graphql::{Pos, ServerError};

use crate::engine::error::failed;

/// Maximum number of faults reported for one document. Correcting them reveals the others.
pub const MAX_FAULTS: usize = 20;

/// The message for a subscription that selects several fields.
pub const ONE_FIELD: &str =
    "a subscription selects exactly one field: subscribe once for each field";

/// A request whose document is not executed.
pub struct RefusedDocument {
    /// Name of its operation; empty if it has none, or if it cannot be read.
    pub name: Arc<str>,
    /// Its faults.
    pub errors: Vec<ServerError>,
}

impl From<Vec<ServerError>> for RefusedDocument {
    fn from(errors: Vec<ServerError>) -> Self {
        let name = Arc::default();
        Self { name, errors }
    }
}

impl From<ServerError> for RefusedDocument {
    fn from(error: ServerError) -> Self {
        vec![error].into()
    }
}

/// The error for a request above a limit.
pub fn too_complex(what: &str, limit: i32) -> ServerError {
    failed(
        "TOO_COMPLEX",
        format!("the request has more than {limit} {what}"),
    )
}

/// The error for a fault of a document, with its positions.
pub fn invalid(message: impl Into<String>, places: impl IntoIterator<Item = Pos>) -> ServerError {
    ServerError {
        locations: places.into_iter().take(MAX_FAULTS).collect(),
        ..failed("BAD_USER_INPUT", message)
    }
}

/// The first [`MAX_FAULTS`] faults of a document. One error more, at the first fault that is left out, states that there
/// are others.
pub fn bounded(faults: impl IntoIterator<Item = ServerError>) -> Vec<ServerError> {
    let mut faults = faults.into_iter();
    let mut listed: Vec<ServerError> = faults.by_ref().take(MAX_FAULTS).collect();
    if let Some(next) = faults.next() {
        let message = format!(
            "there are more faults, here and perhaps elsewhere: correct the first {MAX_FAULTS}"
        );
        listed.push(invalid(message, next.locations));
    }
    listed
}

/// The message of an error, preceded by its first position.
pub fn located(error: &ServerError) -> String {
    match error.locations.first() {
        Some(Pos { line, column }) => {
            format!("line {line}, column {column}: {}", error.message)
        }
        None => error.message.clone(),
    }
}
