//! Middleware for all routes: request id, tracing span, security headers, compression, metrics, and the response after
//! a panic.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, Version, header,
};
use axum::response::{IntoResponse, Response};
use futures_util::future::FutureExt;
use opentelemetry::global;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_http::HeaderExtractor;
use tower::ServiceExt;
use tower_http::compression::CompressionLayer;
use tower_http::compression::predicate::{DefaultPredicate, NotForContentType, Predicate};
use tracing::{Instrument, Span};
use tracing_opentelemetry::OpenTelemetrySpanExt;

use super::accept::{Accepted, ResponseForm};
use super::freshness::join_vary;
use super::metrics::Metrics;
use super::refusal::{Refusal, internal_error};
use crate::domain::text::beginning;
use crate::graphql::Outcome;

/// Header with the id of a request: in the request (optional), in every response, and in the log.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Headers of every response, unless the handler sets them itself.
const SECURITY_HEADERS: [(HeaderName, HeaderValue); 4] = [
    (
        header::X_CONTENT_TYPE_OPTIONS,
        HeaderValue::from_static("nosniff"),
    ),
    (
        header::REFERRER_POLICY,
        HeaderValue::from_static("no-referrer"),
    ),
    (header::X_FRAME_OPTIONS, HeaderValue::from_static("DENY")),
    (
        header::CONTENT_SECURITY_POLICY,
        HeaderValue::from_static("default-src 'none'; frame-ancestors 'none'"),
    ),
];

/// The router with its middleware; cheap to clone.
#[derive(Clone)]
pub struct Middleware {
    router: Router,
    /// The same routes with compressed responses.
    compressing: Router,
    metrics: Arc<Metrics>,
    /// True if shared caches may use answers for some time.
    has_caches: bool,
    ids: Arc<RequestIds>,
}

impl Middleware {
    /// Wraps the routes.
    pub fn new(router: Router, metrics: Arc<Metrics>, has_caches: bool) -> Self {
        Self {
            compressing: router.clone().layer(compression()),
            router,
            metrics,
            has_caches,
            ids: Arc::new(RequestIds::new()),
        }
    }

    /// Answers a request. Never panics: a panic of a handler becomes a response with status 500.
    pub async fn answer(&self, request: Request<Body>) -> Response {
        let id = own_id(request.headers()).unwrap_or_else(|| self.ids.next());
        let span = span(&request, &id);
        let joins_vary = self.has_caches && request.method() != Method::OPTIONS;
        let mut response = self.answered(request).instrument(span).await;
        let headers = response.headers_mut();
        let policy = headers.get(header::CONTENT_SECURITY_POLICY);
        let is_embeddable = policy.is_some_and(|policy| {
            policy
                .to_str()
                .is_ok_and(|policy| policy.contains("frame-ancestors *"))
        });
        for (name, value) in SECURITY_HEADERS {
            // This header cannot allow every page; browsers without it read the policy.
            if name != header::X_FRAME_OPTIONS || !is_embeddable {
                headers.entry(name).or_insert(value);
            }
        }
        headers.insert(REQUEST_ID, id);
        if joins_vary && headers.contains_key(header::VARY) {
            join_vary(headers);
        }
        self.metrics.responded(response.status());
        response
    }

    async fn answered(&self, request: Request<Body>) -> Response {
        // Source: RFC 9112, section 3.2.
        let hosts = request.headers().get_all(header::HOST).iter().count();
        if hosts > 1 || (hosts == 0 && request.version() == Version::HTTP_11) {
            return Refusal::wrong("expected exactly one Host header").into_response();
        }
        let is_options = request.method() == Method::OPTIONS;
        if is_options && request.uri().path() == "*" {
            return methods("GET, HEAD, POST");
        }
        let router = if may_be_compressed(request.headers()) {
            &self.compressing
        } else {
            &self.router
        };
        let form = Accepted::of(request.headers())
            .form
            .unwrap_or(ResponseForm::Json);
        let answer = AssertUnwindSafe(router.clone().oneshot(request));
        let Ok(response) = answer.catch_unwind().await else {
            // The panic hook has logged the panic already.
            self.metrics.unread(Outcome::Fault);
            return internal_error(form);
        };
        let mut response = response.into_response();
        if is_options && response.status() == StatusCode::METHOD_NOT_ALLOWED {
            let allowed = response.headers().get(header::ALLOW);
            let allowed = allowed.and_then(|allowed| allowed.to_str().ok());
            response = methods(allowed.unwrap_or_default());
        }
        let status = response.status();
        if status.is_server_error() {
            tracing::error!(status = status.as_u16(), "response failed");
        } else {
            tracing::debug!(status = status.as_u16(), "answered");
        }
        response
    }
}

/// The answer to `OPTIONS`: the methods of a path, which knows all but this one. Source: RFC 9110, section 9.3.7.
fn methods(others: &str) -> Response {
    let all = [others, "OPTIONS"].join(", ");
    let mut response = StatusCode::NO_CONTENT.into_response();
    if let Ok(all) = HeaderValue::try_from(all) {
        response.headers_mut().insert(header::ALLOW, all);
    }
    response
}

/// Compression of responses. Streams are not compressed: a compressor would hold back what is sent.
fn compression() -> CompressionLayer<impl Predicate> {
    // The default excludes server-sent events.
    let others = NotForContentType::const_new("multipart/mixed");
    CompressionLayer::new().compress_when(DefaultPredicate::new().and(others))
}

