//! The connection that a request came on, and its place among all of them.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use tokio::sync::{OwnedSemaphorePermit, watch};

/// Tells whether the server stops. Who holds it is waited for.
#[derive(Clone)]
pub struct Stopping(pub(super) watch::Receiver<bool>);

impl Stopping {
    /// True once it does.
    pub fn is_told(&self) -> bool {
        *self.0.borrow()
    }

    /// Ready once the server stops.
    pub async fn told(&mut self) {
        // An error says that nobody will tell any more.
        let _ = self.0.wait_for(|stops| *stops).await.is_ok();
    }
}

/// The connection that a request came on.
#[derive(Clone)]
pub struct Peer {
    /// Who is at its other end, as far as the connection tells.
    pub address: SocketAddr,
    /// Its place among the connections.
    pub seat: Seat,
    /// Tells whether the server stops.
    pub stopping: Stopping,
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let peer = parts.extensions.remove::<Self>();
        peer.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// One of the connections that there may be, for as long as it is held: by what becomes of a connection too.
#[derive(Clone)]
pub struct Seat(#[expect(dead_code, reason = "it is held")] pub(super) Arc<OwnedSemaphorePermit>);
