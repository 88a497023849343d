//! Answers to what is not executed.

use async_graphql::ServerError;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::Form;
use crate::graphql::error::failed;

/// Why something is not executed: it is told in the form of a GraphQL response.
#[derive(Debug)]
pub struct Refusal {
    status: StatusCode,
    error: Box<ServerError>,
    also: Option<(HeaderName, HeaderValue)>,
}

impl Refusal {
    /// With a status, and an error with a code.
    pub fn new(status: StatusCode, code: &str, message: &str) -> Self {
        Self {
            status,
            error: Box::new(failed(code, message)),
            also: None,
        }
    }

    /// What cannot be read, or makes no sense.
    pub fn wrong(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
    }

    /// The same, with a header of its own.
    pub fn saying(self, name: HeaderName, value: &'static str) -> Self {
        let also = Some((name, HeaderValue::from_static(value)));
        Self { also, ..self }
    }

    /// Whether who sent it did something wrong.
    pub fn is_of_client(&self) -> bool {
        self.status.is_client_error()
    }

    /// The error.
    pub fn into_error(self) -> ServerError {
        *self.error
    }

    /// The response, in the form that a client takes.
    pub fn in_form(self, form: Form) -> Response {
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
        self.in_form(Form::Json)
    }
}

/// The answer where a handler panicked.
pub fn our_fault(form: Form) -> Response {
    let message = "something went wrong on our side; it was logged under x-request-id";
    Refusal::new(StatusCode::INTERNAL_SERVER_ERROR, "INTERNAL", message).in_form(form)
}