/// True if the client names a compression that this server supports. A client that accepts no encoding at all gets an
/// uncompressed response: a refusal would come after a mutation was executed.
pub fn may_be_compressed(headers: &HeaderMap) -> bool {
    let values = headers.get_all(header::ACCEPT_ENCODING).iter();
    let mut codings = values.flat_map(|value| value.to_str().unwrap_or_default().split(','));
    codings.any(|coding| {
        let mut parts = coding.split(';').map(str::trim);
        let name = parts.next().unwrap_or_default();
        let is_known = ["gzip", "br"]
            .iter()
            .any(|known| known.eq_ignore_ascii_case(name));
        let weight = parts.find_map(|part| part.strip_prefix("q="));
        is_known && weight.is_none_or(|weight| weight.parse().is_ok_and(|weight: f32| weight > 0.0))
    })
}

/// Longest id that a request may bring, in bytes.
const MAX_ID_BYTES: usize = 128;

/// The request id that the client sent, if it is short and consists of visible ASCII characters.
fn own_id(headers: &HeaderMap) -> Option<HeaderValue> {
    let id = headers.get(&REQUEST_ID)?;
    let is_plain = id.as_bytes().iter().all(u8::is_ascii_graphic);
    ((1..=MAX_ID_BYTES).contains(&id.len()) && is_plain).then(|| id.clone())
}

fn span(request: &Request<Body>, id: &HeaderValue) -> Span {
    // An error span, so that the line of every log level names its request.
    let span = tracing::error_span!(
        "request",
        method = beginning(request.method().as_str()),
        path = beginning(request.uri().path()),
        id = id.to_str().unwrap_or_default(),
        operation = tracing::field::Empty,
    );
    // If traces are collected, the span joins the trace that the client names in `traceparent`.
    if request.headers().contains_key("traceparent") {
        let before = global::get_text_map_propagator(|propagator| {
            propagator.extract(&HeaderExtractor(request.headers()))
        });
        if before.has_active_span() && span.set_parent(before).is_err() {
            tracing::debug!("the span could not join the trace of the client");
        }
    }
    span
}

/// Source of request ids: a random number of the process and a counter. Ids of one process differ always, those of two
/// processes almost certainly.
struct RequestIds {
    process: u64,
    count: AtomicU64,
}

impl RequestIds {
    fn new() -> Self {
        let (process, _) = uuid::Uuid::new_v4().as_u64_pair();
        Self {
            process,
            count: AtomicU64::new(0),
        }
    }

    fn next(&self) -> HeaderValue {
        let count = self.count.fetch_add(1, Ordering::Relaxed);
        let id = format!("{:016x}-{count:x}", self.process);
        // The text has only hexadecimal digits and a dash, so the conversion succeeds.
        HeaderValue::from_maybe_shared(bytes::Bytes::from(id))
            .unwrap_or(HeaderValue::from_static("unknown"))
    }
}

#[cfg(test)]
mod tests {
    use axum::routing::{get, post};

    use super::*;
    use crate::http::metrics::RefusedTokens;

    #[allow(clippy::panic, reason = "the test needs a panic")]
    async fn breaks() {
        panic!("a secret of the server");
    }

    #[tokio::test]
    async fn options_tells_the_methods_of_a_path() {
        let router = Router::new()
            .route("/one", get(async || "one"))
            .route("/both", get(async || "one").post(async || "two"))
            .route("/own", post(async || "two").options(async || "its own"));
        let metrics = Metrics::new("sqlite", "", &RefusedTokens::default(), []);
        let middleware = Middleware::new(router, Arc::new(metrics), false);
        for (path, status, allow) in [
            ("/one", StatusCode::NO_CONTENT, "GET,HEAD, OPTIONS"),
            ("/both", StatusCode::NO_CONTENT, "GET,HEAD,POST, OPTIONS"),
            ("/own", StatusCode::OK, ""),
            ("/none", StatusCode::NOT_FOUND, ""),
            ("*", StatusCode::NO_CONTENT, "GET, HEAD, POST, OPTIONS"),
        ] {
            let request = Request::builder().method(Method::OPTIONS).uri(path);
            let request = request.header(header::HOST, "localhost");
            let answer = middleware
                .answer(request.body(Body::empty()).unwrap())
                .await;
            let told = answer.headers().get(header::ALLOW);
            let told = told.map_or("", |told| told.to_str().unwrap());
            assert_eq!((answer.status(), told), (status, allow), "{path}");
        }
    }

    #[tokio::test]
    async fn a_panic_becomes_a_500_with_a_request_id_and_later_requests_are_answered() {
        let router = Router::new()
            .route("/breaks", get(breaks))
            .route("/works", get(async || "it works"));
        let metrics = Metrics::new("sqlite", "", &RefusedTokens::default(), []);
        let middleware = Middleware::new(router, Arc::new(metrics), false);
        for (path, status) in [
            ("/breaks", StatusCode::INTERNAL_SERVER_ERROR),
            ("/works", StatusCode::OK),
            ("/breaks", StatusCode::INTERNAL_SERVER_ERROR),
        ] {
            let request = Request::get(path).header(header::HOST, "localhost");
            let answer = middleware
                .answer(request.body(Body::empty()).unwrap())
                .await;
            assert_eq!(answer.status(), status, "{path}");
            assert!(answer.headers().contains_key(&REQUEST_ID));
            let body = axum::body::to_bytes(answer.into_body(), 10_000).await;
            let body = String::from_utf8(body.unwrap().to_vec()).unwrap();
            assert!(!body.contains("secret"), "{body}");
            assert_eq!(body.contains("INTERNAL"), status != StatusCode::OK);
        }
    }
}
