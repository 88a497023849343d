//! Notices for pages that are open, as server-sent events: `/changes/live` counts the changes since a cursor, and
//! `/review/live` names the contributions that were touched, each with the rights and the quota of the reader. A page
//! works without them: a client with too many is refused.

use std::convert::Infallible;
use std::time::Duration;

use async_graphql::{Request, Variables};
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use futures_util::future::{BoxFuture, FutureExt, pending};
use futures_util::stream::{self, BoxStream, Stream, StreamExt};
use serde::Deserialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use tokio::time::{Instant, sleep, timeout_at};
use web::{Ask, Params, Refused};

use super::ask::PageExecutor;
use super::cookie;
use crate::domain::viewer::Role;
use crate::graphql::{Answer, Caller, Outcome};
use crate::http::app::App;
use crate::http::auth::AuthError;
use crate::http::credential;
use crate::http::deadline::in_time;
use crate::http::peer::Peer;
use crate::http::places::{NoPlace, Place, Places};
use crate::http::refusal::Refusal;
use crate::http::sse::RECONNECT_DELAY;
use crate::http::stream::{self as operation, StreamItem, UNBUFFERED};
use crate::store::contribution::{self, Filter};

/// The position of a page in the log, and the end of the log.
const SINCE: &str = "query ChangesSince($after: Cursor) { \
    changes(after: $after, first: 1) { nodes { sequence } } head { sequence cursor } }";
const END: &str = "query LogEnd { head { sequence cursor } }";
const CHANGES: &str =
    "subscription ChangesLive($after: Cursor) { changes(after: $after) { sequence } }";

/// The beginning of the ids of contributions outside the store.
const CONTRIBUTION: &str = "Contribution:";

/// Most pages of one address that listen at once.
const MAX_PAGES_OF_ADDRESS: usize = 100;
/// Time after which a page that was refused may try again, in seconds.
const RETRY_SECONDS: u64 = 60;
/// Time for which changes that follow each other are collected, so that an import is one event.
const COLLECTING: Duration = Duration::from_millis(400);

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

/// The places of a server with a limit of connections: pages that listen take at most half of them.
pub fn places(max_connections: usize) -> Places {
    Places::new(max_connections / 2, MAX_PAGES_OF_ADDRESS)
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
    let place = place(&app, &peer, &headers)?;
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
    // The page is loaded again, perhaps from another instance or a cache: by then, none may be without these changes.
    let delay = app.service.store().max_staleness();
    let known = stream::iter(known).then(move |event| async move {
        sleep(delay).await;
        event
    });
    let news = stream::unfold(Some(items), move |items| collected(items, base, delay));
    Ok(response(&app, place, known.chain(news)))
}

/// Handles `/review/live`: an event for each contribution that is created, edited, commented on, or moved to another
/// state, if the person may see it. Its id is the value of the counter of these touches, which pages know as `after`.
/// First come those that were touched after the value `Last-Event-ID`, else `after`, else from now. With `id`: that
/// contribution alone.
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
    let place = place(&app, &peer, &headers)?;
    let params = Params::read(uri.query().unwrap_or_default());
    let touched = *app.service.store().touches().borrow();
    let after = match last_event_id(&headers).or(params.get("after")) {
        Some(text) => {
            let after = text.parse::<i64>();
            let after = after.map_err(|_| {
                Refusal::wrong("`after`: expected the number that the page has in `data-after`")
            })?;
            // A database that was restored has fewer touches than a page knows.
            after.min(touched)
        }
        None => touched,
    };
    charge(&app, &caller)?;
    let bare = |id: &str| id.strip_prefix(CONTRIBUTION).unwrap_or(id).to_owned();
    let ids = params.get("id").map(|id| vec![bare(id)]);
    let filter = Filter {
        ids,
        ..Filter::default()
    };
    let contributions = app.service.store().contributions();
    let rows = contributions.follow(caller.viewer, filter, after).boxed();
    let token = cookie::authorization(&app, &headers, peer.address);
    let expired: BoxFuture<'static, ()> = match token {
        Some(token) => operation::token_expired(app.guard.clone(), token).boxed(),
        None => pending().boxed(),
    };
    let mut stop = peer.stopping;
    let end = async move {
        tokio::select! {
            () = stop.wait() => Some(stopping()),
            () = expired => None,
        }
    };
    let following = Some((rows, end.boxed()));
    let news = stream::unfold(following, async |following| {
        let (mut rows, mut end) = following?;
        tokio::select! {
            row = rows.next() => Some((touch(&row?), Some((rows, end)))),
            last = &mut end => Some((last?, None)),
        }
    });
    Ok(response(&app, place, news))
}

