//! One socket: what its client says, and what its operations answer, in one loop.

use std::collections::HashMap;
use std::time::Duration;

use axum::extract::ws::{Message, WebSocket};
use futures_util::future::AbortHandle;
use futures_util::stream::{BoxStream, SelectAll, StreamExt, abortable};

use tokio::time::{Instant, Interval, MissedTickBehavior, sleep_until, timeout};

use super::protocol::{Close, Said, Say, request};
use crate::graphql::context::Caller;
use crate::graphql::limits::size;
use crate::graphql::{Answer, Service};
use crate::http::Stopping;
use crate::http::auth::{Guard, Unknown};
use crate::http::refusal::error;

/// How long a client may take until it says who it is.
const INIT: Duration = Duration::from_secs(10);
/// How often the server asks whether the client is there; after two such times without a word it is not.
const PING: Duration = Duration::from_secs(20);
/// How often a token is looked at again.
const RECHECK: Duration = Duration::from_secs(4);
/// How long a client may read nothing of what it is sent.
const UNREAD: Duration = Duration::from_secs(30);

/// The operations of a socket, each with what it is called and which it was of that name: their answers, and
/// `None` at their ends.
type Operations = SelectAll<BoxStream<'static, (String, u64, Option<Answer>)>>;

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
    running: HashMap<String, (u64, AbortHandle)>,
    count: u64,
    /// Where the last change that was sent is in the log.
    position: Option<String>,
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

            operations: SelectAll::new(),
            running: HashMap::new(),
            count: 0,
            position: None,
            heard: Instant::now(),
        }
    }

    /// Serves until the client leaves, breaks the protocol or reads nothing, or the server stops.
    pub async fn serve(mut self, stopping: Stopping) {
        if let Err(close) = self.until_closed(stopping).await {
            let frame = Message::Close(Some(close.frame()));
            // Who does not read is not waited for.
            let _ = timeout(Duration::from_secs(1), self.socket.send(frame)).await;
        }
    }

    async fn until_closed(&mut self, mut stopping: Stopping) -> Result<(), Close> {
        let begun = Instant::now();
        let mut ping = every(PING);
        let mut recheck = every(RECHECK);
        loop {
            tokio::select! {
                message = self.socket.recv() => match message {
                    None => return Ok(()),
                    Some(message) => {
                        self.heard = Instant::now();
                        match message.map_err(|error| unreadable(&error))? {
                            Message::Text(text) => self.hear(&text).await?,
                            Message::Binary(_) => return Err(Close::Invalid),
                            Message::Close(_) => return Ok(()),
                            Message::Ping(_) | Message::Pong(_) => {}
                        }
                    }
                },
                Some((id, number, given)) = self.operations.next() => {
                    self.give(&id, number, given).await?;
                }
                () = sleep_until(begun + INIT), if !self.is_begun => return Err(Close::TooLate),
                _ = ping.tick(), if self.is_begun => {
                    if self.heard.elapsed() > PING * 2 {
                        return Err(Close::Silent(self.position.take()));
                    }
                    self.say(&Say::Ping).await?;
                }
                _ = recheck.tick(), if self.token.is_some() => self.recheck().await?,
                () = stopping.told() => {
                    return Err(Close::Restart(self.position.take()));
                }
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
                if self.running.contains_key(&id) {
                    return Err(Close::Duplicate(id));
                }
                let most = self.service.limits().max_subscriptions_per_connection;
                if self.running.len() >= size(most) {
                    let message = format!("a connection carries {most} operations at once");
                    let payload = &[error("TOO_COMPLEX", &message)];
                    return self.say(&Say::Error { id: &id, payload }).await;
                }
                let request = request(payload)?;
                let answers = self.service.answers(request, self.caller.clone(), true);
                let (answers, handle) = abortable(answers);
                self.count = self.count.wrapping_add(1);
                let number = self.count;
                self.running.insert(id.clone(), (number, handle));
                let end = futures_util::stream::once(std::future::ready(None));
                let given = answers.map(Some).chain(end);
                self.operations
                    .push(given.map(move |given| (id.clone(), number, given)).boxed());
                Ok(())
            }
            Said::Complete { id } => {
                if let Some((_, handle)) = self.running.remove(&id) {
                    handle.abort();
                }
                Ok(())
            }
        }
    }
}

impl Session {
    async fn give(&mut self, id: &str, number: u64, given: Option<Answer>) -> Result<(), Close> {
        let running = self.running.get(id).map(|(running, _)| *running);
        if running != Some(number) {
            // The client wants no more of it.
            return Ok(());
        }
        match given {
            Some(answer) if answer.is_refused => {
                self.running.remove(id);
                let payload = &answer.response.errors;
                self.say(&Say::Error { id, payload }).await
            }
            Some(answer) => {
                let payload = &answer.response;
                self.say(&Say::Next { id, payload }).await?;
                if answer.cursor.is_some() {
                    self.position = answer.cursor;
                }
                Ok(())
            }
            None => {
                self.running.remove(id);
                self.say(&Say::Complete { id }).await
            }
        }
    }

    async fn say(&mut self, say: &Say<'_>) -> Result<(), Close> {
        let sent = timeout(UNREAD, self.socket.send(say.message()?)).await;
        match sent {
            Ok(Ok(())) => Ok(()),
            // The client is gone, or does not read: nobody hears why.
            Ok(Err(_)) | Err(_) => Err(Close::Silent(self.position.take())),
        }
    }

    async fn recheck(&mut self) -> Result<(), Close> {
        let token = self.token.as_deref().unwrap_or_default();
        match self.guard.bearer(token).await {
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
