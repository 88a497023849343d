//! Answers to what is not executed.

use async_graphql::{ErrorExtensionValues, ServerError};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};

/// An error with a code.
pub fn error(code: &str, message: &str) -> ServerError {
    let mut error = ServerError::new(message, None);
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    error.extensions = Some(extensions);
    error
}

/// A refusal in the form of a GraphQL response.
pub fn refusal(status: StatusCode, code: &str, message: &str) -> Response {
    let body = serde_json::json!({ "errors": [error(code, message)] });

    (status, axum::Json(body)).into_response()
}

/// The answer where a handler panicked.
pub fn our_fault() -> Response {
    let message = "something went wrong on our side; it was logged under x-request-id";
    refusal(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message)
}
