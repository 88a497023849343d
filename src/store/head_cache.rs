//! Cached head of the log. On an embedded database the cached head is reused while the WAL index is unchanged, which
//! proves that nothing was committed; a commit of this process caches its own head. Otherwise callers that wait at the same time share one query.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::Store;
use super::error::Error;
use super::head::{self, Head};
use super::wal_index::{WalIndex, WalStamp};

/// The cached head of the log.
pub(super) struct HeadCache {
    /// The WAL index of an embedded database.
    wal_index: Option<WalIndex>,
    /// The last head that was read or written, and the header of the WAL index from before it was read or after it was
    /// written.
    last_seen: Mutex<Option<(Head, WalStamp)>>,
    /// The last query: its start and its result.
    last_query: tokio::sync::Mutex<Option<(Instant, Head)>>,
}

impl HeadCache {
    /// An empty cache.
    pub fn new(wal_index: Option<WalIndex>) -> Self {
        Self {
            wal_index,
            last_seen: Mutex::default(),
            last_query: tokio::sync::Mutex::default(),
        }
    }

    /// The header of the WAL index of an embedded database.
    pub fn stamp(&self) -> Option<WalStamp> {
        self.wal_index.as_ref()?.stamp()
    }

    /// Caches a head. `stamp` is the header of the WAL index after the commit that wrote it.
    pub fn learn(&self, head: Head, stamp: WalStamp) {
        let mut last_seen = self
            .last_seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        *last_seen = Some((head, stamp));
    }

    fn at(&self, stamp: WalStamp) -> Option<Head> {
        let last_seen = *self
            .last_seen
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        last_seen
            .filter(|(_, before)| *before == stamp)
            .map(|(head, _)| head)
    }
}

impl Store {
    /// Returns the head of the log, whichever process writes. It includes every commit made before this call.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn newest(&self) -> Result<Head, Error> {
        let cache = &self.0.head_cache;
        if let Some(head) = cache.stamp().and_then(|stamp| cache.at(stamp)) {
            return Ok(head);
        }
        let called = Instant::now();
        let mut last_query = cache.last_query.lock().await;
        match *last_query {
            // A query that began after this call has answered it.
            Some((at, head)) if at >= called => Ok(head),
            _ => {
                let at = Instant::now();
                let head = self.read_head().await?;
                *last_query = Some((at, head));
                Ok(head)
            }
        }
    }

    /// Reads the head of the log from the database, caches it, and wakes followers if there is something new.
    pub(super) async fn read_head(&self) -> Result<Head, Error> {
        let cache = &self.0.head_cache;
        let before = cache.stamp();
        let found = head::read(self.reader()).await?;
        let head = Head::of(&found);
        if let Some(stamp) = before {
            cache.learn(head, stamp);
        }
        self.0.wake.reach(head.moment, found.touched);
        Ok(head)
    }
}
