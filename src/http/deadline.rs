//! Time limits that cost nothing while nothing is late: to set a clock for each request would wake another thread
//! each time.

use std::future::{Future, poll_fn};
use std::pin::{Pin, pin};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll, ready};
use std::time::{Duration, Instant};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::time::sleep;

/// How often something is asked for again before a clock is set for it: a body comes most often with its head.
const AT_ONCE: u32 = 2;

/// What something comes to, if it does in time.
pub async fn in_time<F: Future>(limit: Duration, future: F) -> Option<F::Output> {
    let mut future = pin!(future);
    let mut asked = 0;
    let mut clock = None;
    poll_fn(|cx| {
        if let Poll::Ready(found) = future.as_mut().poll(cx) {
            return Poll::Ready(Some(found));
        }
        if asked < AT_ONCE {
            asked = asked.saturating_add(1);
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        let clock = clock.get_or_insert_with(|| Box::pin(sleep(limit)));
        ready!(clock.as_mut().poll(cx));
        Poll::Ready(None)
    })
    .await
}

/// Whether a connection is in use, and else since when it is not.
#[derive(Clone)]
pub struct Use(Arc<Inner>);

struct Inner {
    opened: Instant,
    /// Milliseconds after the opening; or that it is in use.
    idle_since: AtomicU64,
}

const IN_USE: u64 = u64::MAX;

impl Use {
    /// A connection that was just opened, and of which nothing was heard.
    pub fn new() -> Self {
        Self(Arc::new(Inner {
            opened: Instant::now(),
            idle_since: AtomicU64::new(0),
        }))
    }

    /// A request is there; until what this returns is dropped, with the whole answer.
    pub fn begin(&self) -> InUse {
        self.0.idle_since.store(IN_USE, Ordering::Relaxed);
        InUse(self.clone())
    }

    /// Some of an answer was taken: where all of it was made already, the rest may take its time too.
    pub fn wrote(&self) {
        if self.0.idle_since.load(Ordering::Relaxed) != IN_USE {
            self.0.idle_since.store(self.now(), Ordering::Relaxed);
        }
    }

    fn now(&self) -> u64 {
        let millis = self.0.opened.elapsed().as_millis();
        u64::try_from(millis).unwrap_or(IN_USE - 1)
    }

    /// Ready once no request was there for so long, whatever part of one came.
    pub async fn late(&self, limit: Duration) {
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

/// A connection is in use for as long as this lives.
pub struct InUse(Use);

impl Drop for InUse {
    fn drop(&mut self) {
        let now = self.0.now();
        self.0.0.idle_since.store(now, Ordering::Relaxed);
    }
}

/// The body of an answer, which keeps its connection in use.
pub struct Answering {
    body: Body,
    _use: Arc<InUse>,
}

impl Answering {
    /// A body of a connection in use.
    pub fn new(body: Body, in_use: Arc<InUse>) -> Self {
        Self { body, _use: in_use }
    }
}

impl HttpBody for Answering {
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
