//! How the outside reaches us: the routes, and serving them until we are told to stop.

use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use axum::extract::{DefaultBodyLimit, FromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderName, Request, StatusCode, header};
use axum::response::IntoResponse;
use axum::routing::get;
use axum::serve::ListenerExt;
use axum::{Extension, Router};
use socket2::SockRef;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::request_id::{MakeRequestUuid, PropagateRequestIdLayer, SetRequestIdLayer};
use tower_http::trace::TraceLayer;

use crate::graphql::Service;
use crate::graphql::limits::size;

mod auth;
mod graphql;
mod health;
pub mod oidc;
mod origin;
mod refusal;
mod sse;
mod websocket;

/// What the handlers need.
#[derive(Clone)]
pub struct App {
    /// Executes requests.
    pub service: Service,
    /// Tells who asks.
    pub guard: Guard,
    /// Whether browsers get `GraphiQL`.
    pub graphiql: bool,
    /// Which other pages may open a WebSocket.
    pub origins: Arc<[Origin]>,
}

pub use auth::Guard;
pub use origin::Origin;

const REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Tells whether the server stops. Who holds it is waited for.
#[derive(Clone)]
struct Stopping(watch::Receiver<bool>);

impl Stopping {
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
fn router(app: App, stopping: Stopping) -> Router {
    let limit = size(app.service.limits().max_body_bytes);
    let trace = TraceLayer::new_for_http().make_span_with(|request: &Request<_>| {
        let id = request
            .headers()
            .get(&REQUEST_ID)
            .and_then(|id| id.to_str().ok());
        tracing::info_span!(
            "request",
            method = %request.method(),
            path = request.uri().path(),
            id = id.unwrap_or_default(),
        )
    });
    Router::new()
        .route("/", get(graphql::browse))
        .route("/graphql", get(graphql::get).post(graphql::post))
        .route("/graphql/ws", get(websocket::upgrade))
        .route("/schema.graphql", get(schema))
        .route("/livez", get(health::live))
        .route("/readyz", get(health::ready))
        .layer(Extension(stopping))
        .layer(DefaultBodyLimit::max(limit))
        .layer(CatchPanicLayer::custom(|_| refusal::our_fault()))
        .layer(trace)
        .layer(PropagateRequestIdLayer::new(REQUEST_ID))
        .layer(SetRequestIdLayer::new(REQUEST_ID, MakeRequestUuid))
        .with_state(app)
}

static SDL: LazyLock<String> = LazyLock::new(crate::graphql::sdl);

async fn schema() -> impl IntoResponse {
    (
        [(header::CONTENT_TYPE, "text/plain; charset=utf-8")],
        SDL.as_str(),
    )
}

/// Lets small answers go at once, and ends a connection of which nothing is read, also where the other side is
/// gone without a word.
fn tune(stream: &TcpStream, unread: Duration) {
    let socket = SockRef::from(stream);
    let tuned = socket.set_tcp_nodelay(true);
    // Who follows over a WebSocket is told first why it is sent away.
    #[cfg(target_os = "linux")]
    let tuned = tuned.and(socket.set_tcp_user_timeout(Some(unread.saturating_mul(2))));
    if let Err(error) = tuned {
        tracing::debug!(%error, "a connection could not be tuned");
    }
}

/// How long what has begun may take after the program was told to stop.
const DRAIN: Duration = Duration::from_secs(10);

/// Serves until `stop` is ready, then finishes what has begun.
///
/// # Errors
/// The listener failed.
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (told, stopping) = watch::channel(false);
    let mut draining = stopping.clone();
    let unread = app.service.limits().max_unread();
    let router = router(app, Stopping(stopping));
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    let told = Arc::new(told);
    let teller = Arc::clone(&told);
    let listener = listener.tap_io(move |stream| tune(stream, unread));
    let served = axum::serve(listener, service).with_graceful_shutdown(async move {
        stop.await;
        teller.send_replace(true);
        tracing::info!("stopping");
    });
    tokio::select! {
        served = async {
            let served = served.await;
            told.closed().await;
            served
        } => served,
        () = async {
            // An error says that the server has ended by itself.
            if draining.wait_for(|stops| *stops).await.is_err() {
                std::future::pending::<()>().await;
            }
            drop(draining);
            tokio::time::sleep(DRAIN).await;
        } => Ok(()),
    }
}
