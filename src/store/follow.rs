//! Following the log: scan, wait for a wake-up or a slow poll, scan again.

use std::time::Duration;

use futures_util::Stream;

use super::Store;
use super::change::{Filter, Followed};
use super::error::Error;
use super::moment::Moment;

/// How many changes are read at once.
const BATCH: u64 = 200;
/// How long a follower waits at most: a lost wake-up costs this, never a change.
const POLL: Duration = Duration::from_secs(1);

impl Store {
    /// Every change after a moment, once and in order, and then those to come.
    ///
    /// A wake-up only says that there may be something new: the rows are always read from the log.
    pub fn follow(
        &self,
        filter: Filter,
        after: Moment,
    ) -> impl Stream<Item = Followed> + Send + use<> {
        let store = self.clone();
        let woken = self.0.woken.subscribe();
        let start = Scan {
            store,
            filter,
            woken,
            after,
            found: Vec::new().into_iter(),
        };
        futures_util::stream::unfold(start, |mut scan| async move {
            loop {
                if let Some(change) = scan.found.next() {
                    return Some((change, scan));
                }
                let more = scan.next_batch().await.unwrap_or_else(|error| {
                    tracing::warn!(%error, "a follower waits for the database");
                    false
                });
                if !more {
                    // Woken or not, it looks again: a wake-up carries nothing.
                    let _ = tokio::time::timeout(POLL, scan.woken.changed()).await;
                }
            }
        })
    }
}

struct Scan {
    store: Store,
    filter: Filter,
    woken: tokio::sync::watch::Receiver<Moment>,
    after: Moment,
    found: std::vec::IntoIter<Followed>,
}

impl Scan {
    /// Reads on; false where the log holds nothing more.
    async fn next_batch(&mut self) -> Result<bool, Error> {
        self.woken.mark_unchanged();
        let head = self.store.head().await?.moment;
        if head <= self.after {
            return Ok(false);
        }
        let found = self
            .store
            .changes_after(&self.filter, self.after, head, BATCH)
            .await?;
        let is_whole = u64::try_from(found.len()).is_ok_and(|read| read < BATCH);
        let last = found.last().map(|change| Moment(change.row.sequence));
        self.after = if is_whole { head } else { last.unwrap_or(head) };
        self.found = found.into_iter();
        Ok(true)
    }
}
