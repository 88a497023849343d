//! Draining of request bodies. A client that sends its whole request before it reads would find its connection cut
//! instead of an early response. So the rest of an unread body is read and discarded, within limits.

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Bytes, HttpBody};
use axum::http::{HeaderMap, header};
use http_body_util::BodyExt;
use hyper::body::{Frame, Incoming, SizeHint};
use tokio::time::timeout;

use super::deadline::InUseGuard;

/// Limit for a discarded body, in bytes: the connection of a client that sends more is closed.
const MAX_DISCARDED_BYTES: u64 = 64 * 1024 * 1024;

/// True if the client waits for `100 Continue` before it sends the body. Source: RFC 9110, section 10.1.1.
pub fn expects_continue(headers: &HeaderMap) -> bool {
    let expect = headers.get(header::EXPECT);
    expect.is_some_and(|expect| expect.as_bytes().eq_ignore_ascii_case(b"100-continue"))
}

/// Request body that is drained in the background if it is dropped before its end.
pub struct DrainedBody {
    body: Option<Incoming>,
    in_use: Arc<InUseGuard>,
    /// Deadline for the whole body, for the handler and for draining alike.
    until: Instant,
    /// True while the client waits for `100 Continue`: to poll the body would send it.
    awaits_continue: bool,
}

impl DrainedBody {
    /// Wraps a body that has to be complete within `limit`.
    pub fn new(
        body: Incoming,
        in_use: Arc<InUseGuard>,
        limit: Duration,
        awaits_continue: bool,
    ) -> Self {
        let now = Instant::now();
        Self {
            body: Some(body),
            in_use,
            until: now.checked_add(limit).unwrap_or(now),
            awaits_continue,
        }
    }
}

impl HttpBody for DrainedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        self.awaits_continue = false;
        let Some(body) = &mut self.body else {
            return Poll::Ready(None);
        };
        let frame = ready!(Pin::new(body).poll_frame(cx));
        // Nothing follows the end of a body, or an error.
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

impl Drop for DrainedBody {
    fn drop(&mut self) {
        let body = self.body.take().filter(|body| !body.is_end_stream());
        let left = self.until.saturating_duration_since(Instant::now());
        if let Some(body) = body
            && !self.awaits_continue
            && !left.is_zero()
        {
            let in_use = Arc::clone(&self.in_use);
            tokio::spawn(async move {
                // The timeout ends the drain of a slow body, too.
                drop(timeout(left, drain(body)).await);
                drop(in_use);
            });
        }
    }
}

/// Reads a body to its end, or up to [`MAX_DISCARDED_BYTES`] bytes.
async fn drain(mut body: Incoming) {
    let mut left = MAX_DISCARDED_BYTES;
    // Once the response is written, hyper reports the end of a body only with the next request: `is_end_stream` tells
    // it earlier.
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
