//! Notices for pages that are open, as server-sent events: `/changes/live` counts the changes since a cursor, and
//! `/review/live` names the contributions that were touched. Both follow subscriptions of the schema with the rights and
//! the quota of the reader.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::{Request, Variables};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout_at};
use web::{Ask, Params};

use super::ask::PageExecutor;
use super::cookie;
use crate::domain::viewer::Role;
use crate::graphql::{Answer, Caller};
use crate::http::app::App;
use crate::http::auth::AuthError;
use crate::http::credential;
use crate::http::deadline::in_time;
use crate::http::peer::Peer;
use crate::http::refusal::Refusal;
use crate::http::sse::RECONNECT_DELAY;
use crate::http::stream::{self as operation, StreamItem, UNBUFFERED};

/// The position of a page in the log, and the end of the log.
const SINCE: &str = "query ChangesSince($after: Cursor) { \
    changes(after: $after, first: 1) { nodes { sequence } } head { sequence cursor } }";
const END: &str = "query LogEnd { head { sequence cursor } }";
const CHANGES: &str =
    "subscription ChangesLive($after: Cursor) { changes(after: $after) { sequence } }";
const MISSED: &str = "query ReviewMissed($filter: ContributionFilter) { \
    contributions(first: 50, filter: $filter) { nodes { id revision state updatedAt } } }";
const REVIEW: &str = "subscription ReviewLive($filter: ContributionFilter) { \
    contributions(filter: $filter) { id revision state updatedAt } }";

/// Time for which changes that follow each other are collected, so that an import is one event.
const COLLECTING: Duration = Duration::from_millis(400);
/// Time in which a subscription begins, in a task of its own. Contributions that were touched before it are read later.
const BEGINNING: Duration = Duration::from_millis(250);

#[derive(Deserialize)]
struct Data<T> {
    data: Option<T>,
    #[serde(default)]
    errors: Vec<QueryError>,
}

#[derive(Deserialize)]
struct QueryError {
    message: String,
}

#[derive(Deserialize)]
struct Since {
    changes: Option<Nodes<Sequence>>,
    head: Head,
}

#[derive(Deserialize)]
struct Head {
    sequence: i64,
    cursor: String,
}

#[derive(Deserialize)]
struct Nodes<T> {
    nodes: Vec<T>,
}

#[derive(Deserialize)]
struct Sequence {
    sequence: i64,
}

#[derive(Deserialize)]
struct Contributions<T> {
    contributions: T,
}

/// A contribution that was touched.
#[derive(Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
struct Touched {
    id: String,
    revision: i64,
    state: String,
    #[serde(skip_serializing)]
    updated_at: String,
}

/// Handles `/changes/live`: an event with the number of changes since the cursor `after` each time it grows. The id of an
/// event is the cursor of its last change. Without `after`, changes are counted from `Last-Event-ID`, else from now.
pub async fn changes(
    State(app): State<App>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let caller = caller(&app, &peer, &uri, &headers).await?;
    let params = Params::read(uri.query().unwrap_or_default());
    let resumed = last_event_id(&headers);
    let after = params.get("after").or(resumed);
    let since: Since = match after {
        Some(_) => ask(&app, &caller, SINCE, json!({ "after": after })).await?,
        None => ask(&app, &caller, END, json!({})).await?,
    };
    let first = since
        .changes
        .and_then(|changes| changes.nodes.into_iter().next());
    let base = first.map_or(since.head.sequence, |first| {
        first.sequence.saturating_sub(1)
    });
    let Head { sequence, cursor } = since.head;
    // A client that reconnects has the count up to its last event.
    let known =
        (sequence > base && resumed != Some(&cursor)).then(|| counted(base, sequence, &cursor));
    let request = Request::new(CHANGES).variables(variables(json!({ "after": cursor })));
    let follows = app.service.follow_own(request, caller);
    let token = cookie::authorization(&app, &headers, peer.address);
    let items = operation::answers(&app, peer.stopping, token, follows);
    let news = stream::unfold(Some(items), move |items| collected(items, base));
    Ok(response(&app, stream::iter(known).chain(news)))
}

