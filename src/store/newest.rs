//! Where the log ends: without asking the database where that is certain, and else by one question for all who
//! want to know.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::Store;
use super::error::Error;
use super::head::{self, Head};

/// After how long a file that was written to shows it: clocks of file systems tick less often.
const SETTLED: Duration = Duration::from_millis(50);

/// Where the log ended when that was last seen.
#[derive(Default)]
pub(super) struct Newest {
    seen: Mutex<Option<Seen>>,
    /// What was asked last, and since when it is known.
    asked: tokio::sync::Mutex<Option<(Instant, Head)>>,
}

#[derive(Clone, Copy)]
struct Seen {
    head: Head,
    /// The journal of an embedded database as it was before.
    journal: Option<Journal>,
}

/// A journal grows, or is written anew, with every commit of whatever process.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Journal {
    length: u64,
    written: SystemTime,
}

impl Journal {
    fn of(file: &Path) -> Option<Self> {
        let found = std::fs::metadata(file).ok()?;
        Some(Self {
            length: found.len(),
            written: found.modified().ok()?,
        })
    }

    fn is_settled(&self) -> bool {
        let age = SystemTime::now().duration_since(self.written);
        age.is_ok_and(|age| age > SETTLED)
    }
}

impl Newest {
    /// The log was seen to end there, and it does not go back.
    pub fn see(&self, head: Head, journal: Option<Journal>) {
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_none_or(|seen| seen.head.moment <= head.moment) {
            *seen = Some(Seen { head, journal });
        }
    }

    /// Where it ends, if the journal was not written to since that was seen.
    fn unless_written(&self, journal: Journal) -> Option<Head> {
        let seen = *self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        seen.filter(|seen| seen.journal == Some(journal))
            .map(|seen| seen.head)
    }
}

impl Store {
    /// Where the log ends, whoever writes to it: nothing that was committed before this was called is behind it.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn newest(&self) -> Result<Head, Error> {
        let newest = &self.0.newest;
        let journal = self.journal();
        if let Some(head) = journal.and_then(|journal| newest.unless_written(journal)) {
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
        // What is written in the same tick of a clock could not be told from what was.
        let journal = self.journal().filter(Journal::is_settled);
        let found = head::read(self.reader()).await?;
        let head = Head::of(&found);
        self.0.newest.see(head, journal);
        self.0.wake.reach(head.moment, found.touched);
        Ok(head)
    }

    fn journal(&self) -> Option<Journal> {
        Journal::of(self.0.journal.as_deref()?)
    }
}
