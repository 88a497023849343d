//! How the outside reaches us: the routes, and what goes for all of them.

use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use opentelemetry::global;
use opentelemetry::trace::TraceContextExt;
use opentelemetry_http::HeaderExtractor;
use tokio::sync::{Semaphore, watch};
use tower::ServiceBuilder;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;
use tower_http::cors::{AllowOrigin, CorsLayer};
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::set_header::SetResponseHeaderLayer;
use tower_http::trace::TraceLayer;
use tracing_opentelemetry::OpenTelemetrySpanExt;

use crate::graphql::Service;
use crate::graphql::context::Caller;

mod accept;
mod auth;
mod client;
mod deadline;
mod graphql;
mod health;
mod metrics;
pub mod oidc;
mod origin;
mod params;
mod refusal;
mod respond;
mod serve;
mod settings;
mod spelling;
mod sse;
mod websocket;

use auth::Unknown;
use metrics::Metrics;

pub use auth::Guard;
pub use origin::Origin;
pub use serve::serve;
pub use settings::Settings;

/// What the handlers need.
#[derive(Clone)]
pub struct App {
    service: Service,
    guard: Guard,
    settings: Arc<Settings>,
    /// The requests that may still be executed at once.
    busy: Arc<Semaphore>,
    /// The connections that may still be opened.
    room: Arc<Semaphore>,
    metrics: Arc<Metrics>,
}

impl App {
    /// Serves what a service answers to whom a guard knows.
    pub fn new(service: Service, guard: Guard, settings: Settings) -> Self {
        let of = |most: u32| {
            let most = usize::try_from(most).unwrap_or(Semaphore::MAX_PERMITS);
            Arc::new(Semaphore::new(most))
        };
        Self {
            service,
            guard,
            busy: of(settings.max_concurrent_requests),
            room: of(settings.max_connections),
            metrics: Arc::default(),
            settings: Arc::new(settings),
        }
    }

    /// Who asks, and from where.
    async fn caller(&self, headers: &HeaderMap, peer: SocketAddr) -> Result<Caller, Unknown> {
        let address = client::address(peer, headers, &self.settings.trusted_proxy);
        self.guard.caller(headers, address).await
    }
}

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Tells whether the server stops. Who holds it is waited for.
#[derive(Clone)]
struct Stopping(watch::Receiver<bool>);

impl Stopping {
    fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// Ready once the server stops.
    async fn told(&mut self) {
        // An error says that nobody will tell any more.
        let _ = self.0.wait_for(|stops| *stops).await.is_ok();
    }
}

impl<S: Sync> FromRequestParts<S> for Stopping {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let stopping = parts.extensions.get::<Self>().cloned();
        stopping.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// All routes.
fn router(app: App) -> Router {
    let trace = TraceLayer::new_for_http().make_span_with(|request: &Request<_>| {
        let id = request
            .headers()
            .get(&REQUEST_ID)
            .and_then(|id| id.to_str().ok());
        let span = tracing::info_span!(
            "request",
            method = %request.method(),
            path = request.uri().path(),
            id = id.unwrap_or_default(),
            operation = tracing::field::Empty,
        );
        // Where traces are collected, this is part of the one that the client is in.
        let before = global::get_text_map_propagator(|propagator| {
            propagator.extract(&HeaderExtractor(request.headers()))
        });
        if before.has_active_span() && span.set_parent(before).is_err() {
            tracing::debug!("a trace of a client cannot be joined");
        }
        span
    });
    let all = ServiceBuilder::new()
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(trace)
        .layer(said(header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .layer(said(header::REFERRER_POLICY, "no-referrer"))
        .layer(said(header::X_FRAME_OPTIONS, "DENY"))
        .layer(said(
            header::CONTENT_SECURITY_POLICY,
            "default-src 'none'; frame-ancestors 'none'",
        ))
        .layer(CatchPanicLayer::custom(|_| refusal::our_fault()))
        .layer(cors(&app.settings))
        .layer(CompressionLayer::new());
    Router::new()
        .route("/", get(graphql::browse))
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/graphql/ws", get(websocket::upgrade))
        .route("/schema.graphql", get(schema))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .route("/metrics", get(metrics::metrics))
        .fallback(nowhere)
        .method_not_allowed_fallback(not_so)
        .layer(all)
        .with_state(app)
}

/// A header that every response has, unless it says otherwise.
fn said(name: HeaderName, value: &'static str) -> SetResponseHeaderLayer<HeaderValue> {
    SetResponseHeaderLayer::if_not_present(name, HeaderValue::from_static(value))
}

/// What pages of other origins may do: nothing, unless they are named.
fn cors(settings: &Settings) -> CorsLayer {
    let origins = settings.allow_origins.clone();
    let allowed = AllowOrigin::predicate(move |origin: &HeaderValue, _: &Parts| {
        origin
            .to_str()
            .is_ok_and(|origin| origin::is_named(origin, &origins))
    });
    let cors = CorsLayer::new()
        .allow_origin(allowed)
        .allow_methods([Method::GET, Method::POST])
        .allow_headers([
            header::ACCEPT,
            header::AUTHORIZATION,
            header::CONTENT_TYPE,
            header::IF_NONE_MATCH,
            HeaderName::from_static("last-event-id"),
            HeaderName::from_static("traceparent"),
            HeaderName::from_static("tracestate"),
        ])
        .expose_headers([header::ETAG, header::RETRY_AFTER, REQUEST_ID]);
    // Any page at all is never trusted with them.
    let is_any = settings.allow_origins.iter().any(Origin::is_any);
    if settings.allow_credentials && !is_any {
        cors.allow_credentials(true)
    } else {
        cors
    }
}

static SDL: LazyLock<String> = LazyLock::new(crate::graphql::sdl);

async fn schema() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        SDL.as_str(),
    )
}

async fn nowhere() -> Response {
    let message = "there is nothing here: ask at /graphql";
    refusal::refusal(StatusCode::NOT_FOUND, "BAD_USER_INPUT", message)
}

async fn not_so(method: Method) -> Response {
    let message = format!("{method} is not how this is asked");
    refusal::refusal(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", &message)
}
