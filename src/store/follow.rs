//! Following what is kept: scan, wait for a wake-up or a slow poll, scan again.

use std::future::Future;
use std::time::Duration;

use futures_util::Stream;
use tokio::sync::watch;

use super::Store;
use super::change::{Filter, Followed};
use super::error::Error;
use super::moment::Moment;

/// How many changes are read at once.
const BATCH: u64 = 200;
/// How long a follower waits at most: a lost wake-up costs this, never a change.
const POLL: Duration = Duration::from_secs(1);

/// Something that is read on, batch by batch, from where it was read to.
pub(super) trait Scan: Send + 'static {
    /// What is read.
    type Item: Send;
    /// What a wake-up carries, at which nobody looks.
    type Wake: Send + Sync;

    /// Reads on; `None` where there is nothing new.
    fn batch(&mut self) -> impl Future<Output = Result<Option<Vec<Self::Item>>, Error>> + Send;

    /// What says that there may be something new.
    fn woken(&mut self) -> &mut watch::Receiver<Self::Wake>;
}

/// All that a scan reads, and then what there will be. A wake-up only says that there may be something
/// new: the rows are always read.
pub(super) fn followed<S: Scan>(scan: S) -> impl Stream<Item = S::Item> + Send + use<S> {
    let start = (scan, Vec::new().into_iter());
    futures_util::stream::unfold(start, |(mut scan, mut found)| async move {
        loop {
            if let Some(item) = found.next() {
                return Some((item, (scan, found)));
            }
            scan.woken().mark_unchanged();
            let batch = scan.batch().await.unwrap_or_else(|error| {
                tracing::warn!(%error, "a follower waits for the database");
                None
            });
            match batch {
                Some(batch) => found = batch.into_iter(),
                // Woken or not, it looks again: a wake-up carries nothing.
                None => drop(tokio::time::timeout(POLL, scan.woken().changed()).await),
            }
        }
    })
}

/// How far a batch has read: to the end where it was not full, else to its last row.
pub(super) fn read_to(rows: usize, batch: u64, last: Option<i64>, end: i64) -> i64 {
    if u64::try_from(rows).is_ok_and(|rows| rows < batch) {
        end
    } else {
        last.unwrap_or(end)
    }
}

impl Store {
    /// Every change after a moment, once and in order, and then those to come.
    pub fn follow(
        &self,
        filter: Filter,
        after: Moment,
    ) -> impl Stream<Item = Followed> + Send + use<> {
        followed(Log {
            store: self.clone(),
            filter,
            woken: self.0.woken.subscribe(),
            after,
        })
    }
}

struct Log {
    store: Store,
    filter: Filter,
    woken: watch::Receiver<Moment>,
    after: Moment,
}

impl Scan for Log {
    type Item = Followed;
    type Wake = Moment;

    async fn batch(&mut self) -> Result<Option<Vec<Followed>>, Error> {
        let head = self.store.head().await?.moment;
        if head <= self.after {
            return Ok(None);
        }
        let found = self
            .store
            .changes_after(&self.filter, self.after, head, BATCH)
            .await?;
        let last = found.last().map(|change| change.row.sequence);
        self.after = Moment(read_to(found.len(), BATCH, last, head.0));
        Ok(Some(found))
    }

    fn woken(&mut self) -> &mut watch::Receiver<Moment> {
        &mut self.woken
    }
}
