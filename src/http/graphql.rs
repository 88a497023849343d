//! GraphQL over HTTP: queries and mutations by POST, queries by GET, `GraphiQL` for browsers.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::Request;
use axum::body::{Bytes, to_bytes};
use axum::extract::{ConnectInfo, RawQuery, Request as Incoming, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use futures_util::future::join_all;

use super::accept::{Accepted, Form};
use super::deadline::in_time;
use super::params::{Body, Params};
use super::refusal::refusal;
use super::respond::{Method, respond};
use super::{App, Stopping, sse};
use crate::graphql::context::Caller;
use crate::graphql::limits::size;

const GRAPHIQL: &str = include_str!("graphiql.html");
/// What the page of `GraphiQL` may do: it is loaded from elsewhere.
const GRAPHIQL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; script-src 'unsafe-inline' https://esm.sh; style-src 'unsafe-inline' https://esm.sh; \
     font-src data: https://esm.sh; img-src data: https://esm.sh; connect-src 'self' https://esm.sh ws: wss:; \
     worker-src blob:; frame-ancestors 'none'",
);

/// `GraphiQL`.
pub async fn browse(State(app): State<App>) -> Response {
    if app.settings.graphiql {
        let policy = [(header::CONTENT_SECURITY_POLICY, GRAPHIQL_POLICY)];
        (policy, Html(GRAPHIQL)).into_response()
    } else {
        refusal(StatusCode::NOT_FOUND, "BAD_USER_INPUT", "ask at /graphql")
    }
}

/// A query in the address, or `GraphiQL` for a browser without one.
pub async fn get(
    State(app): State<App>,
    stopping: Stopping,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    RawQuery(query): RawQuery,
    headers: HeaderMap,
) -> Response {
    let accepts_html = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let Some(query) = query else {
        if accepts_html {
            return browse(State(app)).await;
        }
        return wrong("ask by POST, or by GET with ?query=");
    };
    match Params::in_address(&query).and_then(Params::request) {
        Ok(request) => {
            let asking = Asking {
                app: &app,
                stopping,
                headers: &headers,
                address,
                method: Method::Get,
            };
            asking.answer(Body::One(Box::new(request))).await
        }
        Err(message) => wrong(&message),
    }
}

/// A query or a mutation as a JSON object, or several in a list.
pub async fn post(
    State(app): State<App>,
    stopping: Stopping,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    incoming: Incoming,
) -> Response {
    if !is_json(&headers) {
        let message = "expected Content-Type: application/json";
        return refusal(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_USER_INPUT",
            message,
        );
    }
    let body = match body(&app, incoming).await {
        Ok(body) => body,
        Err(refused) => return refused,
    };
    match Body::read(&body) {
        Ok(body) => {
            let asking = Asking {
                app: &app,
                stopping,
                headers: &headers,
                address,
                method: Method::Post,
            };
            asking.answer(body).await
        }
        Err(message) => wrong(&message),
    }
}

fn wrong(message: &str) -> Response {
    refusal(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
}

/// Whether a body is JSON, in UTF-8.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let mut parts = kind.unwrap_or_default().split(';').map(str::trim);
    let is_json = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    let is_utf8 = parts.all(|part| match part.split_once('=') {
        Some((name, charset)) if name.trim().eq_ignore_ascii_case("charset") => charset
            .trim()
            .trim_matches('"')
            .eq_ignore_ascii_case("utf-8"),
        _ => true,
    });
    is_json && is_utf8
}

/// The body of a request, as far as it may go, and in time.
async fn body(app: &App, incoming: Incoming) -> Result<Bytes, Response> {
    let limits = app.service.limits();
    let most = size(limits.max_body_bytes);
    let too_large = || {
        let message = format!("the body has more than {most} bytes");
        refusal(StatusCode::PAYLOAD_TOO_LARGE, "TOO_COMPLEX", &message)
    };
    let length = incoming.headers().get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let reading = to_bytes(incoming.into_body(), most);
    match in_time(app.settings.body_timeout(), reading).await {
        Some(Ok(body)) => Ok(body),
        Some(Err(error)) if is_too_large(&error) => Err(too_large()),
        Some(Err(_)) => Err(wrong("the body ended early")),
        None => {
            let message = "the body did not come in time";
            Err(refusal(StatusCode::REQUEST_TIMEOUT, "TIMEOUT", message))
        }
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>)
}

