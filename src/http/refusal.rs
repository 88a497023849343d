//! Responses to requests that are not executed.

use async_graphql::{ServerError, Value};
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::ResponseForm;
use crate::graphql::error::failed;

/// Message for a client while the database is away.
pub const DATABASE_AWAY: &str = "the database is unavailable: try again in a moment";

/// A refused request: status, error and an optional header. The response has the form of a GraphQL response.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    error: Box<ServerError>,
    also: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// Makes a refusal with a status, and an error with a code and a message.
    pub fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self {
            status,
            error: Box::new(failed(code, message)),
            also: None,
        }
    }

    /// Makes a refusal with status 400 and code `BAD_USER_INPUT`.
    pub fn wrong(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
    }

    /// Makes the refusal of a request that failed by a fault of this program, which was logged.
    pub fn internal() -> Self {
        let message = "internal error; the server log has the details under the x-request-id of this response";
        Self::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message)
    }

    /// Makes the refusal of a request while the database is away.
    pub fn away() -> Self {
        Self::new(
            StatusCode::SERVICE_UNAVAILABLE,
            "UNAVAILABLE",
            DATABASE_AWAY,
        )
        .with_header(header::RETRY_AFTER, "1")
    }

    /// Makes the refusal for an error of a request as a whole.
    pub fn of_request(error: ServerError) -> Self {
        let code = error.extensions.as_ref().and_then(|set| set.get("code"));
        let is = |codes: &[&str]| {
            code.is_some_and(|code| codes.iter().any(|one| *code == Value::from(*one)))
        };
        let status = if is(&["UNAVAILABLE", "TIMEOUT"]) {
            StatusCode::SERVICE_UNAVAILABLE
        } else if is(&["INTERNAL"]) {
            StatusCode::INTERNAL_SERVER_ERROR
        } else {
            StatusCode::BAD_REQUEST
        };
        Self {
            status,
            error: Box::new(error),
            also: None,
        }
    }

    /// Adds a header to the response.
    pub fn with_header(self, name: HeaderName, value: &'static str) -> Self {
        let also = Some((name, HeaderValue::from_static(value)));
        Self { also, ..self }
    }

    /// Adds the time after which the client may try again.
    pub fn with_retry_after(self, seconds: u64) -> Self {
        let also = Some((header::RETRY_AFTER, seconds.into()));
        Self { also, ..self }
    }

    /// True if the client caused the refusal (status 4xx).
    pub fn is_of_client(&self) -> bool {
        self.status.is_client_error()
    }

    /// The GraphQL error.
    pub fn into_error(self) -> ServerError {
        *self.error
    }

    /// The response, in the form that the client accepts.
    pub fn in_form(self, form: ResponseForm) -> Response {
        let body = serde_json::json!({ "errors": [self.error] });
        let headers = [
            (header::CONTENT_TYPE, form.content_type()),
            (header::CACHE_CONTROL, "no-store"),
        ];
        let mut response = (self.status, headers, body.to_string()).into_response();
        if let Some((name, value)) = self.also {
            response.headers_mut().insert(name, value);
        }
        response
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        self.in_form(ResponseForm::Json)
    }
}

/// The response after a handler panicked: status 500, without details.
pub fn internal_error(form: ResponseForm) -> Response {
    Refusal::internal().in_form(form)
}
