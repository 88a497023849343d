//! Reading the body of a POST request.

use axum::body::{Body as Unread, Bytes, to_bytes};
use axum::http::{HeaderMap, StatusCode, header};

use super::app::App;
use super::content;
use super::deadline::in_time;
use super::refusal::Refusal;
use crate::graphql::limits::size;

/// True if the body is declared as JSON in UTF-8.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let mut parts = content::parts(kind.unwrap_or_default());
    let is_json = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    is_json && parts.all(content::is_utf8)
}

/// Reads a JSON body, within the limits of size and time.
///
/// # Errors
/// A refusal if the body is too large, too slow, compressed, cut off, or not declared as JSON.
pub async fn read(app: &App, headers: &HeaderMap, body: Unread) -> Result<Bytes, Refusal> {
    if !is_json(headers) {
        let message = "expected Content-Type: application/json";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, "BAD_USER_INPUT", message));
    }
    let coding = headers.get(header::CONTENT_ENCODING);
    if coding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let message = "expected a body without Content-Encoding";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, "BAD_USER_INPUT", message)
            .with_header(header::ACCEPT_ENCODING, "identity"));
    }
    receive(app, headers, body)
        .await
        .map_err(|fault| match fault {
            BodyFault::TooLarge(most) => {
                let message = format!("the body has more than {most} bytes");
                Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_COMPLEX", &message)
            }
            BodyFault::TooSlow => {
                let message = "the body was not received within bodyTimeoutMs";
                Refusal::new(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", message)
            }
            BodyFault::CutOff => {
                Refusal::wrong("the connection ended before the whole body was received")
            }
        })
}

/// A reason for which a body is not received.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BodyFault {
    /// It has more than so many bytes.
    TooLarge(usize),
    /// It did not arrive in time.
    TooSlow,
    /// The connection ended before.
    CutOff,
}

/// Receives a body within the limits of size and time. One that is announced as too large is not waited for.
///
/// # Errors
/// [`BodyFault`]
pub async fn receive(app: &App, headers: &HeaderMap, body: Unread) -> Result<Bytes, BodyFault> {
    let limits = app.service.limits();
    let most = size(limits.max_body_bytes);
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > most) {
        return Err(BodyFault::TooLarge(most));
    }
    let reading = to_bytes(body, most);
    match in_time(limits.body_timeout(), reading).await {
        Some(Ok(body)) => Ok(body),
        Some(Err(error)) if is_too_large(&error) => Err(BodyFault::TooLarge(most)),
        Some(Err(_)) => Err(BodyFault::CutOff),
        None => Err(BodyFault::TooSlow),
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>)
}