/// Somebody who asks over HTTP.
struct Asking<'a> {
    app: &'a App,
    stopping: Stopping,
    headers: &'a HeaderMap,
    address: SocketAddr,
    method: Method,
}

impl Asking<'_> {
    async fn answer(self, body: Body) -> Response {
        let (app, headers) = (self.app, self.headers);
        let caller = match app.caller(headers, self.address).await {
            Ok(caller) => caller,
            Err(unknown) => return unknown.into_response(),
        };
        let accepted = Accepted::of(headers);
        let may_mutate = self.method == Method::Post;
        match body {
            Body::One(request) => {
                let follows = accepted.events && app.service.is_subscription(&request);
                if accepted.prefers_events || follows {
                    // Who follows is bounded by the connections.
                    let permit = if follows {
                        None
                    } else if let Ok(permit) = Arc::clone(&app.busy).try_acquire_owned() {
                        Some(permit)
                    } else {
                        return overloaded();
                    };
                    let asked = sse::Asked {
                        caller,
                        request: *request,
                        may_mutate,
                        permit,
                    };
                    return sse::answers(app, self.stopping, headers, asked);
                }
                let Some(form) = accepted.form else {
                    return unacceptable();
                };
                let Ok(_permit) = app.busy.try_acquire() else {
                    return overloaded();
                };
                let begun = Instant::now();
                let reply = app.service.answer(*request, caller, may_mutate).await;
                app.metrics.count(&reply, begun.elapsed());
                tracing::Span::current().record("operation", &*reply.operation);
                respond(reply, form, self.method, headers)
            }
            Body::Several(requests) => match accepted.form {
                Some(form) => self.answer_all(requests, caller, form).await,
                None => unacceptable(),
            },
        }
    }

    /// The answers to several requests, in their order.
    async fn answer_all(&self, requests: Vec<Request>, caller: Caller, form: Form) -> Response {
        let service = &self.app.service;
        let most = service.limits().max_batch;
        if most <= 1 {
            return wrong(
                "a list of requests is not taken here (`maxBatch` is 1): send them one by one",
            );
        }
        if requests.is_empty() || requests.len() > size(most) {
            let message = format!("expected 1 to {most} requests in a list (`maxBatch`)");
            return refusal(StatusCode::BAD_REQUEST, "TOO_COMPLEX", &message);
        }
        let Ok(_permit) = self.app.busy.try_acquire() else {
            return overloaded();
        };
        let answers = requests
            .into_iter()
            .map(|request| service.answer(request, caller.clone(), true));
        let begun = Instant::now();
        let answers = join_all(answers).await;
        for reply in &answers {
            self.app.metrics.count(reply, begun.elapsed());
        }
        let bodies: Vec<&[u8]> = answers.iter().map(|reply| &*reply.body).collect();
        let body = [b"[".as_slice(), &bodies.join(b",".as_slice()), b"]"].concat();
        let kind = HeaderValue::from_static(form.content_type());
        let headers = [
            (header::CONTENT_TYPE, kind),
            (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        ];
        (headers, body).into_response()
    }
}

fn unacceptable() -> Response {
    let message =
        "answers are application/graphql-response+json, application/json or text/event-stream";
    refusal(StatusCode::NOT_ACCEPTABLE, "BAD_USER_INPUT", message)
}

/// The answer where so much is under way that more would only wait.
fn overloaded() -> Response {
    let message = "too many requests are under way: try again in a moment";
    let refused = refusal(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message);
    ([(header::RETRY_AFTER, "1")], refused).into_response()
}
