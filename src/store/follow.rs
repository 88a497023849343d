//! Following what is kept: scan, wait until there is more, scan again. Where a follower is, it says itself: a
//! slow one is never skipped.

use std::fmt::Display;
use std::future::Future;

use futures_util::Stream;
use tokio::sync::watch;

use super::Store;
use super::moment::Moment;
use super::wake::POLL;

/// What is read behind one position after the other, and then what there will be. A batch says how far it
/// has read; one that cannot be read is asked for again.
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
            // It ends where nobody is left to say that there is more.
            woken.wait_for(|reached| *reached > after).await.ok()?;
            match batch(after).await {
                Ok((found, to)) => return Some((found, (woken, to, batch))),
                Err(error) => {
                    tracing::warn!(%error, "a follower waits");
                    tokio::time::sleep(POLL).await;
                }
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
    /// What `batch` makes of the log behind a moment, again and again, as far as the log goes and then as it
    /// goes on: once and in order, if each batch says the moment that it has read to.
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
