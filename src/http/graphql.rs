//! GraphQL over HTTP: queries and mutations by POST, queries by GET, `GraphiQL` for browsers.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Instant;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use axum::body::{Body as Unread, Bytes, to_bytes};
use axum::extract::{Request as Incoming, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};
use futures_util::future::join_all;
use futures_util::stream::{BoxStream, StreamExt};
use tokio::sync::OwnedSemaphorePermit;

use super::accept::{Accepted, Form};
use super::auth::Unknown;
use super::deadline::in_time;
use super::params::{Body, Params};
use super::refusal::Refusal;
use super::respond::{Method, has_answer, respond, status};
use super::{App, Peer, content, sse};
use crate::domain::text::beginning;
use crate::graphql::Caller;
use crate::graphql::limits::size;
use crate::graphql::{Answer, AnswerKey, Operation, Outcome, Reply};

const GRAPHIQL: &str = include_str!("graphiql.html");
/// What the page of `GraphiQL` may do: its own script, by its hash, and the files that it names, with their hashes.
const GRAPHIQL_POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; \
     script-src 'sha256-3TX42TtODdFfS3kwGcAqC4/pWYXNR+iOqN5L2mNMrnU=' \
     https://cdn.jsdelivr.net/npm/react@18.3.1/umd/react.production.min.js \
     https://cdn.jsdelivr.net/npm/react-dom@18.3.1/umd/react-dom.production.min.js \
     https://cdn.jsdelivr.net/npm/graphiql@4.1.2/graphiql.min.js; \
     style-src 'unsafe-inline' https://cdn.jsdelivr.net/npm/graphiql@4.1.2/graphiql.min.css; \
     font-src data:; img-src data:; connect-src 'self' ws: wss:; \
     base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// `GraphiQL`.
pub async fn browse(State(app): State<App>) -> Response {
    if app.settings.graphiql {
        let policy = [(header::CONTENT_SECURITY_POLICY, GRAPHIQL_POLICY)];
        (policy, Html(GRAPHIQL)).into_response()
    } else {
        Refusal::new(StatusCode::NOT_FOUND, "BAD_USER_INPUT", "ask at /graphql").into_response()
    }
}

/// A query in the address, or `GraphiQL` for a browser without one.
pub async fn get(State(app): State<App>, peer: Peer, incoming: Incoming) -> Response {
    let headers = incoming.headers();
    let accepts_html = headers
        .get(header::ACCEPT)
        .and_then(|accept| accept.to_str().ok())
        .is_some_and(|accept| accept.contains("text/html"));
    let read = match incoming.uri().query() {
        Some(query) => Params::in_address(query).and_then(Params::request),
        None if accepts_html => return browse(State(app)).await,
        None => Err("ask by POST, or by GET with ?query=".to_owned()),
    };
    let asking = Asking {
        app: &app,
        peer,
        headers,
        method: Method::Get,
    };
    let read = read.map(|request| Asked::Address(Box::new(request)));
    asking
        .answer(read.map_err(|message| Refusal::wrong(&message)))
        .await
}

/// A query or a mutation as a JSON object, or several in a list.
pub async fn post(State(app): State<App>, peer: Peer, incoming: Incoming) -> Response {
    let (parts, body) = incoming.into_parts();
    let headers = &parts.headers;
    let read = read(&app, headers, body).await;
    let asking = Asking {
        app: &app,
        peer,
        headers,
        method: Method::Post,
    };
    asking.answer(read.map(Asked::Body)).await
}

/// Whether a body is JSON, in UTF-8.
fn is_json(headers: &HeaderMap) -> bool {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let mut parts = content::parts(kind.unwrap_or_default());
    let is_json = parts
        .next()
        .is_some_and(|essence| essence.eq_ignore_ascii_case("application/json"));
    is_json && parts.all(content::is_utf8)
}

