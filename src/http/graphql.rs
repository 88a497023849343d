//! GraphQL over HTTP: queries and mutations by POST, queries by GET.

use std::net::IpAddr;
use std::time::Instant;

use async_graphql::Request;
use async_graphql::parser::types::OperationType;
use axum::body::Bytes;
use axum::extract::{Request as Incoming, State};
use axum::http::{HeaderMap, StatusCode, Uri};
use axum::response::{IntoResponse, Redirect, Response};

use super::accept::{Accepted, ResponseForm, StreamForm, wants_html};
use super::app::App;
use super::auth::AuthError;
use super::body::read;
use super::deadline::in_time;
use super::params::{Body, Params};
use super::peer::Peer;
use super::rate_limit;
use super::refusal::Refusal;
use super::respond::{Method, has_answer, respond};
use super::stream::{self, StreamRequest};
use super::{batch, credential, freshness, multipart, not_found, sse};
use crate::domain::text::beginning;
use crate::graphql::{AnswerKey, Caller, Reply};

/// Handles GET: a query in the address. A browser that sends none is redirected to the console.
pub async fn get(State(app): State<App>, peer: Peer, incoming: Incoming) -> Response {
    let headers = incoming.headers();
    let uri = incoming.uri();
    let read = match uri.query() {
        Some(query) => Params::in_address(query).and_then(Params::request),
        None if wants_html(headers) => {
            let from = app.address(headers, peer.address);
            return console(&app, uri, headers, from);
        }
        None => Err(
            "expected a POST request with a JSON body, or a GET request with ?query=".to_owned(),
        ),
    };
    let read = read.map_err(|message| Refusal::wrong(&message));
    let read = credential::check_address(uri, headers).and(read);
    let received = GraphqlRequest {
        app: &app,
        peer,
        headers,
        method: Method::Get,
    };
    let read = read.map(|request| RequestSource::Address(Box::new(request)));
    received.answer(read).await
}

/// Redirects a browser to the console, if it is served.
fn console(app: &App, uri: &Uri, headers: &HeaderMap, from: IpAddr) -> Response {
    if app.settings.graphiql {
        return Redirect::to("/graphiql").into_response();
    }
    let message = "there is no page here: send queries to /graphql";
    not_found::response(app, uri, headers, from, message)
}

/// Handles POST: one request as a JSON object, or a batch as a list.
pub async fn post(State(app): State<App>, peer: Peer, incoming: Incoming) -> Response {
    let (parts, body) = incoming.into_parts();
    let headers = &parts.headers;
    let read = match credential::check_address(&parts.uri, headers) {
        Ok(()) => read(&app, headers, body).await,
        Err(refusal) => Err(refusal),
    };
    let received = GraphqlRequest {
        app: &app,
        peer,
        headers,
        method: Method::Post,
    };
    received.answer(read.map(RequestSource::Body)).await
}

/// Source of a request.
enum RequestSource {
    /// The query string of the address; parsed.
    Address(Box<Request>),
    /// The body; received but not parsed yet.
    Body(Bytes),
}

/// An HTTP request to the GraphQL endpoint.
struct GraphqlRequest<'a> {
    app: &'a App,
    peer: Peer,
    headers: &'a HeaderMap,
    method: Method,
}

