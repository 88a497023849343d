//! The response cache: finished answers of queries. Each key contains everything on which the answer depends, so a
//! cached answer is never stale.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::document::Question;
use crate::engine::cache::{Bounded, bounded};
use crate::engine::figures::{Found, Hits};
use domain::date::Day;
use domain::viewer::Role;
use store::moment::Moment;

/// Maximum size of the cache, in bytes.
const KEPT: u64 = 8 * 1024 * 1024;
/// Overhead of an entry besides its bytes, in bytes.
const BESIDE: usize = 256;

/// Everything on which an answer depends besides the question: the data, the day and the rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// The moment: the end of the log.
    pub moment: Moment,
    /// The as-of date: today.
    pub day: Day,
    /// The role of the viewer. Shared answers depend on nothing else of the viewer.
    pub role: Role,
}

/// The key of an answer. Answers that differ have different keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// The question.
    pub question: Question,
    /// The data, the day and the rights from which it was answered.
    pub version: Version,
}

/// The response cache. Contains answers of one moment and one day: the newest.
pub struct Answers {
    kept: Bounded<Key, Bytes>,
    /// The moment and the day of all cached answers.
    newest: Mutex<(Moment, Day)>,
    hits: Hits,
}

impl Default for Answers {
    fn default() -> Self {
        Self {
            kept: bounded(KEPT, |_, body| body.len().saturating_add(BESIDE)),
            newest: Mutex::new((Moment::default(), Day::FIRST)),
            hits: Hits::default(),
        }
    }
}

impl Answers {
    /// Looks up an answer, and counts a hit or a miss.
    pub fn get(&self, key: &Key) -> Option<Bytes> {
        self.hits.count(self.kept.get(key))
    }

    /// Looks up an answer, and counts a hit only: after a miss, the caller looks it up again with [`Self::get`].
    pub fn again(&self, key: &Key) -> Option<Bytes> {
        let found = self.kept.get(key)?;
        self.hits.count(Some(found))
    }

    /// Stores an answer of the newest moment and day. A newer one than before empties the cache; an older one is not
    /// stored.
    pub fn keep(&self, key: Key, body: Bytes) {
        let version = (key.version.moment, key.version.day);
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if *newest < version {
            *newest = version;
            self.kept.clear();
        }
        if *newest == version {
            self.kept.insert(key, body);
        }
    }

    /// Hits and misses so far.
    pub fn found(&self) -> Found {
        self.hits.found()
    }
}
