//! How the outside reaches us: the routes, and what goes for all of them.

use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, LazyLock};

use axum::Router;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use tokio::sync::{Semaphore, watch};
use tower::util::option_layer;

use crate::domain::text::cut;
use crate::graphql::Caller;
use crate::graphql::Service;
use crate::graphql::limits::size;

mod accept;
mod around;
mod auth;
mod client;
mod content;
mod cors;
mod deadline;
mod drain;
mod graphql;
mod health;
mod inline;
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

use around::Around;
use auth::Unknown;
use metrics::Metrics;
use refusal::Refusal;
use serve::Seat;

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
        let limits = service.limits();
        let of = |most: i32| Arc::new(Semaphore::new(size(most)));
        Self {
            busy: of(limits.max_concurrent_requests),
            room: of(limits.max_connections),
            service,
            guard,
            metrics: Arc::default(),
            settings: Arc::new(settings),
        }
    }

    /// From where somebody asks.
    fn address(&self, headers: &HeaderMap, peer: SocketAddr) -> IpAddr {
        client::address(peer, headers, &self.settings.trusted_proxy)
    }

    /// Who asks, and from where.
    async fn caller(&self, headers: &HeaderMap, peer: SocketAddr) -> Result<Caller, Unknown> {
        let address = self.address(headers, peer);
        self.guard.caller(headers, address).await
    }
}

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

/// The connection that a request came on.
#[derive(Clone)]
struct Peer {
    address: SocketAddr,
    seat: Seat,
    stopping: Stopping,
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let peer = parts.extensions.remove::<Self>();
        peer.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// All routes. Where no page of another origin may ask, none is told that it may not.
fn router(app: App) -> Router {
    let others = !app.settings.allow_origins.is_empty();
    let cors = others.then(|| cors::layer(&app.settings));
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
        .layer(option_layer(cors))
        .with_state(app)
}

static SDL: LazyLock<String> = LazyLock::new(crate::graphql::sdl);

async fn schema() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        SDL.as_str(),
    )
}

async fn nowhere() -> Refusal {
    let message = "there is nothing here: ask at /graphql";
    Refusal::new(StatusCode::NOT_FOUND, "BAD_USER_INPUT", message)
}

async fn not_so(method: Method) -> Refusal {
    let message = format!("{} is not how this is asked", cut(method.as_str()));
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "BAD_USER_INPUT", &message)
}
