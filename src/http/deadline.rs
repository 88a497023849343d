//! Time limits without a timer in the usual case: a timer for each request would wake another thread each time. So
//! [`in_time`] polls twice before it sets a timer. [`IdleTimer`] has one timer per connection, which checks a timestamp
//! when it fires.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::sleep;

/// Number of polls before a timer is set. The body of a request usually arrives together with its headers, so the
/// second poll finds it.
const POLLS_BEFORE_TIMER: u32 = 2;

/// Polls a future until the limit. Returns `None` if it is late. It wakes itself after the first polls and sets a timer
/// only then.
pub async fn in_time<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut polls = 0;
    let mut clock = None;
    poll_fn(|cx| {
        if let Poll::Ready(found) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(found));
        }
        if polls < POLLS_BEFORE_TIMER {
            polls = polls.saturating_add(1);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let clock = clock.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(clock.as_mut().poll(cx));
        Poll::Ready(None)
    })
    .await
}

/// Idle timer of a connection: it is in use, or idle since a point in time.
#[derive(Clone)]
pub struct IdleTimer(Arc<Inner>);

struct Inner {
    opened: Instant,
    /// Milliseconds from the opening of the connection until it became idle, or [`IN_USE`].
    idle_since: AtomicU64,
}

const IN_USE: u64 = u64::MAX;

impl IdleTimer {
    /// A connection that was just opened; it is idle until the first request.
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            opened: Instant::now(),
            idle_since: AtomicU64::new(0),
        }))
    }

    /// Marks the connection as in use, until the returned guard is dropped together with the whole response.
    pub fn begin(&self) -> InUseGuard {
        self.0.idle_since.store(IN_USE, Ordering::Relaxed);
        InUseGuard(self.clone())
    }

    /// Restarts the idle time after bytes were written: the client may still be reading a response that was produced
    /// completely.
    pub fn note_write(&self) {
        if self.0.idle_since.load(Ordering::Relaxed) != IN_USE {
            self.0.idle_since.store(self.now(), Ordering::Relaxed);
        }
    }

    fn now(&self) -> u64 {
        let millis = self.0.opened.elapsed().as_millis();
        u64::try_from(millis).unwrap_or(IN_USE - 1)
    }

    /// Waits until the connection was idle for this long. A request of which only a part arrived does not count as use.
    pub async fn wait_idle(&self, limit: Duration) {
        let limit_millis = u64::try_from(limit.as_millis()).unwrap_or(IN_USE - 1);
        loop {
            let since = self.0.idle_since.load(Ordering::Relaxed);
            let idle = self.now().saturating_sub(since);
            if since != IN_USE && idle >= limit_millis {
                return;
            }
            let left = if since == IN_USE { 0 } else { idle };
            sleep(Duration::from_millis(
                limit_millis.saturating_sub(left).max(1),
            ))
            .await;
        }
    }
}

/// Guard: the connection is in use while it exists.
pub struct InUseGuard(IdleTimer);

impl Drop for InUseGuard {
    fn drop(&mut self) {
        let now = self.0.now();
        self.0.0.idle_since.store(now, Ordering::Relaxed);
    }
}

/// Response body that marks its connection as in use until it is sent.
pub struct InUseBody {
    body: Body,
    _use: Arc<InUseGuard>,
}

impl InUseBody {
    /// Wraps the body of a response.
    pub fn new(body: Body, in_use: Arc<InUseGuard>) -> Self {
        Self { body, _use: in_use }
    }
}

impl HttpBody for InUseBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(cx)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