/// Authenticates the reader, by cookie too.
async fn caller(app: &App, peer: &Peer, uri: &Uri, headers: &HeaderMap) -> Result<Caller, Refusal> {
    credential::check_address(uri, headers)?;
    let limit = app.service.limits().request_timeout();
    let caller = in_time(limit, cookie::caller(app, headers, peer.address)).await;
    Ok(caller.unwrap_or(Err(AuthError::Unavailable))?)
}

/// Takes a place for a page that listens.
fn place(app: &App, peer: &Peer, headers: &HeaderMap) -> Result<Place, Refusal> {
    let taken = app.listening.take(app.address(headers, peer.address));
    taken.map_err(|none| {
        let refusal = match none {
            NoPlace::OfNetwork(number) => {
                let message = format!(
                    "{number} pages of this address listen for news, which is the most: load a page again to see news"
                );
                Refusal::new(StatusCode::TOO_MANY_REQUESTS, "RATE_LIMITED", &message)
            }
            NoPlace::OfServer => {
                let message = "too many pages listen for news: load a page again to see news";
                Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
            }
        };
        refusal.with_retry_after(RETRY_SECONDS)
    })
}

/// Counts the request against the quota of the reader.
fn charge(app: &App, caller: &Caller) -> Result<(), Refusal> {
    match app.service.charge_request(caller) {
        Ok(_) => Ok(()),
        Err(limited) => Err(refusal(&match limited.outcome {
            Outcome::Limited(seconds) => Refused::Limited(seconds),
            _ => Refused::Away,
        })),
    }
}

/// The refusal of a page as one of a stream.
fn refusal(refused: &Refused) -> Refusal {
    let status = StatusCode::from_u16(refused.status()).unwrap_or_default();
    let code = match status {
        StatusCode::TOO_MANY_REQUESTS => "RATE_LIMITED",
        _ => "UNAVAILABLE",
    };
    let seconds = refused.retry_after().unwrap_or(1);
    let message = format!("try again in {seconds} s");
    Refusal::new(status, code, &message).with_retry_after(seconds)
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
    let reply = executor.ask(document, variables).await;
    let reply = reply.map_err(|refused| refusal(&refused))?;
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

/// The next event of a change log: the count after all changes that arrive together, told after a delay.
async fn collected(
    items: Option<BoxStream<'static, StreamItem>>,
    base: i64,
    delay: Duration,
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
    sleep(delay).await;
    Some((counted(base, newest.sequence, &newest.cursor), Some(items)))
}

fn counted(base: i64, sequence: i64, cursor: &str) -> Event {
    let count = sequence.saturating_sub(base);
    Event::default()
        .id(cursor)
        .data(json!({ "count": count }).to_string())
}

/// The event of a contribution that was touched.
fn touch(one: &contribution::Model) -> Event {
    let told = json!({ "id": format!("{CONTRIBUTION}{}", one.id) });
    Event::default()
        .id(one.touched.to_string())
        .data(told.to_string())
}

fn stopping() -> Event {
    Event::default()
        .retry(RECONNECT_DELAY)
        .comment("the server is stopping")
}

/// Makes the response. It keeps its place until it ends.
fn response(
    app: &App,
    place: Place,
    events: impl Stream<Item = Event> + Send + 'static,
) -> Response {
    let events = Sse::new(events.map(move |event| {
        let _taken = &place;
        Ok::<_, Infallible>(event)
    }));
    let heartbeat = app.service.limits().heartbeat();
    let beating = events.keep_alive(KeepAlive::new().interval(heartbeat));
    ([UNBUFFERED], beating).into_response()
}
