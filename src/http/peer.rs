//! The connection on which a request arrived.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::extract::FromRequestParts;
use axum::http::StatusCode;
use axum::http::request::Parts;
use tokio::sync::{OwnedSemaphorePermit, watch};

/// Signal that the server is stopping. The server waits until every copy is dropped.
#[derive(Clone)]
pub struct Stopping(pub(super) watch::Receiver<bool>);

impl Stopping {
    /// True once the server is stopping.
    pub fn is_stopping(&self) -> bool {
        *self.0.borrow()
    }

    /// Waits until the server is stopping.
    pub async fn wait(&mut self) {
        // An error means that the server is gone, which counts as stopping.
        let _ = self.0.wait_for(|stops| *stops).await.is_ok();
    }
}

/// The connection on which a request arrived; a request extension.
#[derive(Clone)]
pub struct Peer {
    /// Address of the other end of the connection: the client, or a proxy.
    pub address: SocketAddr,
    /// Permit of the connection.
    pub connection_permit: ConnectionPermit,
    /// Signal that the server is stopping.
    pub stopping: Stopping,
}

impl<S: Sync> FromRequestParts<S> for Peer {
    type Rejection = StatusCode;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        let peer = parts.extensions.remove::<Self>();
        peer.ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

/// Permit of a connection, counted in `maxConnections` while a copy exists. A WebSocket takes its copy along when it
/// leaves HTTP.
#[derive(Clone)]
pub struct ConnectionPermit(
    #[expect(dead_code, reason = "held until it is dropped")] pub(super) Arc<OwnedSemaphorePermit>,
);
