//! The response for a path that does not exist: a page for browsers, and a GraphQL error for programs.

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::accept::wants_html;
use super::app::App;
use super::refusal::Refusal;
use super::web;

/// Makes the response: the page if the client wants HTML, otherwise an error with the message.
pub fn response(app: &App, uri: &Uri, headers: &HeaderMap, message: &str) -> Response {
    if wants_html(headers) {
        return web::absent(app, uri, headers);
    }
    Refusal::new(StatusCode::NOT_FOUND, "BAD_USER_INPUT", message).into_response()
}
