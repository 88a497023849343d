//! Cross-origin requests: headers that pages of other origins may send and read. Source: the Fetch Standard, section
//! 3.3.

use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, Method, header};
use tower_http::cors::{AllowOrigin, CorsLayer};

use super::export;
use super::freshness::AT_LEAST;
use super::middleware::REQUEST_ID;
use super::origin::{self, Origin};
use super::rate_limit;
use super::settings::Settings;

/// Request headers that pages may send besides the safelisted ones: those with a meaning here, and those that client
/// libraries add on their own.
const ALLOWED: [HeaderName; 28] = [
    header::ACCEPT,
    header::AUTHORIZATION,
    header::CACHE_CONTROL,
    header::CONTENT_TYPE,
    header::IF_NONE_MATCH,
    header::IF_RANGE,
    header::PRAGMA,
    header::RANGE,
    HeaderName::from_static("idempotency-key"),
    HeaderName::from_static("last-event-id"),
    REQUEST_ID,
    AT_LEAST,
    HeaderName::from_static("x-correlation-id"),
    HeaderName::from_static("x-requested-with"),
    // These headers tell that a program sent the request, not a form.
    HeaderName::from_static("apollo-require-preflight"),
    HeaderName::from_static("graphql-preflight"),
    HeaderName::from_static("graphql-require-preflight"),
    HeaderName::from_static("x-graphql-yoga-csrf"),
    // Name and version of a client, and name and type of its operation.
    HeaderName::from_static("apollographql-client-name"),
    HeaderName::from_static("apollographql-client-version"),
    HeaderName::from_static("x-apollo-operation-id"),
    HeaderName::from_static("x-apollo-operation-name"),
    HeaderName::from_static("x-apollo-operation-type"),
    // The trace of which the request is a part.
    HeaderName::from_static("traceparent"),
    HeaderName::from_static("tracestate"),
    HeaderName::from_static("baggage"),
    HeaderName::from_static("sentry-trace"),
    HeaderName::from_static("b3"),
];

/// Response headers that pages may read besides the safelisted ones.
const EXPOSED: [HeaderName; 16] = [
    header::ACCEPT_RANGES,
    header::ALLOW,
    header::CONTENT_DISPOSITION,
    header::CONTENT_RANGE,
    header::DATE,
    header::ETAG,
    header::LINK,
    header::RETRY_AFTER,
    header::VARY,
    header::WWW_AUTHENTICATE,
    REQUEST_ID,
    rate_limit::POLICY,
    rate_limit::LIMIT,
    export::CURSOR,
    export::HASH,
    export::SEQUENCE,
];

/// Allows cross-origin requests from the configured origins; without any, browsers refuse them.
pub fn layer(settings: &Settings) -> CorsLayer {
    let origins = settings.allow_origins.clone();
    let allowed = AllowOrigin::predicate(move |origin: &HeaderValue, _: &Parts| {
        origin
            .to_str()
            .is_ok_and(|origin| origin::is_named(origin, &origins))
    });
    // If any origin is allowed, the response is `*` and credentials are never allowed.
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
