//! GraphQL over Server-Sent Events, as the distinct connections mode of graphql-sse says: one operation, its
//! answers as `next`, and `complete` at its end. The id of an event is the cursor of the change it tells.

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
use super::auth::{Guard, RECHECK, Unknown};
use super::peer::Stopping;
use crate::graphql::{Answer, Unexecuted};
use crate::graphql::{Caller, Resume};

/// After how long a client comes back when the server stops.
const RETRY: Duration = Duration::from_secs(1);

const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");
const ACCEL_BUFFERING: HeaderName = HeaderName::from_static("x-accel-buffering");

/// What is asked, and by whom.
pub struct Asked {
    /// Who asks.
    pub caller: Caller,
    /// What.
    pub request: Request,
    /// Whether it may change anything.
    pub may_mutate: bool,
    /// Its place among the requests that are executed.
    pub permit: Option<OwnedSemaphorePermit>,
}

/// The answers of an operation as they come. Where the client names the last event that it has, the
/// changes behind it follow.
pub fn answers(app: &App, stopping: Stopping, headers: &HeaderMap, asked: Asked) -> Response {
    let Asked {
        caller,
        request,
        may_mutate,
        permit,
    } = asked;
    let last = headers.get(LAST_EVENT_ID);
    let resume = last.map(|last| Resume(String::from_utf8_lossy(last.as_bytes()).into_owned()));
    let service = &app.service;
    let operation = service.answers(request, caller, may_mutate, resume, permit);
    let answers = app.counted(operation);
    let mut ends = JoinSet::new();
    if let Some(token) = headers.get(header::AUTHORIZATION) {
        ends.spawn(forgotten(app.guard.clone(), token.clone()));
    }
    // What is said of it in the log is said of this request, also after its head was answered.
    let span = Span::current();
    let events = stream::unfold(Some((answers, stopping, ends)), move |state| {
        let next = async move {
            let (mut answers, mut stopping, mut ends) = state?;
            tokio::select! {
                answer = answers.next() => Some(match answer {
                    Some(answer) => (next(&answer), Some((answers, stopping, ends))),
                    // A browser hears of no event without data.
                    None => (Event::default().event("complete").data("\n"), None),
                }),
                () = stopping.told() => {
                    Some((Event::default().retry(RETRY).comment("come back"), None))
                }
                // Who comes back with it is told why it is refused.
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

/// Ready once nobody is known by a token any more.
async fn forgotten(guard: Guard, token: HeaderValue) {
    let token = token.to_str().unwrap_or_default();
    loop {
        tokio::time::sleep(RECHECK).await;
        if matches!(
            guard.still(token).await,
            Err(Unknown::Token | Unknown::Form)
        ) {
            return;
        }
    }
}

fn next(answer: &Answer) -> Event {
    let event = Event::default().event("next");
    match answer {
        // Names the event to go on behind and is none itself.
        Answer::Follows(place) => Event::default().id(&*place.cursor),
        Answer::Told(told) => event.id(&*told.place.cursor).data(&told.json),
        // An answer is JSON, whatever it holds.
        Answer::Own(response) => event
            .json_data(response)
            .unwrap_or_else(|_| Event::default()),
        Answer::Refused(response) => event
            .json_data(Unexecuted::from(response))
            .unwrap_or_else(|_| Event::default()),
    }
}
