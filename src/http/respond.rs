//! From a reply to an HTTP response: status, media type, and headers for caches.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::ResponseForm;
use super::conditional::{CacheHeaders, Lifetime, VARY, is_known, known, weak};
use super::rate_limit;
use crate::domain::viewer::Role;
use crate::graphql::{AnswerKey, AnswerVersion, Outcome, Reached, Reply};

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
        body,
        outcome,
        key,
        balance,
        ..
    } = reply;
    let tag = key.as_ref().and_then(tag_of);
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
    if let (Method::Get, Some(key)) = (method, key) {
        let headers = CacheHeaders {
            tag,
            lifetime: Lifetime::Revalidated,
            is_public: key.version.role == Role::Anonymous,
            vary: VARY,
        };
        headers.insert(response_headers);
    } else {
        response_headers.insert(header::VARY, VARY);
        let cache = HeaderValue::from_static("no-store");
        response_headers.insert(header::CACHE_CONTROL, cache);
        if let Some(tag) = tag {
            response_headers.insert(header::ETAG, tag);
        }
    }
    rate_limit::insert(balance, response_headers);
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
fn tag_of(key: &AnswerKey) -> Option<HeaderValue> {
    let AnswerVersion { moment, day, role } = key.version;
    let (program, question) = (env!("CARGO_PKG_VERSION"), key.question.number());
    let tag = format!("W/\"{program}-{}-{day}-{role}-{question:016x}\"", moment.0);
    HeaderValue::try_from(tag).ok()
}

/// True if `If-None-Match` contains the tag of this answer. `*` does not count here: it is not known yet that an answer
/// exists.
pub fn has_answer(key: &AnswerKey, headers: &HeaderMap) -> bool {
    let mut known = known(headers).peekable();
    known.peek().is_some() && tag_of(key).is_some_and(|tag| known.any(|one| one == weak(&tag)))
}
