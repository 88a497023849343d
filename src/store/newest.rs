//! Where the log ends, without asking the database where that is certain.

use std::path::Path;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant, SystemTime};

use super::error::Error;
use super::head::{self, Head};
use super::{Store, connect};

/// How long what is known of a database of many nodes holds, unless it is confirmed: longer than between two
/// polls.
const CONFIRMED: Duration = Duration::from_secs(3);
/// After how long a file that was written to shows it: clocks of file systems tick less often.
const SETTLED: Duration = Duration::from_millis(50);

/// Where the log ended when that was last seen.
#[derive(Default)]
pub(super) struct Newest(Mutex<Option<Seen>>);

#[derive(Clone, Copy)]
struct Seen {
    head: Head,
    at: Instant,
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
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_none_or(|seen| seen.head.moment <= head.moment) {
            let at = Instant::now();
            *seen = Some(Seen { head, at, journal });
        }
    }

    fn seen(&self) -> Option<Seen> {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Store {
    /// Where the log ends, as is known here: exactly where the database is embedded, whoever writes to it; and
    /// of one that other nodes write to as well, as of their last notice, or of the last poll.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn newest(&self) -> Result<Head, Error> {
        let journal = self.journal();
        if let Some(seen) = self.0.newest.seen() {
            let is_certain = match journal {
                Some(journal) => seen.journal == Some(journal),
                None => connect::has_notices(self.writer()) && seen.at.elapsed() < CONFIRMED,
            };
            if is_certain {
                return Ok(seen.head);
            }
        }
        self.look_at_head().await
    }

    /// Reads where the log ends.
    pub(super) async fn look_at_head(&self) -> Result<Head, Error> {
        self.watched();
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
