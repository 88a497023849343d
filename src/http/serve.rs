//! Accepting and serving connections, with limits on their number and time, until the server is told to stop.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderValue, header};
use hyper::Request;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use socket2::SockRef;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{Semaphore, watch};

use super::app::App;
use super::connection::Connection;
use super::deadline::{IdleTimer, InUseBody};
use super::drain::{DrainedBody, expects_continue};
use super::eager_poll::eager_poll;
use super::middleware::Middleware;
use super::peer::{ConnectionPermit, Peer, Stopping};
use super::router::router;

/// Longest time for open requests and sockets to end after the stop signal.
const DRAIN_TIMEOUT: Duration = Duration::from_secs(10);
/// Pause after the system refused to accept a connection.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(100);
/// Longest time for a refused client to read its response.
const REFUSAL_TIMEOUT: Duration = Duration::from_secs(1);
/// Number of refused connections that may take that long at once; the others get the pause above.
const MAX_REFUSING: usize = 64;
/// Longest time that a connection without a request stays open while the server is stopping.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);
/// Largest read from a connection, in bytes: the headers of a request have to fit.
const READ_BUFFER_BYTES: usize = 64 * 1024;
/// Response to a connection beyond the limit.
const TOO_MANY_CONNECTIONS: &[u8] = b"HTTP/1.1 503 Service Unavailable\r\nretry-after: 1\r\ncontent-length: 0\r\nconnection: close\r\n\r\n";

/// Serves connections until `stop` is ready, then waits for open requests to end.
///
/// # Errors
/// None at present: errors of the listener are retried.
pub async fn serve(
    listener: TcpListener,
    app: App,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let (stop_sender, stopping) = watch::channel(false);
    let limits = app.service.limits();
    let room = u32::try_from(limits.max_connections).unwrap_or(u32::MAX);
    let has_caches = !app.service.store().max_staleness().is_zero();
    let connections = Connections {
        room: Arc::clone(&app.room),
        unread: limits.max_unread(),
        header: limits.header_timeout(),
        body: limits.body_timeout(),
        middleware: Middleware::new(router(app.clone()), Arc::clone(&app.metrics), has_caches),
        stopping: Stopping(stopping),
    };
    let free = Arc::clone(&connections.room);
    tokio::select! {
        () = connections.accept(&listener) => {}
        () = stop => {}
    }
    drop(listener);
    tracing::info!("stopping");
    stop_sender.send_replace(true);
    let ended = async {
        // Each connection returns its permit when it ends, and so does each socket.
        drop(free.acquire_many(room).await);
        stop_sender.closed().await;
    };
    // Connections that have not ended by then are cut.
    drop(tokio::time::timeout(DRAIN_TIMEOUT, ended).await);
    Ok(())
}

#[derive(Clone)]
struct Connections {
    room: Arc<Semaphore>,
    unread: Duration,
    header: Duration,
    body: Duration,
    middleware: Middleware,
    stopping: Stopping,
}

impl Connections {
    async fn accept(self, listener: &TcpListener) {
        let refusing = Arc::new(Semaphore::new(MAX_REFUSING));
        loop {
            let (stream, address) = match listener.accept().await {
                Ok(accepted) => accepted,
                Err(error) => {
                    tracing::debug!(%error, "a connection could not be accepted; the next attempt follows a pause");
                    tokio::time::sleep(ACCEPT_RETRY_DELAY).await;
                    continue;
                }
            };
            tune(&stream, self.unread);
            let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() else {
                let waits = Arc::clone(&refusing).try_acquire_owned();
                let limit = if waits.is_ok() {
                    REFUSAL_TIMEOUT
                } else {
                    ACCEPT_RETRY_DELAY
                };
                tokio::spawn(async move {
                    drop(tokio::time::timeout(limit, refuse_connection(stream)).await);
                    drop(waits);
                });
                continue;
            };
            let connection = self.clone();
            let connection_permit = ConnectionPermit(Arc::new(permit));
            tokio::spawn(eager_poll(connection.serve(
                stream,
                address,
                connection_permit,
            )));
        }
    }

    async fn serve(
        self,
        stream: TcpStream,
        address: SocketAddr,
        connection_permit: ConnectionPermit,
    ) {
        let Self {
            middleware,
            mut stopping,
            header: head,
            body,
            ..
        } = self;
        let idle_timer = IdleTimer::new();
        let idle = idle_timer.clone();
        let stream = TokioIo::new(Connection::new(stream, idle_timer.clone()));
        let peer = Peer {
            address,
            connection_permit,
            stopping: stopping.clone(),
        };
        let service = service_fn(move |request: Request<Incoming>| {
            let in_use = Arc::new(idle_timer.begin());
            let awaits_continue = expects_continue(request.headers());
            let read = Arc::clone(&in_use);
            let mut request =
                request.map(|sent| Body::new(DrainedBody::new(sent, read, body, awaits_continue)));
            request.extensions_mut().insert(peer.clone());
            let middleware = middleware.clone();
            async move {
                let mut response = middleware.answer(request).await;
                // After a refusal nobody can tell if the client still sends the body it announced by `Expect`: the
                // connection cannot be used again.
                if awaits_continue && response.status().is_client_error() {
                    let close = HeaderValue::from_static("close");
                    response.headers_mut().insert(header::CONNECTION, close);
                }
                Ok::<_, Infallible>(response.map(|body| InUseBody::new(body, in_use)))
            }
        });
        let connection = http1::Builder::new()
            .max_buf_size(READ_BUFFER_BYTES)
            .serve_connection(stream, service)
            .with_upgrades();
        let mut connection = std::pin::pin!(connection);
        let served = tokio::select! {
            served = connection.as_mut() => served,
            () = stopping.wait() => {
                drop(stopping);
                connection.as_mut().graceful_shutdown();
                tokio::select! {
                    served = connection => served,
                    // A request that has not arrived completely by then is abandoned.
                    () = idle.wait_idle(CLOSE_TIMEOUT) => Ok(()),
                }
            }
            () = idle.wait_idle(head) => Ok(()),
        };
        if let Err(error) = served {
            tracing::debug!(%error, "a connection ended with an error");
        }
    }
}

/// Answers a connection beyond the limit with 503. Its input is read and discarded: an unread request would reset the
/// connection before the client reads the response.
async fn refuse_connection(mut stream: TcpStream) -> io::Result<()> {
    stream.write_all(TOO_MANY_CONNECTIONS).await?;
    stream.shutdown().await?;
    let mut some = [0; 4_096];
    while stream.read(&mut some).await? > 0 {}
    Ok(())
}

/// Sets options of the socket: small writes go out at once, and the system ends a connection whose peer does not
/// acknowledge data, even if that peer vanished.
fn tune(stream: &TcpStream, unread: Duration) {
    let socket = SockRef::from(stream);
    let tuned = socket.set_tcp_nodelay(true);
    // Twice the limit: the server closes a slow WebSocket first, with a reason.
    #[cfg(target_os = "linux")]
    let tuned = tuned.and(socket.set_tcp_user_timeout(Some(unread.saturating_mul(2))));
    if let Err(error) = tuned {
        tracing::debug!(%error, "the options of a connection could not be set");
    }
}