/// The body of a request of JSON, as far as it may go, and in time.
async fn read(app: &App, headers: &HeaderMap, body: Unread) -> Result<Bytes, Refusal> {
    if !is_json(headers) {
        let message = "expected Content-Type: application/json";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, "BAD_USER_INPUT", message));
    }
    let coding = headers.get(header::CONTENT_ENCODING);
    if coding.is_some_and(|coding| !coding.as_bytes().eq_ignore_ascii_case(b"identity")) {
        let message = "expected a body without Content-Encoding";
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, "BAD_USER_INPUT", message)
            .saying(header::ACCEPT_ENCODING, "identity"));
    }
    let limits = app.service.limits();
    let most = size(limits.max_body_bytes);
    let too_large = || {
        let message = format!("the body has more than {most} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "TOO_COMPLEX", &message)
    };
    let length = headers.get(header::CONTENT_LENGTH);
    let length = length.and_then(|length| length.to_str().ok()?.parse::<usize>().ok());
    if length.is_some_and(|length| length > most) {
        return Err(too_large());
    }
    let reading = to_bytes(body, most);
    match in_time(limits.body_timeout(), reading).await {
        Some(Ok(body)) => Ok(body),
        Some(Err(error)) if is_too_large(&error) => Err(too_large()),
        Some(Err(_)) => Err(Refusal::wrong("the body ended early")),
        None => {
            let message = "the body did not come in time";
            let status = StatusCode::REQUEST_TIMEOUT;
            Err(Refusal::new(status, "TIMEOUT", message))
        }
    }
}

fn is_too_large(error: &axum::Error) -> bool {
    let source = std::error::Error::source(error);
    source.is_some_and(<dyn std::error::Error>::is::<http_body_util::LengthLimitError>)
}

/// What is asked.
enum Asked {
    /// In the address.
    Address(Box<Request>),
    /// In a body, which is not read yet.
    Body(Bytes),
}

/// Somebody who asks over HTTP.
struct Asking<'a> {
    app: &'a App,
    peer: Peer,
    headers: &'a HeaderMap,
    method: Method,
}

