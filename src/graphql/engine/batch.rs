//! Batched loading in rounds, on the task of the request. A round begins when every resolver that can run has queued
//! its loads and the previous round has ended. Loads that are requested side by side always share one statement; the
//! number of statements does not depend on which load ends first.
//!
//! The library's `DataLoader` spawns a delayed task for each batch. Here [`LoadQueue`] is the `Spawn`: it only queues
//! the task. [`NoDelay`] is the timer: it is ready at once. So no timer guesses when the last resolver has queued its
//! loads.

use std::future::{Future, poll_fn, ready};
use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll};
use std::time::Duration;

use async_graphql::dataloader::DataLoader;
use async_graphql::runtime::Timer;
use futures_util::future::{BoxFuture, FutureExt};
use futures_util::stream::{FuturesUnordered, Stream, StreamExt};
use futures_util::task::{FutureObj, Spawn, SpawnError};

use crate::engine::loader::{BatchReader, RequestLoader};
use crate::engine::rows::Rows;
use store::Store;

/// The `Spawn` of the library: a queue of loads that no round has started yet.
#[derive(Clone, Default)]
pub struct LoadQueue(Arc<Mutex<Vec<FutureObj<'static, ()>>>>);

impl Spawn for LoadQueue {
    fn spawn_obj(&self, load: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(load);
        Ok(())
    }
}

impl LoadQueue {
    /// Creates the loader that fills this queue.
    pub fn loader(&self, reader: BatchReader) -> DataLoader<BatchReader> {
        DataLoader::new(reader, self.clone(), NoDelay).max_batch_size(usize::MAX)
    }
}

/// A timer that is ready at once: rounds decide when a batch starts, not time.
struct NoDelay;

impl Timer for NoDelay {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        ready(()).boxed()
    }
}

/// Drives the loads of one request: the queued ones, and those of the running round.
pub struct Batches {
    queue: LoadQueue,
    /// `None` until a round begins.
    running: Option<FuturesUnordered<FutureObj<'static, ()>>>,
}

impl Batches {
    /// Creates the loader of a request, which reads and fills the row cache `rows`, and the driver of its loads.
    pub fn new(store: Store, rows: Rows) -> (RequestLoader, Self) {
        let queue = LoadQueue::default();
        let reader = BatchReader::new(store, rows);
        let loader = RequestLoader::new(reader, queue.clone());
        let running = None;
        (loader, Self { queue, running })
    }

    /// Starts the next round if none is running, and polls it. Returns true if a load ended: then the request can make
    /// progress.
    fn poll_round(&mut self, cx: &mut Context<'_>) -> bool {
        let running = self.running.get_or_insert_default();
        if running.is_empty() {
            let mut queue = self.queue.0.lock().unwrap_or_else(PoisonError::into_inner);
            running.extend(queue.drain(..));
        }
        matches!(running.poll_next_unpin(cx), Poll::Ready(Some(())))
    }

    /// Runs a request and its loads until the request has its answer.
    pub async fn run<F: Future>(mut self, request: F) -> F::Output {
        let mut request = pin!(request);
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(answer) = request.as_mut().poll(cx) {
                    return Poll::Ready(answer);
                }
                if !self.poll_round(cx) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// Runs a request with many answers. Returns each answer only after its round has ended, so that no load holds a
    /// database connection until the next answer is requested.
    pub fn stream<S: Stream + Unpin>(mut self, mut answers: S) -> impl Stream<Item = S::Item> {
        let mut ready = None;
        futures_util::stream::poll_fn(move |cx| {
            loop {
                if ready.is_none()
                    && let Poll::Ready(answer) = answers.poll_next_unpin(cx)
                {
                    ready = Some(answer);
                }
                if self.running.as_ref().is_none_or(FuturesUnordered::is_empty)
                    && let Some(answer) = ready.take()
                {
                    return Poll::Ready(answer);
                }
                if !self.poll_round(cx) {
                    return Poll::Pending;
                }
            }
        })
    }
}
