//! One socket: what its client says, and what its operations answer, in one loop.

use std::pin::pin;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::future::FutureExt;
use futures_util::sink::SinkExt;
use tokio::time::error::Elapsed;
use tokio::time::{Instant, Interval, MissedTickBehavior, sleep, timeout};

use super::operations::{Next, Operations};
use super::protocol::{Close, Said, Say, request, told};
use crate::graphql::context::Caller;
use crate::graphql::limits::{Limits, size};
use crate::graphql::{Answer, Service};
use crate::http::Stopping;
use crate::http::auth::{Guard, RECHECK, Unknown};
use crate::http::refusal::error;

/// How many answers are written before the socket is listened to again.
const BURST: usize = 64;
/// How long a client may take to hear why it is sent away.
const FAREWELL: Duration = Duration::from_secs(6);

/// One socket.
pub struct Session {
    socket: WebSocket,
    service: Service,
    guard: Guard,
    caller: Caller,
    /// The value that named the caller, where one did.
    token: Option<String>,
    is_begun: bool,
    operations: Operations,
    heard: Instant,
}

impl Session {
    /// A socket that was just opened by a caller whom the headers named, or did not.
    pub fn new(
        socket: WebSocket,
        service: Service,
        guard: Guard,
        caller: Caller,
        token: Option<String>,
    ) -> Self {
        Self {
            socket,
            service,
            guard,
            caller,
            token,
            is_begun: false,
            operations: Operations::default(),
            heard: Instant::now(),
        }
    }

    /// Serves until the client leaves, breaks the protocol or reads nothing, or the server stops.
    pub async fn serve(mut self, stopping: Stopping) {
        if let Err(close) = self.until_closed(stopping).await {
            // Who does not read is not waited for long.
            let _ = timeout(FAREWELL, self.send_away(&close).boxed()).await;
        }
    }

    /// Says why, and waits for the answer: a socket that is dropped before may take the reason with it.
    async fn send_away(&mut self, close: &Close) -> Result<(), axum::Error> {
        let frame = Message::Close(Some(close.frame()));
        self.socket.send(frame).await?;
        while let Some(message) = self.socket.recv().await {
            message?;
        }
        Ok(())
    }

    fn limits(&self) -> &Limits {
        self.service.limits()
    }

    async fn until_closed(&mut self, mut stopping: Stopping) -> Result<(), Close> {
        let silence = self.limits().max_silence();
        let mut init = pin!(sleep(self.limits().connection_init_timeout()));
        let mut ping = every(silence / 2);
        let mut recheck = every(RECHECK);
        let mut stops = pin!(stopping.told());
        loop {
            tokio::select! {
                message = self.socket.recv() => match message {
                    None => return Ok(()),
                    Some(message) => {
                        self.heard = Instant::now();
                        match message.map_err(|error| unreadable(&error))? {
                            Message::Text(text) => self.hear(&text).boxed().await?,
                            Message::Binary(_) => return Err(Close::Invalid),
                            Message::Close(_) => {
                                // Its answer is written already, and may not be sent.
                                drop(timeout(FAREWELL, self.socket.flush()).await);
                                return Ok(());
                            }
                            Message::Ping(_) | Message::Pong(_) => {}
                        }
                    }
                },
                next = self.operations.next() => self.give(next).await?,
                () = &mut init, if !self.is_begun => return Err(Close::TooLate),
                _ = ping.tick(), if self.is_begun => {
                    if self.heard.elapsed() > silence {
                        return Err(Close::Silent(self.operations.position()));
                    }
                    self.say(&Say::Ping).await?;
                }
                _ = recheck.tick(), if self.token.is_some() => self.recheck().boxed().await?,
                () = &mut stops => return Err(Close::Restart(self.operations.position())),
            }
        }
    }

