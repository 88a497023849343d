//! What pages of other origins may send, and what they may read of an answer. Source: the Fetch Standard, section 3.3.

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::around::REQUEST_ID;
use super::origin::{self, Origin};
use super::settings::Settings;

/// What a page may say of its request beside what every page may: the headers that have a meaning here, and those
/// that libraries of clients add by themselves.
const ALLOWED: [HeaderName; 25] = [
    header::ACCEPT,
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONTENT_TYPE,
    header::IF_NONE_MATCH,
    header::PRAGMA,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    REQUEST_ID,
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("x-requested-with"),
    // That the request is one of a program and not of a form.
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("graphql-preflight"),
    HeaderName::from_static("graphql-require-preflight"),
    HeaderName::from_static("x-graphql-yoga-csrf"),
    // The name and the version of a client, and of its operation.
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
    HeaderName::from_static("x-apollo-operation-id"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("x-apollo-operation-type"),
    // The trace that a request is in.
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
    HeaderName::from_static("sentry-trace"),
    HeaderName::from_static("b3"),
];

/// What a page may read of an answer beside what every page may.
const EXPOSED: [HeaderName; 7] = [
    header::ALLOW,
    header::DATE,
    header::ETAG,
    header::RETRY_AFTER,
    header::VARY,
    header::WWW_AUTHENTICATE,
    REQUEST_ID,
];

/// What pages of other origins may do: nothing, unless they are named.
pub fn layer(settings: &Settings) -> CorsLayer {
    let origins = settings.allow_origins.clone();
    let allowed = AllowOrigin::predicate(move |origin: &HeaderValue, _: &Parts| {
        origin
            .to_str()
            .is_ok_and(|origin| origin::is_named(origin, &origins))
    });
    // Any page at all is never trusted with credentials, and need not be named.
    let is_any = settings.allow_origins.iter().any(Origin::is_any);
    let cors = CorsLayer::new()
        .allow_origin(if is_any { AllowOrigin::any() } else { allowed })
        .allow_methods([Method::GET, Method::HEAD, Method::POST])
        .allow_headers(ALLOWED)
        .expose_headers(EXPOSED);
    if settings.allow_credentials && !is_any {
        cors.allow_credentials(true)
    } else {
        cors
    }
}
