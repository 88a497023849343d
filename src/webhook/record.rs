//! Records outcomes in the database: those of many webhooks in one transaction. A write that the database does not take
//! is tried again until it does.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use futures_util::future::{BoxFuture, FutureExt};
use tokio::sync::{mpsc, oneshot};
use tokio::task::JoinSet;

use crate::store::webhook::{Outcome, Passed};
use crate::store::{self, Store};

/// The most outcomes in one transaction.
const MAX_BATCH: usize = 256;
/// Number of entries that wait for the database, before tasks wait to add one.
const QUEUE: usize = 1_024;
/// Interval at which positions without a post are stored.
const PASS_INTERVAL: Duration = Duration::from_secs(1);
/// Pause before a write is tried again.
const RETRY_DELAY: Duration = Duration::from_secs(1);

enum Entry {
    Outcome(Outcome, oneshot::Sender<bool>),
    Passed(Passed),
}

/// The sending side of the queue of outcomes.
pub struct Recorder(mpsc::Sender<Entry>);

impl Recorder {
    /// Starts the task that writes.
    pub fn start(store: Store, tasks: &mut JoinSet<()>) -> Self {
        let (sender, receiver) = mpsc::channel(QUEUE);
        tasks.spawn(write(store, receiver));
        Self(sender)
    }

    /// Stores an outcome. Returns when it is durable; false if the webhook was edited or deleted meanwhile, so that the
    /// outcome does not count.
    pub async fn record(&self, outcome: Outcome) -> bool {
        let (done, recorded) = oneshot::channel();
        if self.0.send(Entry::Outcome(outcome, done)).await.is_err() {
            return false;
        }
        recorded.await.unwrap_or(false)
    }

    /// Stores within a second that a webhook has passed changes that its document does not select.
    pub async fn pass(&self, passed: Passed) {
        // The queue ends only with the program.
        drop(self.0.send(Entry::Passed(passed)).await);
    }
}

async fn write(store: Store, mut queue: mpsc::Receiver<Entry>) {
    let mut entries = Vec::with_capacity(MAX_BATCH);
    let mut passed: HashMap<String, Passed> = HashMap::new();
    let mut next_pass = Instant::now();
    loop {
        let wait = if passed.is_empty() {
            Duration::MAX
        } else {
            next_pass.saturating_duration_since(Instant::now())
        };
        if let Ok(0) = tokio::time::timeout(wait, queue.recv_many(&mut entries, MAX_BATCH)).await {
            return;
        }
        let (mut outcomes, mut waiting) = (Vec::new(), Vec::new());
        for entry in entries.drain(..) {
            match entry {
                Entry::Outcome(outcome, done) => {
                    outcomes.push(outcome);
                    waiting.push(done);
                }
                Entry::Passed(one) => {
                    if passed.is_empty() {
                        next_pass = Instant::now() + PASS_INTERVAL;
                    }
                    passed.insert(one.webhook.clone(), one);
                }
            }
        }
        if !outcomes.is_empty() {
            let recorded = until_done(|| record(&store, &outcomes)).await;
            // Without a result, the tasks end, and start again from the stored positions.
            for (done, is_current) in waiting.into_iter().zip(recorded.unwrap_or_default()) {
                // The task of the webhook may have ended.
                let _ = done.send(is_current);
            }
        }
        if !passed.is_empty() && next_pass <= Instant::now() {
            let all: Vec<Passed> = passed.drain().map(|(_, one)| one).collect();
            until_done(|| pass(&store, &all)).await;
        }
    }
}

fn record<'a>(
    store: &'a Store,
    outcomes: &'a [Outcome],
) -> BoxFuture<'a, Result<Vec<bool>, store::Error>> {
    async move { store.webhooks().record(outcomes).await }.boxed()
}

fn pass<'a>(store: &'a Store, passed: &'a [Passed]) -> BoxFuture<'a, Result<(), store::Error>> {
    async move { store.webhooks().pass(passed).await }.boxed()
}

/// Repeats a write while the database is away. `None` if the database refuses it.
async fn until_done<'a, T>(
    write: impl Fn() -> BoxFuture<'a, Result<T, store::Error>>,
) -> Option<T> {
    let mut was_away = false;
    loop {
        match write().await {
            Ok(done) => return Some(done),
            Err(error) if !error.is_away() => {
                tracing::error!(%error, "the positions of webhooks cannot be stored");
                return None;
            }
            Err(error) if was_away => tracing::debug!(%error, "webhooks wait for the database"),
            Err(error) => tracing::warn!(%error, "webhooks wait for the database"),
        }
        was_away = true;
        tokio::time::sleep(RETRY_DELAY).await;
    }
}
