//! The session of a socket: one loop over the messages of the client and the responses of its operations.

use std::error::Error;
use std::pin::pin;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::future::FutureExt;
use tokio::time::{Instant, Interval, MissedTickBehavior, sleep, sleep_until, timeout};
use tungstenite::Error as SocketError;

use super::init;
use super::operations::{OperationEvent, Operations};
use super::protocol::{ClientMessage, Close, ServerMessage, next_message, request, returned};
use super::wire::{Wire, WireEvent};
use crate::graphql::Caller;
use crate::graphql::error::failed;
use crate::graphql::limits::{Limits, size};
use crate::graphql::{Answer, Outcome};
use crate::http::app::App;
use crate::http::auth::{AuthError, RECHECK_INTERVAL};
use crate::http::peer::Stopping;

/// Largest number of responses that are queued before the socket is flushed.
const MAX_BURST: usize = 64;
/// Longest time for a client to receive the close frame.
const CLOSE_TIMEOUT: Duration = Duration::from_secs(6);

/// The session of a socket.
pub struct Session {
    wire: Wire,
    app: App,
    caller: Caller,
    /// The `Authorization` value by which the caller was authenticated, if any.
    token: Option<String>,
    is_begun: bool,
    operations: Operations,
}

impl Session {
    /// Starts a session. `caller` and `token` come from the headers of the handshake.
    pub fn new(socket: WebSocket, app: App, caller: Caller, token: Option<String>) -> Self {
        Self {
            wire: Wire::new(socket, app.metrics.waiting()),
            app,
            caller,
            token,
            is_begun: false,
            operations: Operations::default(),
        }
    }

    /// Runs until the client leaves, violates the protocol or reads nothing, or until the server stops.
    ///
    /// The session lies on the heap, because a future stores an argument twice.
    pub async fn serve(mut self: Box<Self>, stopping: Stopping) {
        if let Err(close) = self.until_closed(stopping).await {
            // A client that does not read gets no more than this time.
            let _ = timeout(CLOSE_TIMEOUT, self.close_with(&close).boxed()).await;
        }
    }

    /// Closes the socket with a reason. Queued messages go first, if the client reads them.
    async fn close_with(&mut self, close: &Close) -> Result<(), axum::Error> {
        // On a timeout some messages stay unread; the close frame follows all the same.
        drop(timeout(CLOSE_TIMEOUT / 2, self.wire.written()).await);
        self.note_sent();
        let frame = close.frame(self.operations.position());
        self.wire.close(frame).await
    }

    fn limits(&self) -> &Limits {
        self.app.service.limits()
    }

    async fn until_closed(&mut self, mut stopping: Stopping) -> Result<(), Close> {
        let (silence, unread) = (self.limits().max_silence(), self.limits().max_unread());
        let mut init = pin!(sleep(self.limits().connection_init_timeout()));
        let mut ping = every(self.limits().heartbeat());
        let mut recheck = every(RECHECK_INTERVAL);
        let mut stops = pin!(stopping.wait());
        loop {
            let until = self.wire.wrote() + unread;
            tokio::select! {
                biased;
                () = &mut stops => return Err(Close::Restart),
                () = &mut init, if !self.is_begun => return Err(Close::TooLate),
                _ = recheck.tick(), if self.token.is_some() => self.recheck().boxed().await?,
                _ = ping.tick(), if self.is_begun => {
                    if self.wire.alive().elapsed() > silence {
                        return Err(Close::Slow);
                    }
                    self.send(&ServerMessage::Ping)?;
                }
                event = self.wire.next_event() => match event {
                    WireEvent::Received(message) => match message.map_err(|error| unreadable(&error))? {
                        Message::Text(text) => self.receive(&text).boxed().await?,
                        Message::Binary(_) => return Err(Close::Invalid),
                        Message::Close(_) => {
                            // The socket has queued the closing handshake already; this flushes it.
                            drop(timeout(CLOSE_TIMEOUT, self.wire.written()).await);
                            return Ok(());
                        }
                        Message::Ping(_) | Message::Pong(_) => {}
                    },
                    WireEvent::Written => self.note_sent(),
                    WireEvent::Gone => return Ok(()),
                },
                next = self.operations.next(), if self.wire.is_idle() => {
                    self.send_answers(next)?;
                    // Usually the socket accepts the responses at once.
                    if let Some(written) = self.wire.written().now_or_never() {
                        if written.is_err() {
                            return Ok(());
                        }
                        self.note_sent();
                    }
                }
                // The async block postpones the timer until this branch is polled, that is, until messages wait.
                () = async { sleep_until(until).await }, if !self.wire.is_idle() => {
                    return Err(Close::Slow);
                }
            }
        }
    }

