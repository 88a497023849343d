//! From a reply to an HTTP response: status, media type, and headers for caches.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::ResponseForm;
use crate::domain::viewer::Role;
use crate::graphql::{AnswerKey, AnswerVersion, Outcome, Reached, Reply};

/// Request headers on which a response depends.
const VARY: HeaderValue =
    HeaderValue::from_static("accept, accept-encoding, authorization, origin");

/// HTTP method of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// In the address by GET: shared caches may store responses to anonymous clients.
    Get,
    /// In a body by POST: responses are not cached.
    Post,
}

/// Makes the response to a request.
pub fn respond(reply: Reply, form: ResponseForm, method: Method, headers: &HeaderMap) -> Response {
    let status = status(&reply, form);
    let Reply {
        body, outcome, key, ..
    } = reply;
    let tag = key.as_ref().and_then(tag);
    let is_known = method == Method::Get && tag.as_ref().is_some_and(|tag| is_known(tag, headers));
    let mut response = if is_known {
        StatusCode::NOT_MODIFIED.into_response()
    } else {
        let mut response = (status, body).into_response();
        let kind = HeaderValue::from_static(form.content_type());
        response.headers_mut().insert(header::CONTENT_TYPE, kind);
        response
    };
    let response_headers = response.headers_mut();
    response_headers.insert(header::VARY, VARY);
    let cache = match (method, key) {
        (Method::Get, Some(key)) if key.version.role == Role::Anonymous => {
            "public, max-age=0, must-revalidate"
        }
        (Method::Get, Some(_)) => "private, max-age=0, must-revalidate",
        _ => "no-store",
    };
    response_headers.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(tag) = tag {
        response_headers.insert(header::ETAG, tag);
    }
    match outcome {
        Outcome::NeedsPost => {
            response_headers.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        Outcome::Limited(seconds) => {
            response_headers.insert(header::RETRY_AFTER, seconds.into());
        }
        _ if status == StatusCode::SERVICE_UNAVAILABLE => {
            response_headers.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

/// Status of a response: 200 if it contains data, otherwise the reason why it does not. For `application/json`, a
/// faulty document and an execution without data are answered with 200, too. Source: GraphQL over HTTP, section 6.4:
/// data that is not null is never answered with 5xx.
pub fn status(reply: &Reply, form: ResponseForm) -> StatusCode {
    match (reply.outcome, reply.reached, form) {
        (_, Reached::Data, _)
        | (_, Reached::Null, ResponseForm::Json)
        | (Outcome::Executed, _, _)
        | (Outcome::Refused, _, ResponseForm::Json) => StatusCode::OK,
        (Outcome::Refused, _, ResponseForm::Response) => StatusCode::BAD_REQUEST,
        (Outcome::NeedsPost, _, _) => StatusCode::METHOD_NOT_ALLOWED,
        (Outcome::Limited(_), _, _) => StatusCode::TOO_MANY_REQUESTS,
        (Outcome::Unavailable, _, _) => StatusCode::SERVICE_UNAVAILABLE,
        (Outcome::Fault, _, _) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Entity tag of an answer: program version, sequence number, day, role of the caller, and hash of the question in this
/// service. Weak, because the compressed answer has the same tag.
fn tag(key: &AnswerKey) -> Option<HeaderValue> {
    let AnswerVersion { moment, day, role } = key.version;
    let (program, question) = (env!("CARGO_PKG_VERSION"), key.question.number());
    let tag = format!("W/\"{program}-{}-{day}-{role}-{question:016x}\"", moment.0);
    HeaderValue::try_from(tag).ok()
}

/// True if `If-None-Match` contains the tag of this answer. `*` does not count here: it is not known yet that an answer
/// exists.
pub fn has_answer(key: &AnswerKey, headers: &HeaderMap) -> bool {
    let mut known = known(headers).peekable();
    known.peek().is_some() && tag(key).is_some_and(|tag| known.any(|one| one == weak(&tag)))
}

/// True if `If-None-Match` contains this tag, or `*`. Source: RFC 9110, section 13.1.2.
fn is_known(tag: &HeaderValue, headers: &HeaderMap) -> bool {
    known(headers).any(|known| known == "*" || known == weak(tag))
}

/// The tags in `If-None-Match`, without their weakness prefix.
fn known(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(bare)
}

fn weak(tag: &HeaderValue) -> &str {
    bare(tag.to_str().unwrap_or_default())
}

/// A tag without its weakness prefix.
fn bare(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/")
}
