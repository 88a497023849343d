//! What wakes followers: a commit of this process, a notice of the database, a word from outside, and a slow
//! poll beneath them all. A wake-up carries nothing: the rows are always read.

use std::sync::{Arc, OnceLock, Weak};
use std::time::Duration;

use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::timeout;

use super::address::Address;
use super::moment::Moment;
use super::{Inner, Store, backend, head, notice};

/// How long a follower waits at most: a lost wake-up costs this, never a change.
pub(super) const POLL: Duration = Duration::from_secs(1);
/// How long the database may take to say how far the log has come, until it is asked anew.
const PATIENCE: Duration = Duration::from_secs(10);

/// How far things have come, as is known in this process.
pub(super) struct Wake {
    /// The end of the log.
    pub head: watch::Sender<Moment>,
    /// How often contributions were touched.
    pub touched: watch::Sender<i64>,
    /// What this process committed.
    pub own: watch::Sender<()>,
    nudged: Arc<Notify>,
    poll: Duration,
    watching: OnceLock<Watching>,
}

impl Wake {
    /// Things have come so far, and are looked for so often; 0 for as often as is usual.
    pub fn new(head: &head::Model, poll: Duration) -> Self {
        Self {
            head: watch::Sender::new(Moment(head.sequence)),
            touched: watch::Sender::new(head.touched),
            own: watch::Sender::new(()),
            nudged: Arc::new(Notify::new()),
            poll: if poll.is_zero() { POLL } else { poll },
            watching: OnceLock::new(),
        }
    }

    /// Tells followers how far things have come; they never go back.
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

    /// Looks no more.
    pub fn stop(&self) {
        if let Some(watching) = self.watching.get() {
            watching.stop();
        }
    }
}

/// What looks how far things have come, until it is dropped.
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
    /// How far the log has come, and then whenever it goes on: told by whoever commits here, and found where
    /// others do.
    pub(super) fn watched(&self) -> &Wake {
        let wake = &self.0.wake;
        wake.watching.get_or_init(|| {
            let nudged = Arc::clone(&wake.nudged);
            let mut tasks = vec![tokio::spawn(look(Arc::downgrade(&self.0), nudged))];
            if backend::has_notices(self.reader()) {
                let nudged = Arc::clone(&wake.nudged);
                tasks.push(tokio::spawn(listen(self.0.address.clone(), nudged)));
            }
            Watching(tasks)
        });
        wake
    }

    /// How far the log has come, as is known in this process.
    pub fn reached(&self) -> Moment {
        *self.watched().head.borrow()
    }

    /// How many follow contributions in this process.
    pub fn contribution_followers(&self) -> usize {
        self.0.wake.touched.receiver_count()
    }

    /// Somebody says that there may be something new.
    pub fn nudge(&self) {
        self.0.wake.nudged.notify_one();
    }

    /// Whenever this process commits something that others may wait for.
    pub fn own_commits(&self) -> watch::Receiver<()> {
        self.0.wake.own.subscribe()
    }
}

/// Looks how far things have come, whenever it is nudged and else now and then.
async fn look(store: Weak<Inner>, nudged: Arc<Notify>) {
    let mut was_away = false;
    loop {
        let Some(inner) = store.upgrade() else { return };
        let store = Store(inner);
        let head = timeout(PATIENCE, store.look_at_head()).await;
        let is_away = !matches!(head, Ok(Ok(_)));
        match head {
            Ok(Err(error)) if !was_away => {
                tracing::warn!(%error, "followers wait for the database");
            }
            Err(_) if !was_away => {
                tracing::warn!("followers wait for the database, which is silent");
            }
            Ok(_) | Err(_) => {}
        }
        was_away = is_away;
        let wait = if is_away { POLL } else { store.0.wake.poll };
        drop(store);
        // Nudged or not, it looks again.
        drop(timeout(wait, nudged.notified()).await);
    }
}

/// Passes on the notices of the database; while it is away, the poll has to do.
async fn listen(address: Address, nudged: Arc<Notify>) {
    let mut was_away = false;
    loop {
        let heard = || {
            nudged.notify_one();
            was_away = false;
        };
        if let Err(error) = notice::listen(&address, heard).await
            && !was_away
        {
            tracing::warn!(%error, "no notices of the database: followers poll");
            was_away = true;
        }
        tokio::time::sleep(POLL).await;
    }
}