impl Asking<'_> {
    /// Answers what could be read, and says of the rest what is wrong with it.
    async fn answer(self, read: Result<Asked, Refusal>) -> Response {
        let (app, headers, method) = (self.app, self.headers, self.method);
        let from = app.address(headers, self.peer.address);
        let accepted = Accepted::of(headers);
        let answered = match read {
            Ok(asked) => self.answer_read(asked, from, accepted).await,
            Err(refusal) => Err(refusal),
        };
        let form = accepted.form.unwrap_or(Form::Json);
        let refusal = match answered {
            Ok(response) => return response,
            Err(refusal) => refusal,
        };
        if refusal.is_of_client()
            && let Err(limited) = app.service.turn_away(from)
        {
            return respond(limited, form, method, headers);
        }
        refusal.in_form(form)
    }

    async fn answer_read(
        self,
        asked: Asked,
        from: IpAddr,
        accepted: Accepted,
    ) -> Result<Response, Refusal> {
        let (app, headers) = (self.app, self.headers);
        let limit = app.service.limits().request_timeout();
        let caller = in_time(limit, app.guard.caller(headers, from)).await;
        let caller = caller.unwrap_or(Err(Unknown::Unavailable))?;
        let begun = Instant::now();
        let (request, body) = match asked {
            Asked::Address(request) => (*request, None),
            Asked::Body(body) => {
                if let (Some(form), false) = (accepted.form, accepted.events) {
                    let _permit = app.permit(1)?;
                    if let Some(reply) = app.service.answer_again(&body, &caller).await {
                        return Ok(self.told(reply, form, begun));
                    }
                }
                match Body::read(&body).map_err(|message| Refusal::wrong(&message))? {
                    Body::One(request) => (*request, Some(body)),
                    Body::Several(requests) => {
                        let form = accepted.form.ok_or_else(unacceptable)?;
                        return self.answer_all(requests, caller, form).await;
                    }
                }
            }
        };
        let may_mutate = self.method == Method::Post;
        let kind = accepted
            .events
            .then(|| app.service.kind(&request))
            .flatten();
        let follows = kind == Some(OperationType::Subscription);
        // What needs another method is told so by the status.
        let needs_post = kind == Some(OperationType::Mutation) && !may_mutate;
        if (accepted.prefers_events && !needs_post) || follows {
            let asked = sse::Asked {
                caller,
                request,
                may_mutate,
                permit: app.permit_of(kind)?,
            };
            return Ok(sse::answers(app, self.peer.stopping, headers, asked));
        }
        let form = accepted.form.or(needs_post.then_some(Form::Json));
        let form = form.ok_or_else(unacceptable)?;
        let _permit = app.permit(1)?;
        let is_known = |key: &AnswerKey| self.method == Method::Get && has_answer(key, headers);
        // Extensions may say more than what is asked.
        let body = body.filter(|_| request.extensions.is_empty());
        let reply = app
            .service
            .answer_unless(request, caller, may_mutate, &is_known)
            .await;
        if let Some(body) = body {
            app.service.hear(&body, &reply);
        }
        Ok(self.told(reply, form, begun))
    }

    /// Counts an answer, and sends it.
    fn told(&self, reply: Reply, form: Form, begun: Instant) -> Response {
        self.app.metrics.count(&reply, begun.elapsed());
        tracing::Span::current().record("operation", beginning(&reply.operation));
        respond(reply, form, self.method, self.headers)
    }

    /// The answers to several requests, in their order.
    async fn answer_all(
        &self,
        requests: Vec<Request>,
        caller: Caller,
        form: Form,
    ) -> Result<Response, Refusal> {
        let service = &self.app.service;
        let most = service.limits().max_batch;
        if most <= 1 {
            return Err(Refusal::wrong(
                "a list of requests is not taken here (`maxBatch` is 1): send them one by one",
            ));
        }
        if requests.is_empty() || requests.len() > size(most) {
            let message = format!("expected 1 to {most} requests in a list (`maxBatch`)");
            return Err(Refusal::new(
                StatusCode::BAD_REQUEST,
                "TOO_COMPLEX",
                &message,
            ));
        }
        let _permit = self.app.permit(requests.len())?;
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
        let headers = [
            (header::CONTENT_TYPE, form.content_type()),
            (header::CACHE_CONTROL, "no-store"),
        ];
        let mut response = (headers, body).into_response();
        // The status is that of each answer only where they agree on it, and the sender can only wait or give up.
        let mut statuses = answers.iter().map(|reply| status(reply, form));
        let shared = statuses.next().filter(|first| {
            let waits = *first == StatusCode::TOO_MANY_REQUESTS || first.is_server_error();
            waits && statuses.all(|one| one == *first)
        });
        if let Some(shared) = shared {
            *response.status_mut() = shared;
            let waits = answers.iter().filter_map(|reply| match reply.outcome {
                Outcome::Limited(seconds) => Some(seconds),
                Outcome::Unavailable => Some(1),
                _ => None,
            });
            if let Some(wait) = waits.min() {
                let headers = response.headers_mut();
                headers.insert(header::RETRY_AFTER, wait.into());
            }
        }
        Ok(response)
    }
}

impl App {
    /// The answers of an operation of a connection, each counted when it is there.
    pub(super) fn counted(&self, operation: Operation) -> BoxStream<'static, Answer> {
        let metrics = Arc::clone(&self.metrics);
        let Operation { name, answers } = operation;
        answers
            .inspect(move |answer| metrics.heard(&name, answer))
            .boxed()
    }

    /// A place for an operation that is asked for where answers may follow each other. Who follows the log is bounded
    /// by the connections.
    pub(super) fn permit_of(
        &self,
        kind: Option<OperationType>,
    ) -> Result<Option<OwnedSemaphorePermit>, Refusal> {
        let follows = kind == Some(OperationType::Subscription);
        (!follows).then(|| self.permit(1)).transpose()
    }

    /// Places among the requests that may be executed at once; where all are taken, more would only wait. A list
    /// that is longer than there are takes all of them.
    fn permit(&self, requests: usize) -> Result<OwnedSemaphorePermit, Refusal> {
        let all = size(self.service.limits().max_concurrent_requests);
        let wanted = u32::try_from(requests.min(all)).unwrap_or(u32::MAX);
        let permit = Arc::clone(&self.busy).try_acquire_many_owned(wanted);
        permit.map_err(|_| {
            let message = "too many requests are under way: try again in a moment";
            Refusal::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
                .saying(header::RETRY_AFTER, "1")
        })
    }
}

fn unacceptable() -> Refusal {
    let message =
        "answers are application/graphql-response+json, application/json or text/event-stream";
    Refusal::new(StatusCode::NOT_ACCEPTABLE, "BAD_USER_INPUT", message)
}
