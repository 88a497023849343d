//! The response for a path that does not exist: a page for browsers, and a GraphQL error for programs.

use std::net::IpAddr;

use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Response};

use super::accept::{ResponseForm, wants_html};
use super::app::App;
use super::rate_limit;
use super::refusal::Refusal;
use super::respond::{Method, respond};
use super::web;

/// Makes the response: the page if the client wants HTML, otherwise an error with the message. It counts against the
/// quota of the address.
pub fn response(
    app: &App,
    uri: &Uri,
    headers: &HeaderMap,
    from: IpAddr,
    message: &str,
) -> Response {
    if wants_html(headers) {
        return web::absent(app, uri, headers, from);
    }
    match app.service.charge_unreadable(from) {
        Ok(balance) => {
            let refusal = Refusal::new(StatusCode::NOT_FOUND, "BAD_USER_INPUT", message);
            let mut response = refusal.into_response();
            rate_limit::insert(balance, response.headers_mut());
            response
        }
        Err(limited) => respond(*limited, ResponseForm::Json, Method::Get, headers),
    }
}