/// Handles `/review/live`: an event for each contribution that is created, edited, commented on, or moved to another
/// state, if the person may see it. Its id is the instant. First come those that were touched after the instant
/// `Last-Event-ID`, else `after`. With `id`: that contribution alone.
pub async fn review(
    State(app): State<App>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
) -> Result<Response, Refusal> {
    let caller = caller(&app, &peer, &uri, &headers).await?;
    if caller.viewer.role() == Role::Anonymous {
        let message = "sign in to follow contributions";
        return Err(Refusal::new(
            StatusCode::UNAUTHORIZED,
            "UNAUTHENTICATED",
            message,
        ));
    }
    let params = Params::read(uri.query().unwrap_or_default());
    let filter = params.get("id").map(|id| json!({ "ids": [id] }));
    let filter = json!({ "filter": filter });
    let request = Request::new(REVIEW).variables(variables(filter.clone()));
    let follows = app.service.follow_own(request, caller.clone());
    let token = cookie::authorization(&app, &headers, peer.address);
    let items = operation::answers(&app, peer.stopping, token, follows);
    let mut missed: Vec<Touched> = Vec::new();
    if let Some(after) = last_event_id(&headers).or(params.get("after")) {
        sleep(BEGINNING).await;
        let found: Contributions<Nodes<Touched>> = ask(&app, &caller, MISSED, filter).await?;
        missed = found.contributions.nodes;
        // Instants are written in UTC, to the microsecond: their order is that of their text.
        missed.retain(|one| one.updated_at.as_str() > after);
        missed.sort_by(|one, other| one.updated_at.cmp(&other.updated_at));
    }
    let known: Vec<Event> = missed.iter().filter_map(touched).collect();
    let news = items.filter_map(async |item| review_event(item));
    Ok(response(&app, stream::iter(known).chain(news)))
}

/// Authenticates the reader, by cookie too.
async fn caller(app: &App, peer: &Peer, uri: &Uri, headers: &HeaderMap) -> Result<Caller, Refusal> {
    credential::check_address(uri, headers)?;
    let limit = app.service.limits().request_timeout();
    let caller = in_time(limit, cookie::caller(app, headers, peer.address)).await;
    Ok(caller.unwrap_or(Err(AuthError::Unavailable))?)
}

/// Executes a query. A permit for a request is held meanwhile.
async fn ask<T: DeserializeOwned>(
    app: &App,
    caller: &Caller,
    document: &str,
    variables: Value,
) -> Result<T, Refusal> {
    let permit = app.permit(1)?;
    let mut executor = PageExecutor::new(app, caller.clone(), false, permit);
    let reply = executor.ask(document, variables).await.map_err(|refused| {
        let status = StatusCode::from_u16(refused.status()).unwrap_or_default();
        let code = match status {
            StatusCode::TOO_MANY_REQUESTS => "RATE_LIMITED",
            _ => "UNAVAILABLE",
        };
        Refusal::new(status, code, "try again in a moment")
    })?;
    let data: Data<T> = serde_json::from_slice(&reply.body).map_err(|_| Refusal::internal())?;
    match data.errors.into_iter().next() {
        Some(error) => Err(Refusal::wrong(&error.message)),
        None => data.data.ok_or_else(Refusal::internal),
    }
}

fn variables(value: Value) -> Variables {
    Variables::from_json(value)
}

fn last_event_id(headers: &HeaderMap) -> Option<&str> {
    let value = headers.get(operation::LAST_EVENT_ID)?.to_str().ok()?;
    Some(value).filter(|value| !value.is_empty())
}

/// The next event of a change log: the count after all changes that arrive together.
async fn collected(
    items: Option<BoxStream<'static, StreamItem>>,
    base: i64,
) -> Option<(Event, Option<BoxStream<'static, StreamItem>>)> {
    let mut items = items?;
    let mut newest = None;
    let mut until = None;
    loop {
        let item = match until {
            None => items.next().await,
            Some(until) => match timeout_at(until, items.next()).await {
                Ok(item) => item,
                Err(_) => break,
            },
        };
        match item {
            Some(StreamItem::Answer(Answer::Change(change))) => {
                newest = Some(change.position.clone());
                until = until.or_else(|| Instant::now().checked_add(COLLECTING));
            }
            Some(StreamItem::Answer(Answer::Follows(_))) => {}
            Some(StreamItem::Stopping(_)) => return Some((stopping(), None)),
            _ => {
                let last = newest?;
                return Some((counted(base, last.sequence, &last.cursor), None));
            }
        }
    }
    let newest = newest?;
    Some((counted(base, newest.sequence, &newest.cursor), Some(items)))
}

fn counted(base: i64, sequence: i64, cursor: &str) -> Event {
    let count = sequence.saturating_sub(base);
    Event::default()
        .id(cursor)
        .data(json!({ "count": count }).to_string())
}

fn review_event(item: StreamItem) -> Option<Event> {
    match item {
        StreamItem::Answer(Answer::Own(response)) => {
            let data = response.data.into_json().ok()?;
            let found: Contributions<Touched> = serde_json::from_value(data).ok()?;
            touched(&found.contributions)
        }
        StreamItem::Stopping(_) => Some(stopping()),
        _ => None,
    }
}

fn touched(one: &Touched) -> Option<Event> {
    let event = Event::default().id(&one.updated_at);
    event.json_data(one).ok()
}

fn stopping() -> Event {
    Event::default()
        .retry(RECONNECT_DELAY)
        .comment("the server is stopping")
}

fn response(app: &App, events: impl Stream<Item = Event> + Send + 'static) -> Response {
    let events = Sse::new(events.map(Ok::<_, Infallible>));
    let heartbeat = app.service.limits().heartbeat();
    let beating = events.keep_alive(KeepAlive::new().interval(heartbeat));
    ([UNBUFFERED], beating).into_response()
}
