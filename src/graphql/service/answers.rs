//! Answers that were given already. They are of one version of the world, and so never stale: whoever asks
//! at another is answered anew.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::document::Question;
use crate::engine::cache::{Bounded, bounded};
use crate::engine::figures::{Found, Hits};
use domain::date::Day;
use domain::viewer::Role;
use store::moment::Moment;

/// The size of all that are kept, in bytes.
const KEPT: u64 = 8 * 1024 * 1024;
/// What an answer takes beside its bytes.
const BESIDE: usize = 256;

/// The world as an answer saw it: all that it depends on, beside the question.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Version {
    /// The end of the log.
    pub moment: Moment,
    /// The day.
    pub day: Day,
    /// What who asks may do.
    pub role: Role,
}

/// Names an answer among all: no two that differ have the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Key {
    /// What was asked.
    pub question: Question,
    /// The world that it was answered from.
    pub version: Version,
}

/// The answers.
pub struct Answers {
    kept: Bounded<Key, Bytes>,
    /// The moment and the day that they are of.
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
    /// The answer with a name, where it was given.
    pub fn get(&self, key: &Key) -> Option<Bytes> {
        self.hits.count(self.kept.get(key))
    }

    /// The same where it is looked for again if it is not there, and is missed then.
    pub fn again(&self, key: &Key) -> Option<Bytes> {
        let found = self.kept.get(key)?;
        self.hits.count(Some(found))
    }

    /// Keeps an answer of the newest moment and day; those of older ones go.
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

    /// How often an answer was there.
    pub fn found(&self) -> Found {
        self.hits.found()
    }
}
