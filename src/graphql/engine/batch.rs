//! Loads run on the task of the request, in rounds: a round begins when all its resolvers have asked and
//! the round before has ended. So what is asked side by side is always loaded by one statement, no
//! timer has to guess when everybody has asked, and the number of statements does not depend on
//! which load happens to end first.

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

use crate::engine::loads::{Loads, Reader};
use crate::engine::rows::Rows;
use store::Store;

/// The loads that were asked for and not started yet.
#[derive(Clone, Default)]
struct Asked(Arc<Mutex<Vec<FutureObj<'static, ()>>>>);

impl Spawn for Asked {
    fn spawn_obj(&self, load: FutureObj<'static, ()>) -> Result<(), SpawnError> {
        self.0
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .push(load);
        Ok(())
    }
}

struct NoDelay;

impl Timer for NoDelay {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        ready(()).boxed()
    }
}

/// The loads of one request.
pub struct Batches {
    asked: Asked,
    running: FuturesUnordered<FutureObj<'static, ()>>,
}

impl Batches {
    /// A loader, which shares what it reads, and what drives it.
    pub fn new(store: Store, rows: Rows) -> (Loads, Self) {
        let asked = Asked::default();
        let reader = Reader::new(store, rows);
        let loader = DataLoader::new(reader, asked.clone(), NoDelay).max_batch_size(usize::MAX);
        let running = FuturesUnordered::new();
        (Loads::new(loader), Self { asked, running })
    }

    /// Lets the loads go on; true where one ended, so that the request can go on too.
    fn turn(&mut self, cx: &mut Context<'_>) -> bool {
        if self.running.is_empty() {
            let mut asked = self.asked.0.lock().unwrap_or_else(PoisonError::into_inner);
            self.running.extend(asked.drain(..));
        }
        matches!(self.running.poll_next_unpin(cx), Poll::Ready(Some(())))
    }

    /// Runs a request to its end.
    pub async fn run<F: Future>(mut self, request: F) -> F::Output {
        let mut request = pin!(request);
        poll_fn(|cx| {
            loop {
                if let Poll::Ready(answer) = request.as_mut().poll(cx) {
                    return Poll::Ready(answer);
                }
                if !self.turn(cx) {
                    return Poll::Pending;
                }
            }
        })
        .await
    }

    /// The same for a request with many answers. An answer is given once the round has ended: until the next is asked
    /// for, no load has a connection to the database.
    pub fn stream<S: Stream + Unpin>(mut self, mut answers: S) -> impl Stream<Item = S::Item> {
        let mut ready = None;
        futures_util::stream::poll_fn(move |cx| {
            loop {
                if ready.is_none()
                    && let Poll::Ready(answer) = answers.poll_next_unpin(cx)
                {
                    ready = Some(answer);
                }
                if self.running.is_empty()
                    && let Some(answer) = ready.take()
                {
                    return Poll::Ready(answer);
                }
                if !self.turn(cx) {
                    return Poll::Pending;
                }
            }
        })
    }
}
