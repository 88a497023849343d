//! Bodies of requests that are answered before they are read to their end. A client that sends all of its request first
//! would find its connection cut, and not the answer that waits there: what it still sends is read and dropped, within
//! limits.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Bytes, HttpBody};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::timeout;

use super::deadline::InUse;

/// How much is read of a body that nobody wants, in bytes: a client that sends more than that is cut off.
const MOST: u64 = 64 * 1024 * 1024;

/// Whether a client sends its body only once it is told to go on. Source: RFC 9110, section 10.1.1.
pub fn is_asked_first(headers: &HeaderMap) -> bool {
    let expect = headers.get(header::EXPECT);
    expect.is_some_and(|expect| expect.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// The body of a request. Where it is dropped before its end, the rest of it is read by nobody, beside the answer.
pub struct Drained {
    body: Option<Incoming>,
    in_use: Arc<InUse>,
    /// By when the body has to be there, whoever reads it.
    until: Instant,
    /// Whether nothing of it is sent yet: to read on would ask for it.
    is_held: bool,
}

impl Drained {
    /// A body that may take so long, of a connection in use.
    pub fn new(body: Incoming, in_use: Arc<InUse>, limit: Duration, is_held: bool) -> Self {
        let now = Instant::now();
        Self {
            body: Some(body),
            in_use,
            until: now.checked_add(limit).unwrap_or(now),
            is_held,
        }
    }
}

impl HttpBody for Drained {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.is_held = false;
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        // Nothing follows its end, nor what is wrong with it.
        if !matches!(frame, Some(Ok(_))) {
            self.body = None;
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.as_ref().is_none_or(HttpBody::is_end_stream)
    }

    fn size_hint(&self) -> SizeHint {
        let hint = self.body.as_ref().map(HttpBody::size_hint);
        hint.unwrap_or_else(|| SizeHint::with_exact(0))
    }
}

impl Drop for Drained {
    fn drop(&mut self) {
        let body = self.body.take().filter(|body| !body.is_end_stream());
        let left = self.until.saturating_duration_since(Instant::now());
        if let Some(body) = body
            && !self.is_held
            && !left.is_zero()
        {
            let in_use = Arc::clone(&self.in_use);
            tokio::spawn(async move {
                // What is late is cut off too.
                drop(timeout(left, drain(body)).await);
                drop(in_use);
            });
        }
    }
}

/// Reads a body to its end, or as far as it may go.
async fn drain(mut body: Incoming) {
    let mut left = MOST;
    // Once the answer is written, the connection tells the end of a body only with the next request.
    while !body.is_end_stream()
        && let Some(Ok(frame)) = body.frame().await
    {
        let length = frame.data_ref().map_or(0, Bytes::len);
        let length = u64::try_from(length).unwrap_or(u64::MAX);
        let Some(rest) = left.checked_sub(length) else {
            return;
        };
        left = rest;
    }
}
