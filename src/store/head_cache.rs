//! Cached head of the log. On an embedded database the cached head is reused while the WAL index is unchanged, which
//! proves that nothing was committed; a commit of this process caches its own head. Otherwise callers that wait at the same
//! time share one query. Callers that allow it get a head of a moment ago without a query.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sea_orm::DbErr;

use super::Store;
use super::error::Error;
use super::head::{self, Head};
use super::moment::Moment;
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
    /// The age up to which a head is given to callers that allow it.
    max_staleness: Duration,
    /// The start of the newest look at the head, by a caller or by the poll, and its result.
    last_look: Mutex<Option<SeenHead>>,
}

/// The head of the log, and when it was looked at: it includes every commit that was made before.
#[derive(Clone, Copy, Debug)]
pub struct SeenHead {
    /// The head of the log.
    pub head: Head,
    /// The start of the look.
    pub seen_at: Instant,
}

impl HeadCache {
    /// An empty cache.
    pub fn new(wal_index: Option<WalIndex>, max_staleness: Duration) -> Self {
        Self {
            wal_index,
            last_seen: Mutex::default(),
            last_query: tokio::sync::Mutex::default(),
            max_staleness,
            last_look: Mutex::default(),
        }
    }

    /// The result of a look that is not too old, and not behind a moment.
    fn recent(&self, least: Moment) -> Option<SeenHead> {
        let last_look = *self
            .last_look
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        last_look.filter(|look| {
            look.head.moment >= least && look.seen_at.elapsed() <= self.max_staleness
        })
    }

    fn note_look(&self, look: SeenHead) {
        if self.max_staleness.is_zero() {
            return;
        }
        let mut last_look = self
            .last_look
            .lock()
            .unwrap_or_else(PoisonError::into_inner);
        if last_look.is_none_or(|last| last.seen_at < look.seen_at) {
            *last_look = Some(look);
        }
    }

    /// The header of the WAL index of an embedded database.
    pub fn stamp(&self) -> Option<WalStamp> {
        self.wal_index.as_ref()?.stamp()
    }

    /// Closes the WAL index of an embedded database.
    ///
    /// # Errors
    /// A database error.
    pub async fn close(&self) -> Result<(), DbErr> {
        match &self.wal_index {
            Some(wal_index) => wal_index.close().await,
            None => Ok(()),
        }
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
    /// Returns the head of the log like [`Self::newest`], but only if that takes no query.
    pub fn newest_cached(&self) -> Option<Head> {
        let cache = &self.0.head_cache;
        cache.stamp().and_then(|stamp| cache.at(stamp))
    }

    /// Returns the head of the log, whichever process writes. It includes every commit made before this call.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn newest(&self) -> Result<Head, Error> {
        if let Some(head) = self.newest_cached() {
            return Ok(head);
        }
        let called = Instant::now();
        let mut last_query = self.0.head_cache.last_query.lock().await;
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

    /// The age that an answer may have.
    pub fn max_staleness(&self) -> Duration {
        self.0.head_cache.max_staleness
    }

    /// Returns the head of the log as it was at most [`Self::max_staleness`] before this call. It is never behind `least`,
    /// if the log has that moment, and never behind what this process knows: its own commits and earlier answers.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn recent(&self, least: Moment) -> Result<SeenHead, Error> {
        let called = Instant::now();
        let cache = &self.0.head_cache;
        // With a WAL index, the newest head takes no query.
        if !cache.max_staleness.is_zero() && cache.wal_index.is_none() {
            let known = self.known();
            if let Some(seen) = cache.recent(least.max(known)) {
                return Ok(seen);
            }
        }
        let head = self.newest().await?;
        Ok(SeenHead {
            head,
            seen_at: called,
        })
    }

    /// Reads the head of the log from the database, caches it, and wakes followers if there is something new.
    pub(super) async fn read_head(&self) -> Result<Head, Error> {
        let cache = &self.0.head_cache;
        let before = cache.stamp();
        let seen_at = Instant::now();
        // Of the primary, whatever this store reads from.
        let found = head::read(&self.0.reader).await?;
        let head = Head::of(&found);
        cache.note_look(SeenHead { head, seen_at });
        if let Some(stamp) = before {
            cache.learn(head, stamp);
        }
        self.0.wake.reach(head.moment, found.touched);
        Ok(head)
    }
}
