//! GraphQL over server-sent events, in the distinct connections mode of graphql-sse: one operation per connection, its
//! responses as `next` events, then `complete`. The id of an event is the cursor of its change.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, StreamExt};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tracing::{Instrument, Span};

use super::app::App;
use super::auth::{AuthError, Guard, RECHECK_INTERVAL};
use super::peer::Stopping;
use crate::graphql::{Answer, Unexecuted};
use crate::graphql::{Caller, Resume};

/// Time after which a client reconnects when the server stops.
const RECONNECT_DELAY: Duration = Duration::from_secs(1);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// An operation to be answered by events.
pub struct SseRequest {
    /// The caller.
    pub caller: Caller,
    /// The request.
    pub request: Request,
    /// True if the operation may be a mutation (POST).
    pub may_mutate: bool,
    /// Permit for the execution; `None` for a subscription.
    pub permit: Option<OwnedSemaphorePermit>,
}

/// Streams the responses of an operation. With `Last-Event-ID`, a subscription continues after that cursor.
pub fn stream_answers(
    app: &App,
    stopping: Stopping,
    headers: &HeaderMap,
    sse_request: SseRequest,
) -> Response {
    let SseRequest {
        caller,
        request,
        may_mutate,
        permit,
    } = sse_request;
    let last = headers.get(LAST_EVENT_ID);
    let resume = last.map(|last| Resume(String::from_utf8_lossy(last.as_bytes()).into_owned()));
    let service = &app.service;
    let operation = service.answers(request, caller, may_mutate, resume, permit);
    let answers = app.counted(operation);
    let mut ends = JoinSet::new();
    if let Some(token) = headers.get(header::AUTHORIZATION) {
        ends.spawn(token_expired(app.guard.clone(), token.clone()));
    }
    // Log lines of the stream belong to the span of this request, even after its headers were sent.
    let span = Span::current();
    let events = stream::unfold(Some((answers, stopping, ends)), move |state| {
        let next = async move {
            let (mut answers, mut stopping, mut ends) = state?;
            tokio::select! {
                answer = answers.next() => Some(match answer {
                    Some(answer) => (next(&answer), Some((answers, stopping, ends))),
                    // Browsers drop an event without data.
                    None => (Event::default().event("complete").data("\n"), None),
                }),
                () = stopping.wait() => {
                    Some((Event::default().retry(RECONNECT_DELAY).comment("the server is stopping"), None))
                }
                // The stream just ends: a client that reconnects with the token gets the reason as a 401.
                Some(_) = ends.join_next() => None,
            }
        };
        next.instrument(span.clone())
    });
    let events = Sse::new(events.map(Ok::<_, Infallible>));
    let beats = KeepAlive::new().interval(app.service.limits().heartbeat());
    let beating = events.keep_alive(beats);
    ([(ACCEL_BUFFERING, "no")], beating).into_response()
}

/// Returns once the token of the connection is no longer valid. Unavailability of provider or database does not count.
async fn token_expired(guard: Guard, token: HeaderValue) {
    let token = token.to_str().unwrap_or_default();
    loop {
        tokio::time::sleep(RECHECK_INTERVAL).await;
        if matches!(
            guard.recheck(token).await,
            Err(AuthError::Token | AuthError::Form)
        ) {
            return;
        }
    }
}

fn next(answer: &Answer) -> Event {
    let event = Event::default().event("next");
    match answer {
        // An event with only an id: it sets the cursor from which the client would resume.
        Answer::Follows(position) => Event::default().id(&*position.cursor),
        Answer::Change(change) => event.id(&*change.position.cursor).data(&change.json),
        // Serialising a response as JSON does not fail.
        Answer::Own(response) => event
            .json_data(response)
            .unwrap_or_else(|_| Event::default()),
        Answer::Refused(response) => event
            .json_data(Unexecuted::from(response))
            .unwrap_or_else(|_| Event::default()),
    }
}