    async fn receive(&mut self, text: &str) -> Result<(), Close> {
        match ClientMessage::read(text)? {
            ClientMessage::ConnectionInit { payload } => {
                if self.is_begun {
                    return Err(Close::TooMany);
                }
                let payload = payload.unwrap_or_default();
                if let Some(token) = init::authorization(&payload)? {
                    let limit = self.limits().request_timeout();
                    let viewer = timeout(limit, self.app.guard.bearer(&token)).await;
                    self.caller.viewer = viewer
                        .unwrap_or(Err(AuthError::Unavailable))
                        .map_err(|unknown| Close::Forbidden(unknown.message()))?;
                    self.token = Some(token);
                }
                self.is_begun = true;
                self.send(&ServerMessage::ConnectionAck)
            }
            ClientMessage::Ping { payload } => {
                let payload = returned(payload);
                self.send(&ServerMessage::Pong { payload })
            }
            ClientMessage::Pong {} => Ok(()),
            ClientMessage::Subscribe { id, payload } => {
                if !self.is_begun {
                    return Err(Close::Unauthorized);
                }
                if self.operations.has(&id) {
                    return Err(Close::Duplicate(id));
                }
                let most = self.limits().max_subscriptions_per_connection;
                if self.operations.len() >= size(most) {
                    let message = format!("a connection may run at most {most} operations at once");
                    let payload = &[failed("TOO_COMPLEX", message)];
                    return self.send(&ServerMessage::Error { id: &id, payload });
                }
                let request = request(payload)?;
                let service = &self.app.service;
                let permit = match self.app.permit_of(service.kind(&request)) {
                    Ok(permit) => permit,
                    Err(refusal) => {
                        self.app.metrics.unread(Outcome::Unavailable);
                        let payload = &[refusal.into_error()];
                        return self.send(&ServerMessage::Error { id: &id, payload });
                    }
                };
                let caller = self.caller.clone();
                let operation = service.answers(request, caller, true, None, permit);
                let answers = self.app.counted(operation);
                self.operations.begin(id, answers);
                Ok(())
            }
            ClientMessage::Complete { id } => {
                self.operations.end(&id);
                Ok(())
            }
        }
    }
}

impl Session {
    /// Queues the first response and all others that are ready, up to [`MAX_BURST`].
    fn send_answers(&mut self, first: OperationEvent) -> Result<(), Close> {
        let mut next = Some(first);
        let mut burst = 0_usize;
        while let Some((name, given)) = next {
            let id = &*name.id;
            match given {
                Some(Answer::Follows(position)) => self.operations.note_received(&name, position),
                Some(Answer::Change(event)) => {
                    let message = next_message(id, &event.json)?;
                    self.wire
                        .write(message, Some((name, event.position.clone())));
                }
                Some(Answer::Own(payload)) => {
                    let payload = &payload;
                    self.send(&ServerMessage::Next { id, payload })?;
                }
                Some(Answer::Refused(response)) => {
                    let payload = &response.errors;
                    self.send(&ServerMessage::Error { id, payload })?;
                    self.operations.end(id);
                }
                None => {
                    self.send(&ServerMessage::Complete { id })?;
                    self.operations.end(id);
                }
            }
            burst = burst.saturating_add(1);
            next = if burst < MAX_BURST {
                self.operations.ready()
            } else {
                None
            };
        }
        Ok(())
    }

    fn send(&mut self, message: &ServerMessage<'_>) -> Result<(), Close> {
        self.wire.write(message.message()?, None);
        Ok(())
    }

    /// Records how far each operation has been sent.
    fn note_sent(&mut self) {
        for (name, position) in self.wire.sent() {
            self.operations.note_received(&name, position);
        }
    }

    async fn recheck(&mut self) -> Result<(), Close> {
        let token = self.token.as_deref().unwrap_or_default();
        match self.app.guard.recheck(token).await {
            Ok(viewer) => {
                self.caller.viewer = viewer;
                Ok(())
            }
            Err(unknown @ (AuthError::Token | AuthError::Form)) => {
                Err(Close::Forbidden(unknown.message()))
            }
            Err(AuthError::Provider | AuthError::Unavailable) => Ok(()),
        }
    }
}

fn every(period: Duration) -> Interval {
    let mut interval = tokio::time::interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// The close reason for a message that cannot be read: too large, not UTF-8, or a violation of RFC 6455.
fn unreadable(error: &axum::Error) -> Close {
    let source = error.source();
    match source.and_then(|source| source.downcast_ref()) {
        Some(SocketError::Capacity(_)) => Close::TooLarge,
        Some(SocketError::Utf8(_)) => Close::NoText,
        Some(SocketError::Protocol(broken)) => Close::Broken(broken.to_string()),
        _ => Close::Fault,
    }
}
