//! What goes over a socket, both ways beside each other: who reads slowly is listened to all the same.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::sink::SinkExt;
use futures_util::stream::StreamExt;
use prometheus_client::metrics::gauge::Gauge;
use tokio::time::Instant;

use super::operations::Name;
use crate::graphql::Place;

/// How many messages wait to be written until the client is listened to no more.
const MOST_WAITING: usize = 128;
/// For how many messages there is always room.
const FEW: usize = 4;

/// A change that was sent: of which operation, and its place in the log.
pub type Sent = (Name, Place);

/// A socket, and what waits to be written to it.
pub struct Wire {
    socket: WebSocket,
    waiting: VecDeque<(Message, Option<Sent>)>,
    /// How many were written since all was sent.
    unsent: i64,
    /// How many that is at all sockets.
    depth: Gauge,
    sent: Vec<Sent>,
    is_flushed: bool,
    /// Whether the client has to read before more can be written.
    is_blocked: bool,
    alive: Instant,
    wrote: Instant,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.depth.dec_by(self.unsent);
    }
}

/// What happened.
pub enum Turn {
    /// The client said something, or something that cannot be read.
    Heard(Result<Message, axum::Error>),
    /// All that waited is written.
    Written,
    /// The client is gone.
    Gone,
}

impl Wire {
    /// A socket that was just opened.
    pub fn new(socket: WebSocket, depth: Gauge) -> Self {
        Self {
            socket,
            waiting: VecDeque::new(),
            unsent: 0,
            depth,
            sent: Vec::new(),
            is_flushed: true,
            is_blocked: false,
            alive: Instant::now(),
            wrote: Instant::now(),
        }
    }

    /// Has a message written, after those that wait already.
    pub fn write(&mut self, message: Message, sent: Option<Sent>) {
        if self.is_idle() {
            self.wrote = Instant::now();
        }
        self.is_flushed = false;
        self.waiting.push_back((message, sent));
        self.unsent = self.unsent.saturating_add(1);
        self.depth.inc();
    }

    /// Whether all that was to be written is.
    pub fn is_idle(&self) -> bool {
        self.is_flushed
    }

    /// Since when nothing could be written, where something waits.
    pub fn wrote(&self) -> Instant {
        self.wrote
    }

    /// When the client was last known to be there: it said something, or read what was in the way of more.
    pub fn alive(&self) -> Instant {
        self.alive
    }

    /// The changes that were sent since this was last asked.
    pub fn sent(&mut self) -> impl Iterator<Item = Sent> + '_ {
        self.sent.drain(..)
    }

    /// Writes and listens, until there is something to tell. Nothing is lost where this is given up.
    pub async fn turn(&mut self) -> Turn {
        poll_fn(|cx| {
            if !self.is_flushed
                && let Poll::Ready(written) = self.poll_written(cx)
            {
                return Poll::Ready(written.map_or(Turn::Gone, |()| Turn::Written));
            }
            if self.waiting.len() >= MOST_WAITING {
                return Poll::Pending;
            }
            self.socket.poll_next_unpin(cx).map(|heard| {
                self.alive = Instant::now();
                heard.map_or(Turn::Gone, Turn::Heard)
            })
        })
        .await
    }

    fn poll_written(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), axum::Error>> {
        while !self.waiting.is_empty() {
            let ready = self.socket.poll_ready_unpin(cx);
            ready!(self.progressed(ready))?;
            if let Some((message, sent)) = self.waiting.pop_front() {
                self.socket.start_send_unpin(message)?;
                self.sent.extend(sent);
            }
        }
        let flushed = self.socket.poll_flush_unpin(cx);
        ready!(self.progressed(flushed))?;
        self.is_flushed = true;
        self.depth.dec_by(std::mem::take(&mut self.unsent));
        // A burst takes no room once it is over.
        self.waiting.shrink_to(FEW);
        self.sent.shrink_to(FEW);
        Poll::Ready(Ok(()))
    }

    /// Notes whether the client reads.
    fn progressed<T>(&mut self, poll: Poll<T>) -> Poll<T> {
        if poll.is_ready() {
            self.wrote = Instant::now();
            if self.is_blocked {
                self.alive = self.wrote;
            }
        }
        self.is_blocked = poll.is_pending();
        poll
    }

    /// Writes what waits.
    pub async fn written(&mut self) -> Result<(), axum::Error> {
        poll_fn(|cx| self.poll_written(cx)).await
    }

    /// Says why the socket is closed, and waits for the answer: one that is dropped before may take the
    /// reason with it.
    pub async fn close(&mut self, frame: CloseFrame) -> Result<(), axum::Error> {
        self.socket.send(Message::Close(Some(frame))).await?;
        while let Some(message) = self.socket.recv().await {
            message?;
        }
        Ok(())
    }
}
