//! The send queue of a socket. Reading and writing go on side by side: a client that reads slowly can still send
//! messages.

use std::collections::VecDeque;
use std::future::poll_fn;
use std::task::{Context, Poll, ready};

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use futures_util::sink::SinkExt;
use futures_util::stream::StreamExt;
use prometheus_client::metrics::gauge::Gauge;
use tokio::time::Instant;

use super::operations::OperationKey;
use crate::graphql::LogPosition;

/// Number of queued messages at which the server stops reading from the client.
const MAX_QUEUED: usize = 128;
/// Capacity that the queues keep when they are empty.
const MIN_CAPACITY: usize = 4;

/// A change in the send queue: its operation and its position in the log.
pub type Sent = (OperationKey, LogPosition);

/// A socket and its send queue.
pub struct Wire {
    socket: WebSocket,
    waiting: VecDeque<(Message, Option<Sent>)>,
    /// Number of messages queued since the last flush.
    unsent: i64,
    /// Gauge of queued messages of all sockets.
    depth: Gauge,
    sent: Vec<Sent>,
    is_flushed: bool,
    /// True if the client has to read before more can be written.
    is_blocked: bool,
    alive: Instant,
    wrote: Instant,
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.depth.dec_by(self.unsent);
    }
}

/// An event of a socket.
pub enum WireEvent {
    /// A message of the client, or an error in reading it.
    Received(Result<Message, axum::Error>),
    /// The queue is written and flushed.
    Written,
    /// The client is gone.
    Gone,
}

impl Wire {
    /// Wraps a socket that was just opened.
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

    /// Queues a message.
    pub fn write(&mut self, message: Message, sent: Option<Sent>) {
        if self.is_idle() {
            self.wrote = Instant::now();
        }
        self.is_flushed = false;
        self.waiting.push_back((message, sent));
        self.unsent = self.unsent.saturating_add(1);
        self.depth.inc();
    }

    /// True if the queue is empty and flushed.
    pub fn is_idle(&self) -> bool {
        self.is_flushed
    }

    /// When data was last written; while messages wait, the beginning of the stall.
    pub fn wrote(&self) -> Instant {
        self.wrote
    }

    /// When the client was last known to be alive: it sent a message, or read data that blocked the queue.
    pub fn alive(&self) -> Instant {
        self.alive
    }

    /// Takes the changes that were sent since the last call.
    pub fn sent(&mut self) -> impl Iterator<Item = Sent> + '_ {
        self.sent.drain(..)
    }

    /// Writes the queue and reads from the client until one of them has an event. Cancel safe: nothing is lost if the
    /// future is dropped.
    pub async fn next_event(&mut self) -> WireEvent {
        poll_fn(|cx| {
            if !self.is_flushed
                && let Poll::Ready(written) = self.poll_written(cx)
            {
                return Poll::Ready(written.map_or(WireEvent::Gone, |()| WireEvent::Written));
            }
            if self.waiting.len() >= MAX_QUEUED {
                return Poll::Pending;
            }
            self.socket.poll_next_unpin(cx).map(|received| {
                self.alive = Instant::now();
                received.map_or(WireEvent::Gone, WireEvent::Received)
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
        // The queues shrink after a burst.
        self.waiting.shrink_to(MIN_CAPACITY);
        self.sent.shrink_to(MIN_CAPACITY);
        Poll::Ready(Ok(()))
    }

    /// Records if the client reads.
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

    /// Writes and flushes the queue.
    pub async fn written(&mut self) -> Result<(), axum::Error> {
        poll_fn(|cx| self.poll_written(cx)).await
    }

    /// Sends the close frame and waits for the client's answer: a connection that is dropped earlier may lose the
    /// reason.
    pub async fn close(&mut self, frame: CloseFrame) -> Result<(), axum::Error> {
        self.socket.send(Message::Close(Some(frame))).await?;
        while let Some(message) = self.socket.recv().await {
            message?;
        }
        Ok(())
    }
}