impl GraphqlRequest<'_> {
    /// Answers the request, or explains why it cannot be read. Unreadable requests count towards the client's limit,
    /// too.
    async fn answer(self, read: Result<RequestSource, Refusal>) -> Response {
        let (app, headers, method) = (self.app, self.headers, self.method);
        let from = app.address(headers, self.peer.address);
        let accepted = Accepted::of(headers);
        let answered = match read {
            Ok(source) => self.answer_read(source, from, accepted).await,
            Err(refusal) => Err(refusal),
        };
        let form = accepted.form.unwrap_or(ResponseForm::Json);
        let refusal = match answered {
            Ok(response) => return response,
            Err(refusal) => refusal,
        };
        if !refusal.is_of_client() {
            return refusal.in_form(form);
        }
        match app.service.charge_unreadable(from) {
            Ok(balance) => {
                let mut response = refusal.in_form(form);
                rate_limit::insert(balance, response.headers_mut());
                response
            }
            Err(limited) => respond(*limited, form, method, headers),
        }
    }

    async fn answer_read(
        self,
        source: RequestSource,
        from: IpAddr,
        accepted: Accepted,
    ) -> Result<Response, Refusal> {
        let (app, headers) = (self.app, self.headers);
        let limit = app.service.limits().request_timeout();
        let caller = in_time(limit, app.guard.caller(headers, from)).await;
        let caller = caller.unwrap_or(Err(AuthError::Unavailable))?;
        freshness::meet(app, headers).await?;
        let begun = Instant::now();
        if let RequestSource::Body(body) = &source
            && let (Some(form), false) = (accepted.form, accepted.prefers_events)
        {
            let _permit = app.permit(1)?;
            if let Some(reply) = app.service.answer_again(body, &caller).await {
                return Ok(self.respond_counted(reply, form, begun));
            }
        }
        // Boxed, so that the future of a repeated request is small.
        Box::pin(self.answer_anew(source, caller, accepted, begun)).await
    }

    /// Answers a request that is not in the request cache.
    async fn answer_anew(
        self,
        source: RequestSource,
        caller: Caller,
        accepted: Accepted,
        begun: Instant,
    ) -> Result<Response, Refusal> {
        let (app, headers) = (self.app, self.headers);
        let (request, body) = match source {
            RequestSource::Address(request) => (*request, None),
            RequestSource::Body(body) => {
                match Body::read(&body).map_err(|message| Refusal::wrong(&message))? {
                    Body::One(request) => (*request, Some(body)),
                    Body::Several(requests) => {
                        let form = accepted.form.ok_or_else(unacceptable)?;
                        return batch::answer(app, requests, caller, form).await;
                    }
                }
            }
        };
        let may_mutate = self.method == Method::Post;
        let kind = accepted.stream.and_then(|_| app.service.kind(&request));
        let follows = kind == Some(OperationType::Subscription);
        // A mutation by GET is answered with 405 rather than as a stream.
        let needs_post = kind == Some(OperationType::Mutation) && !may_mutate;
        let is_streamed = (accepted.prefers_events && !needs_post) || follows;
        if let Some(form) = accepted.stream.filter(|_| is_streamed) {
            let request = StreamRequest {
                caller,
                request,
                may_mutate,
                permit: app.permit_of(kind)?,
            };
            let items = stream::items(app, self.peer.stopping, headers, request);
            let heartbeat = app.service.limits().heartbeat();
            return Ok(match form {
                StreamForm::Events => sse::response(items, heartbeat),
                StreamForm::Multipart => multipart::response(items, heartbeat),
            });
        }
        let form = accepted.form.or(needs_post.then_some(ResponseForm::Json));
        let form = form.ok_or_else(unacceptable)?;
        let _permit = app.permit(1)?;
        let is_known = |key: &AnswerKey| self.method == Method::Get && has_answer(key, headers);
        // Bytes are remembered only for requests without extensions: an extension may request more than the document
        // does.
        let body = body.filter(|_| request.extensions.is_empty());
        let reply = app
            .service
            .answer_unless(request, caller, may_mutate, &is_known)
            .await;
        if let Some(body) = body {
            app.service.remember(&body, &reply);
        }
        Ok(self.respond_counted(reply, form, begun))
    }

    /// Counts a reply in the metrics and makes the response.
    fn respond_counted(&self, reply: Reply, form: ResponseForm, begun: Instant) -> Response {
        self.app.metrics.count(&reply, begun.elapsed());
        if !reply.operation.is_empty() {
            tracing::Span::current().record("operation", beginning(&reply.operation));
        }
        let seen = reply.seen;
        let mut response = respond(reply, form, self.method, self.headers);
        if let Some(seen) = seen {
            freshness::tell(self.app, &mut response, seen);
        }
        response
    }
}

fn unacceptable() -> Refusal {
    let message = "Accept: expected application/graphql-response+json, application/json, text/event-stream or multipart/mixed;subscriptionSpec=1.0";
    Refusal::new(StatusCode::NOT_ACCEPTABLE, "BAD_USER_INPUT", message)
}
