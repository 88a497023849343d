//! Where the log ends: without a question where it is certain that nothing was committed since the last one, and else
//! by one question for all who want to know.

use std::sync::{Mutex, PoisonError};
use std::time::Instant;

use super::Store;
use super::error::Error;
use super::head::{self, Head};
use super::journal::{Journal, Mark};

/// What is known of the end of the log.
pub(super) struct Newest {
    /// Where the database is embedded.
    journal: Option<Journal>,
    /// Where it ended, and the mark of the journal before that was read.
    seen: Mutex<Option<(Head, Mark)>>,
    /// What was asked last, and since when it is known.
    asked: tokio::sync::Mutex<Option<(Instant, Head)>>,
}

impl Newest {
    /// Nothing is known yet.
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
    /// Where the log ends, whoever writes to it: nothing that was committed before this was called is behind it.
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
            // Somebody asked after this was called.
            Some((at, head)) if at >= called => Ok(head),
            _ => {
                let at = Instant::now();
                let head = self.look_at_head().await?;
                *asked = Some((at, head));
                Ok(head)
            }
        }
    }

    /// Reads where the log ends.
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
