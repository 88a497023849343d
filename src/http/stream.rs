//! Operations whose responses are streamed in one HTTP response: the part that server-sent events and multipart
//! responses share.

use std::sync::Arc;

use async_graphql::Request;
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use futures_util::stream::{self, BoxStream, StreamExt};
use tokio::sync::OwnedSemaphorePermit;
use tokio::task::JoinSet;
use tracing::{Instrument, Span};

use super::app::App;
use super::auth::{AuthError, Guard, RECHECK_INTERVAL};
use super::peer::Stopping;
use crate::graphql::{Answer, Caller, Operation, Resume};

/// Header by which a client names the last event that it has. Source: HTML Living Standard, section 9.2.
pub const LAST_EVENT_ID: HeaderName = HeaderName::from_static("last-event-id");

/// Asks proxies not to buffer a stream.
pub const UNBUFFERED: (HeaderName, &str) = (HeaderName::from_static("x-accel-buffering"), "no");

/// An operation whose responses are streamed.
pub struct StreamRequest {
    /// The caller.
    pub caller: Caller,
    /// The request.
    pub request: Request,
    /// True if the operation may be a mutation (POST).
    pub may_mutate: bool,
    /// Permit for the execution; `None` for a subscription.
    pub permit: Option<OwnedSemaphorePermit>,
}

/// One item of a stream. Nothing follows an item other than an answer.
#[expect(
    clippy::large_enum_variant,
    reason = "almost all items are answers, and each exists for a moment"
)]
pub enum StreamItem {
    /// An answer of the operation.
    Answer(Answer),
    /// All answers were sent.
    Complete,
    /// The server is stopping. Contains the cursor from which the client can resume, if the operation follows the log.
    Stopping(Option<Arc<str>>),
    /// The token of the connection is no longer valid. Contains the same cursor.
    Unauthenticated(Option<Arc<str>>),
}

/// Executes an operation and streams its answers. With `Last-Event-ID`, a subscription continues after that cursor.
pub fn items(
    app: &App,
    stopping: Stopping,
    headers: &HeaderMap,
    request: StreamRequest,
) -> BoxStream<'static, StreamItem> {
    let StreamRequest {
        caller,
        request,
        may_mutate,
        permit,
    } = request;
    let last = headers.get(LAST_EVENT_ID);
    let resume = last.map(|last| Resume(String::from_utf8_lossy(last.as_bytes()).into_owned()));
    let service = &app.service;
    let operation = service.answers(request, caller, may_mutate, resume, permit);
    let token = headers.get(header::AUTHORIZATION).cloned();
    answers(app, stopping, token, operation)
}

/// Streams the answers of an operation until the server stops, or the token is no longer valid. The token is a value of
/// `Authorization`.
pub fn answers(
    app: &App,
    stopping: Stopping,
    token: Option<HeaderValue>,
    operation: Operation,
) -> BoxStream<'static, StreamItem> {
    let mut ends = JoinSet::new();
    if let Some(token) = token {
        ends.spawn(token_expired(app.guard.clone(), token));
    }
    let open = Open {
        answers: app.counted(operation),
        stopping,
        ends,
        cursor: None,
    };
    // Log lines of the stream belong to the span of this request, even after its headers were sent.
    let span = Span::current();
    stream::unfold(Some(open), move |open| {
        let next = async move { Some(open?.next().await) };
        next.instrument(span.clone())
    })
    .boxed()
}

/// A stream that has not ended.
struct Open {
    answers: BoxStream<'static, Answer>,
    stopping: Stopping,
    /// Ends once the token is no longer valid.
    ends: JoinSet<()>,
    /// Cursor of the last change that was taken from `answers`.
    cursor: Option<Arc<str>>,
}

impl Open {
    /// The next item, and the stream behind it.
    async fn next(mut self) -> (StreamItem, Option<Self>) {
        tokio::select! {
            answer = self.answers.next() => match answer {
                Some(answer) => {
                    match &answer {
                        Answer::Follows(position) => self.cursor = Some(Arc::clone(&position.cursor)),
                        Answer::Change(change) => self.cursor = Some(Arc::clone(&change.position.cursor)),
                        Answer::Own(_) | Answer::Refused(_) => {}
                    }
                    (StreamItem::Answer(answer), Some(self))
                }
                None => (StreamItem::Complete, None),
            },
            () = self.stopping.wait() => (StreamItem::Stopping(self.cursor), None),
            Some(_) = self.ends.join_next() => (StreamItem::Unauthenticated(self.cursor), None),
        }
    }
}

/// Returns once the token of the connection is no longer valid. Unavailability of provider or database does not count.
pub async fn token_expired(guard: Guard, token: HeaderValue) {
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
