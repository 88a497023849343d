//! GraphQL over HTTP: queries and mutations by POST, queries by GET, `GraphiQL` for browsers.

use std::net::SocketAddr;

use async_graphql::http::parse_query_string;
use async_graphql::{Request, ServerError, Value};
use async_graphql_axum::GraphQLResponse;
use axum::body::Bytes;
use axum::extract::rejection::BytesRejection;
use axum::extract::{ConnectInfo, RawQuery, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{Html, IntoResponse, Response};

use super::refusal::refusal;
use super::{App, Stopping, sse};

const GRAPHIQL: &str = include_str!("graphiql.html");

/// `GraphiQL`.
pub async fn browse(State(app): State<App>) -> Response {
    if app.graphiql {
        Html(GRAPHIQL).into_response()
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
        let message = "ask by POST, or by GET with ?query=";
        return refusal(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message);
    };
    if let Ok(request) = parse_query_string(&query) {
        answer(&app, stopping, &headers, address, request, false).await
    } else {
        let message = "expected query, and variables as a JSON object, in the address";
        refusal(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message)
    }
}

/// A query or a mutation as a JSON object.
pub async fn post(
    State(app): State<App>,
    stopping: Stopping,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    body: Result<Bytes, BytesRejection>,
) -> Response {
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|kind| kind.to_str().ok());
    let essence = kind
        .unwrap_or_default()
        .split(';')
        .next()
        .unwrap_or_default()
        .trim();
    if !essence.eq_ignore_ascii_case("application/json") {
        let message = "expected Content-Type: application/json";
        return refusal(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "BAD_USER_INPUT",
            message,
        );
    }
    let body = match body {
        Ok(body) => body,
        Err(error) if error.status() == StatusCode::PAYLOAD_TOO_LARGE => {
            let most = app.service.limits().max_body_bytes;
            let message = format!("the body has more than {most} bytes");
            return refusal(StatusCode::PAYLOAD_TOO_LARGE, "TOO_COMPLEX", &message);
        }
        Err(_) => {
            let message = "the body ended early";
            return refusal(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", message);
        }
    };
    // By way of a map, because a request is an object: the library would read an array as one too.
    let read = serde_json::from_slice(&body).map(serde_json::Value::Object);
    match read.and_then(serde_json::from_value::<Request>) {
        Ok(request) => answer(&app, stopping, &headers, address, request, true).await,
        Err(error) => {
            let message = format!("expected a JSON object with `query`: {error}");
            refusal(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", &message)
        }
    }
}

async fn answer(
    app: &App,
    stopping: Stopping,
    headers: &HeaderMap,
    address: SocketAddr,
    request: Request,
    may_mutate: bool,
) -> Response {
    let caller = match app.guard.caller(headers, address).await {
        Ok(caller) => caller,
        Err(unknown) => return unknown.into_response(),
    };
    if sse::is_accepted(headers) {
        return sse::answers(app, stopping, headers, caller, request, may_mutate);
    }
    let response = app.service.answer(request, caller, may_mutate).await;
    let status = status(&response);
    let mut response = GraphQLResponse::from(response).into_response();
    *response.status_mut() = status;
    response
}

/// 200 for what was executed, field errors included; otherwise what kept it from being executed.
fn status(response: &async_graphql::Response) -> StatusCode {
    let executed = response.errors.iter().all(|error| !error.path.is_empty());
    if executed || response.data != Value::Null {
        return StatusCode::OK;
    }
    let is = |error: &ServerError, code: &str| {
        let given = error
            .extensions
            .as_ref()
            .and_then(|extensions| extensions.get("code"));
        *given.unwrap_or(&Value::Null) == Value::from(code)
    };
    let away = |error: &ServerError| is(error, "UNAVAILABLE") || is(error, "TIMEOUT");
    if response.errors.iter().any(away) {
        StatusCode::SERVICE_UNAVAILABLE
    } else if response.errors.iter().any(|error| is(error, "INTERNAL")) {
        StatusCode::INTERNAL_SERVER_ERROR
    } else {
        StatusCode::BAD_REQUEST
    }
}
