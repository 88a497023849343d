//! Wakes followers: after a commit of this process, on a notice of the database, on a nudge from outside, and in any
//! case by a slow poll. A wake-up carries no data; followers always read the rows.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::address::Address;
use super::moment::Moment;
use super::{Inner, Reads, Store, backend, notice};

/// The default poll interval: a lost wake-up delays a change by this time, and loses none.
pub(super) const POLL_INTERVAL: Duration = Duration::from_secs(1);
/// The time after which a query for the head of the log is abandoned and sent again.
const HEAD_QUERY_TIMEOUT: Duration = Duration::from_secs(10);

/// The state of the log that is known in this process.
pub(super) struct Wake {
    /// The end of the log.
    pub head: watch::Sender<Moment>,
    /// The counter of touched contributions.
    pub touched: watch::Sender<i64>,
    /// Signals each commit of this process.
    pub own: watch::Sender<()>,
    nudges: Arc<Notify>,
    poll: Duration,
    watching: OnceLock<Watching>,
}

impl Wake {
    /// The state before the log was read. `poll` is the interval of the poll; 0 for the default.
    pub fn new(poll: Duration) -> Self {
        Self {
            head: watch::Sender::new(Moment(0)),
            touched: watch::Sender::new(0),
            own: watch::Sender::new(()),
            nudges: Arc::new(Notify::new()),
            poll: if poll.is_zero() { POLL_INTERVAL } else { poll },
            watching: OnceLock::new(),
        }
    }

    /// Publishes a state of the log to followers. An older state than the known one is ignored.
    pub fn reach(&self, head: Moment, touched: i64) {
        fn raise<T: Ord>(sender: &watch::Sender<T>, to: T) {
            sender.send_if_modified(|reached| {
                let is_news = to > *reached;
                if is_news {
                    *reached = to;
                }
                is_news
            });
        }
        raise(&self.head, head);
        raise(&self.touched, touched);
    }

    /// Stops the poll and the listener.
    pub fn stop(&self) {
        if let Some(watching) = self.watching.get() {
            watching.stop();
        }
    }
}

/// The tasks that watch the database; they end when the value is dropped.
struct Watching(Vec<JoinHandle<()>>);

impl Watching {
    fn stop(&self) {
        for task in &self.0 {
            task.abort();
        }
    }
}

impl Drop for Watching {
    fn drop(&mut self) {
        self.stop();
    }
}

impl Store {
    /// Returns the known state of the log, and starts the tasks that keep it current, if they do not run yet.
    pub(super) fn watched(&self) -> &Wake {
        let wake = &self.0.wake;
        wake.watching.get_or_init(|| {
            let nudges = Arc::clone(&wake.nudges);
            let mut tasks = vec![tokio::spawn(poll_head(Arc::downgrade(&self.0), nudges))];
            if backend::has_notices(self.connection()) {
                let nudges = Arc::clone(&wake.nudges);
                tasks.push(tokio::spawn(listen_for_notices(
                    self.0.address.clone(),
                    nudges,
                )));
            }
            Watching(tasks)
        });
        wake
    }

    /// The end of the log that is known in this process.
    pub fn reached(&self) -> Moment {
        *self.watched().head.borrow()
    }

    /// The end of the log that is known in this process, from its commits, its queries and its followers.
    pub fn known(&self) -> Moment {
        *self.0.wake.head.borrow()
    }

    /// Signals each new end of the log that becomes known in this process.
    pub fn log_ends(&self) -> watch::Receiver<Moment> {
        self.watched().head.subscribe()
    }

    /// Signals each new value of the counter that contributions and webhooks raise when they change.
    pub fn touches(&self) -> watch::Receiver<i64> {
        self.watched().touched.subscribe()
    }

    /// The number of followers of contributions in this process.
    pub fn contribution_followers(&self) -> usize {
        self.0.wake.touched.receiver_count()
    }

    /// Makes the watching task look for something new at once.
    pub fn nudge(&self) {
        self.0.wake.nudges.notify_one();
    }

    /// Signals each commit of this process that others may wait for.
    pub fn own_commits(&self) -> watch::Receiver<()> {
        self.0.wake.own.subscribe()
    }
}

/// Reads the head of the log after each nudge, and at the latest after the poll interval.
async fn poll_head(store: Weak<Inner>, nudges: Arc<Notify>) {
    let mut was_away = false;
    loop {
        let Some(inner) = store.upgrade() else { return };
        let store = Store(inner, Reads::Any);
        let head = timeout(HEAD_QUERY_TIMEOUT, store.read_head()).await;
        let is_away = !matches!(head, Ok(Ok(_)));
        match head {
            Ok(Err(error)) if !was_away => {
                tracing::warn!(%error, "followers wait for the database");
            }
            Err(_) if !was_away => {
                tracing::warn!("followers wait for the database: it did not answer in time");
            }
            Ok(_) | Err(_) => {}
        }
        was_away = is_away;
        let wait = if is_away {
            POLL_INTERVAL
        } else {
            store.0.wake.poll
        };
        drop(store);
        // A timeout is not an error: the next turn reads again.
        drop(timeout(wait, nudges.notified()).await);
    }
}

/// Turns notices of the database into nudges. While the database is away, only the poll finds changes.
async fn listen_for_notices(address: Address, nudges: Arc<Notify>) {
    let mut was_away = false;
    loop {
        let on_notice = || {
            nudges.notify_one();
            was_away = false;
        };
        if let Err(error) = notice::listen(&address, on_notice).await
            && !was_away
        {
            tracing::warn!(%error, "no notices of the database: followers poll");
            was_away = true;
        }
        tokio::time::sleep(POLL_INTERVAL).await;
    }
}
