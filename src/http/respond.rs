//! An answer as it is sent: its status, its form, and what caches may do with it.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::Form;
use crate::domain::viewer::Role;
use crate::graphql::{AnswerKey, Outcome, Reached, Reply, Version};

/// What answers depend on beside the address.
const VARY: HeaderValue =
    HeaderValue::from_static("accept, accept-encoding, authorization, origin");

/// How a request came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// In the address: caches may keep what everybody is answered.
    Get,
    /// In a body.
    Post,
}

/// The response to a request.
pub fn respond(reply: Reply, form: Form, method: Method, headers: &HeaderMap) -> Response {
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
    let said = response.headers_mut();
    said.insert(header::VARY, VARY);
    let cache = match (method, key) {
        (Method::Get, Some(key)) if key.version.role == Role::Anonymous => {
            "public, max-age=0, must-revalidate"
        }
        (Method::Get, Some(_)) => "private, max-age=0, must-revalidate",
        _ => "no-store",
    };
    said.insert(header::CACHE_CONTROL, HeaderValue::from_static(cache));
    if let Some(tag) = tag {
        said.insert(header::ETAG, tag);
    }
    match outcome {
        Outcome::NeedsPost => {
            said.insert(header::ALLOW, HeaderValue::from_static("POST"));
        }
        Outcome::Limited(seconds) => {
            said.insert(header::RETRY_AFTER, seconds.into());
        }
        _ if status == StatusCode::SERVICE_UNAVAILABLE => {
            said.insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
        }
        _ => {}
    }
    response
}

/// 200 for whatever gives data; otherwise what kept it from being given. Clients of old are told with 200 that their
/// document is wrong, and of what its execution came to. Source: GraphQL over HTTP, section 6.4: data that is not null
/// is never answered with 5xx.
pub fn status(reply: &Reply, form: Form) -> StatusCode {
    match (reply.outcome, reply.reached, form) {
        (_, Reached::Data, _)
        | (_, Reached::Null, Form::Json)
        | (Outcome::Executed, _, _)
        | (Outcome::Refused, _, Form::Json) => StatusCode::OK,
        (Outcome::Refused, _, Form::Response) => StatusCode::BAD_REQUEST,
        (Outcome::NeedsPost, _, _) => StatusCode::METHOD_NOT_ALLOWED,
        (Outcome::Limited(_), _, _) => StatusCode::TOO_MANY_REQUESTS,
        (Outcome::Unavailable, _, _) => StatusCode::SERVICE_UNAVAILABLE,
        (Outcome::Fault, _, _) => StatusCode::INTERNAL_SERVER_ERROR,
    }
}

/// Names what an answer was made of: this program, the end of the log, the day, what who asks may do, and the
/// question, of this service. Weak, because a compressed answer is the same one.
fn tag(key: &AnswerKey) -> Option<HeaderValue> {
    let Version { moment, day, role } = key.version;
    let (program, question) = (env!("CARGO_PKG_VERSION"), key.question.number());
    let tag = format!("W/\"{program}-{}-{day}-{role}-{question:016x}\"", moment.0);
    HeaderValue::try_from(tag).ok()
}

/// Whether a client says by its tag that it has an answer already.
pub fn has_answer(key: &AnswerKey, headers: &HeaderMap) -> bool {
    let mut known = known(headers).peekable();
    known.peek().is_some() && tag(key).is_some_and(|tag| known.any(|one| one == weak(&tag)))
}

/// Whether a client has the answer with a tag already, or any. Source: RFC 9110, section 13.1.2.
fn is_known(tag: &HeaderValue, headers: &HeaderMap) -> bool {
    known(headers).any(|known| known == "*" || known == weak(tag))
}

/// The tags of the answers that a client has.
fn known(headers: &HeaderMap) -> impl Iterator<Item = &str> {
    let values = headers.get_all(header::IF_NONE_MATCH).iter();
    let texts = values.filter_map(|value| value.to_str().ok());
    texts.flat_map(|text| text.split(',')).map(bare)
}

fn weak(tag: &HeaderValue) -> &str {
    bare(tag.to_str().unwrap_or_default())
}

/// A tag, weak or not.
fn bare(tag: &str) -> &str {
    tag.trim().trim_start_matches("W/")
}