    async fn hear(&mut self, text: &str) -> Result<(), Close> {
        match Said::read(text)? {
            Said::ConnectionInit { payload } => {
                if self.is_begun {
                    return Err(Close::TooMany);
                }
                let payload = payload.unwrap_or_default();
                let said = payload
                    .get("Authorization")
                    .or_else(|| payload.get("authorization"));
                if let Some(said) = said {
                    let token = said.as_str().unwrap_or_default();
                    let viewer = self.guard.bearer(token).await;
                    self.caller.viewer =
                        viewer.map_err(|unknown| Close::Forbidden(unknown.message()))?;
                    self.token = Some(token.to_owned());
                }
                self.is_begun = true;
                self.say(&Say::ConnectionAck).await
            }
            Said::Ping { payload } => self.say(&Say::Pong { payload }).await,
            Said::Pong {} => Ok(()),
            Said::Subscribe { id, payload } => {
                if !self.is_begun {
                    return Err(Close::Unauthorized);
                }
                if self.operations.has(&id) {
                    return Err(Close::Duplicate(id));
                }
                let most = self.limits().max_subscriptions_per_connection;
                if self.operations.len() >= size(most) {
                    let message = format!("a connection carries {most} operations at once");
                    let payload = &[error("TOO_COMPLEX", &message)];
                    return self.say(&Say::Error { id: &id, payload }).await;
                }
                let request = request(payload)?;
                let caller = self.caller.clone();
                let answers = self.service.answers(request, caller, true, None);
                self.operations.begin(id, answers);
                Ok(())
            }
            Said::Complete { id } => {
                self.operations.end(&id);
                Ok(())
            }
        }
    }
}

impl Session {
    /// Sends what there is, as much as is ready.
    async fn give(&mut self, first: Next) -> Result<(), Close> {
        let mut next = Some(first);
        let mut burst = 0_usize;
        while let Some((name, given)) = next {
            let id = &*name.id;
            let message = match &given {
                Some(Answer::Told(event)) => told(id, &event.json)?,
                Some(Answer::Own(payload)) => Say::Next { id, payload }.message()?,
                Some(Answer::Refused(response)) => {
                    let payload = &response.errors;
                    Say::Error { id, payload }.message()?
                }
                None => Say::Complete { id }.message()?,
            };
            let fed = timeout(self.limits().max_unread(), self.socket.feed(message)).await;
            self.sent(&fed)?;
            match given {
                Some(Answer::Told(event)) => self.operations.reached(&name, &event),
                Some(Answer::Own(_)) => {}
                Some(Answer::Refused(_)) | None => self.operations.end(id),
            }
            burst = burst.saturating_add(1);
            next = if burst < BURST {
                self.operations.ready()
            } else {
                None
            };
        }
        let flushed = timeout(self.limits().max_unread(), self.socket.flush()).await;
        self.sent(&flushed)
    }

    async fn say(&mut self, say: &Say<'_>) -> Result<(), Close> {
        let message = say.message()?;
        let sent = timeout(self.limits().max_unread(), self.socket.send(message)).await;
        self.sent(&sent)
    }

    fn sent(&self, sent: &Result<Result<(), axum::Error>, Elapsed>) -> Result<(), Close> {
        match sent {
            Ok(Ok(())) => Ok(()),
            // The client is gone: nobody hears why.
            Ok(Err(_)) => Err(Close::Fault),
            Err(_) => Err(Close::Silent(self.operations.position())),
        }
    }

    async fn recheck(&mut self) -> Result<(), Close> {
        let token = self.token.as_deref().unwrap_or_default();
        match self.guard.still(token).await {
            Ok(viewer) => {
                self.caller.viewer = viewer;
                Ok(())
            }
            Err(unknown @ Unknown::Token) => Err(Close::Forbidden(unknown.message())),
            Err(Unknown::Provider | Unknown::Unavailable) => Ok(()),
        }
    }
}

fn every(period: Duration) -> Interval {
    // A period of nothing would tick without end.
    let period = period.max(Duration::from_millis(1));
    let mut interval = tokio::time::interval_at(Instant::now() + period, period);
    interval.set_missed_tick_behavior(MissedTickBehavior::Delay);
    interval
}

/// Why a message could not be read: it is too large, or breaks the protocol of sockets.
fn unreadable(error: &axum::Error) -> Close {
    if error.to_string().contains("too long") {
        Close::TooLarge
    } else {
        Close::Invalid
    }
}
