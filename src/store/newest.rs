//! Cached head of the log. On an embedded database the cached head is reused while the WAL index is unchanged, which
//! proves that nothing was committed. Otherwise callers that wait at the same time share one query.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::Store;
use super::error::Error;
use super::head::{self, Head};
use super::journal::{Journal, Mark};

/// The cached head of the log.
pub(super) struct Newest {
    /// The WAL index of an embedded database.
    journal: Option<Journal>,
    /// The last head that was read, and the header of the WAL index from before it was read.
    seen: Mutex<Option<(Head, Mark)>>,
    /// The last query: its start and its result.
    asked: tokio::sync::Mutex<Option<(Instant, Head)>>,
}

impl Newest {
    /// An empty cache.
    pub fn new(journal: Option<Journal>) -> Self {
        Self {
            journal,
            seen: Mutex::default(),
            asked: tokio::sync::Mutex::default(),
        }
    }

    fn mark(&self) -> Option<Mark> {
        self.journal.as_ref()?.mark()
    }

    fn at(&self, mark: Mark) -> Option<Head> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|(_, before)| *before == mark)
            .map(|(head, _)| head)
    }
}

impl Store {
    /// Returns the head of the log, whichever process writes. It includes every commit made before this call.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn newest(&self) -> Result<Head, Error> {
        let newest = &self.0.newest;
        if let Some(head) = newest.mark().and_then(|mark| newest.at(mark)) {
            return Ok(head);
        }
        let called = Instant::now();
        let mut asked = newest.asked.lock().await;
        match *asked {
            // A query that began after this call has answered it.
            Some((at, head)) if at >= called => Ok(head),
            _ => {
                let at = Instant::now();
                let head = self.look_at_head().await?;
                *asked = Some((at, head));
                Ok(head)
            }
        }
    }

    /// Reads the head of the log from the database, caches it, and wakes followers if there is something new.
    pub(super) async fn look_at_head(&self) -> Result<Head, Error> {
        let newest = &self.0.newest;
        let before = newest.mark();
        let found = head::read(self.reader()).await?;
        let head = Head::of(&found);
        if let Some(mark) = before {
            let mut seen = newest.seen.lock().unwrap_or_else(PoisonError::into_inner);
            *seen = Some((head, mark));
        }
        self.0.wake.reach(head.moment, found.touched);
        Ok(head)
    }
}
