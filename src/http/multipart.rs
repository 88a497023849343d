//! Subscriptions in a multipart response, as Apollo Client reads them. Source: the multipart HTTP protocol for GraphQL
//! subscriptions of Apollo, version 1.0; RFC 2046, section 5.1.
//!
//! A client can process a part only when it has received the delimiter behind it. So each part is sent together with
//! that delimiter.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::ServerError;
use axum::body::{Body, Bytes};
use axum::http::header;
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream, StreamExt};
use serde::Serialize;
use tokio::time::timeout;

use super::auth::AuthError;
use super::stream::{StreamItem, UNBUFFERED};
use crate::graphql::error::failed;
use crate::graphql::{Answer, Outcome, Unexecuted};

/// Media type of the response. Every response has the same boundary, as clients expect.
const CONTENT_TYPE: &str = "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0";
/// The delimiter between parts.
const DELIMITER: &str = "\r\n--graphql";
/// Beginning of a part.
const PART_HEADER: &str = "\r\ncontent-type: application/json\r\n\r\n";
/// Turns the last delimiter into the closing one.
const END: &str = "--\r\n";
/// Content of a part that is no message: a sign of life.
const HEARTBEAT: &str = "{}";

/// Makes the response from the items of a stream. A silent stream sends an empty object in each `heartbeat`.
pub fn response(items: BoxStream<'static, StreamItem>, heartbeat: Duration) -> Response {
    let opening = stream::once(std::future::ready(Bytes::from_static(DELIMITER.as_bytes())));
    let parts = stream::unfold(Some(items), move |items| async move {
        let mut items = items?;
        match timeout(heartbeat, items.next()).await {
            Err(_) => Some((part(&[HEARTBEAT]), Some(items))),
            Ok(Some(StreamItem::Answer(answer))) => Some((message(&answer), Some(items))),
            Ok(Some(end)) => Some((last(end), None)),
            Ok(None) => None,
        }
    });
    let body = opening.chain(parts).map(Ok::<_, Infallible>);
    let headers = [
        (header::CONTENT_TYPE, CONTENT_TYPE),
        (header::CACHE_CONTROL, "no-cache"),
        UNBUFFERED,
    ];
    (headers, Body::from_stream(body)).into_response()
}

/// A part and the delimiter behind it.
fn part(content: &[&str]) -> Bytes {
    let parts = [&[PART_HEADER], content, &[DELIMITER]].concat();
    parts.concat().into()
}

/// A part with a GraphQL response, which is JSON.
fn payload(json: &str) -> Bytes {
    part(&["{\"payload\":", json, "}"])
}

fn message(answer: &Answer) -> Bytes {
    match answer {
        // The client learns that the subscription has begun.
        Answer::Follows(_) => part(&[HEARTBEAT]),
        Answer::Change(change) => payload(&change.json),
        Answer::Own(response) => payload(&json(response)),
        Answer::Refused(response) => match Outcome::of(response) {
            Outcome::Fault | Outcome::Unavailable => fatal(&response.errors),
            _ => payload(&json(&Unexecuted::from(response))),
        },
    }
}

/// The end of the response, with the reason if the subscription could go on elsewhere or with another token.
fn last(end: StreamItem) -> Bytes {
    let (code, message, cursor) = match end {
        StreamItem::Stopping(cursor) => {
            ("UNAVAILABLE", "the server is stopping: reconnect", cursor)
        }
        StreamItem::Unauthenticated(cursor) => {
            ("UNAUTHENTICATED", AuthError::Token.message(), cursor)
        }
        StreamItem::Answer(_) | StreamItem::Complete => return Bytes::from_static(END.as_bytes()),
    };
    let mut error = failed(code, message);
    if let Some(cursor) = cursor {
        let extensions = error.extensions.get_or_insert_default();
        extensions.set("lastCursor", &*cursor);
    }
    [&*fatal(&[error]), END.as_bytes()].concat().into()
}

/// A part with errors after which the subscription does not go on.
fn fatal(errors: &[ServerError]) -> Bytes {
    part(&["{\"payload\":null,\"errors\":", &json(&errors), "}"])
}

/// Serialising a response as JSON does not fail.
fn json(value: &impl Serialize) -> String {
    serde_json::to_string(value).unwrap_or_default()
}
