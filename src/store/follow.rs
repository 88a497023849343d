//! Follows the change log and the contributions: scan, wait for a wake-up, scan again.
//! Each follower has a position of its own, so a slow follower misses nothing.

use std::fmt::Display;
use std::future::Future;

use futures_util::Stream;
use tokio::sync::watch;

use super::Store;
use super::moment::Moment;
use super::wake::POLL_INTERVAL;

/// Streams batches after a position, and goes on whenever more is written.
/// Each batch returns the position up to which it has read. A batch that fails is read again after a pause.
pub(super) fn followed<P, T, E, Batch>(
    woken: watch::Receiver<P>,
    after: P,
    batch: impl Fn(P) -> Batch + Send,
) -> impl Stream<Item = T> + Send
where
    P: Copy + Ord + Send + Sync,
    T: Send,
    E: Display + Send,
    Batch: Future<Output = Result<(T, P), E>> + Send,
{
    let start = (woken, after, batch);
    futures_util::stream::unfold(start, |(mut woken, after, batch)| async move {
        loop {
            // The stream ends when the store is dropped, because then nobody sends wake-ups.
            woken.wait_for(|reached| *reached > after).await.ok()?;
            match batch(after).await {
                Ok((found, to)) => return Some((found, (woken, to, batch))),
                Err(error) => {
                    tracing::warn!(%error, "a follower waits for the database");
                    tokio::time::sleep(POLL_INTERVAL).await;
                }
            }
        }
    })
}

/// The position up to which a batch has read: the end of the log if the batch was not full, else its last row.
pub(super) fn read_to(rows: usize, batch: u64, last: Option<i64>, end: i64) -> i64 {
    if u64::try_from(rows).is_ok_and(|rows| rows < batch) {
        end
    } else {
        last.unwrap_or(end)
    }
}

impl Store {
    /// Calls `batch` again and again along the log after a moment, first up to its end and then as it grows.
    /// Every change is covered once and in order, provided that each batch returns the moment up to which it has read.
    pub fn follow<T, E, Batch, Scan>(
        &self,
        after: Moment,
        batch: Scan,
    ) -> impl Stream<Item = T> + Send + use<T, E, Batch, Scan>
    where
        T: Send,
        E: Display + Send,
        Batch: Future<Output = Result<(T, Moment), E>> + Send,
        Scan: Fn(Moment) -> Batch + Send,
    {
        followed(self.watched().head.subscribe(), after, batch)
    }
}
