//! The response cache: finished answers of queries. Each key contains everything on which the answer depends, so a
//! cached answer is never stale.

use std::sync::{Mutex, PoisonError};

use bytes::Bytes;

use crate::document::Question;
use crate::engine::cache::{Bounded, bounded, size_of};
use crate::engine::stats::{CacheSize, HitCounter, HitCounts};
use domain::date::Date;
use domain::viewer::Role;
use store::moment::Moment;

/// Maximum size of the cache, in bytes.
const CACHE_BYTES: u64 = 8 * 1024 * 1024;
/// Overhead of an entry besides its bytes, in bytes.
const ENTRY_OVERHEAD: usize = 256;

/// Everything on which an answer depends besides the question: the data, the day and the rights.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnswerVersion {
    /// The moment: the end of the log.
    pub moment: Moment,
    /// The as-of date: today.
    pub day: Date,
    /// The role of the viewer. Shared answers depend on nothing else of the viewer.
    pub role: Role,
}

/// The key of an answer. Answers that differ have different keys.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct AnswerKey {
    /// The question.
    pub question: Question,
    /// The data, the day and the rights from which it was answered.
    pub version: AnswerVersion,
}

/// The response cache. Contains answers of one moment and one day: the newest.
pub struct ResponseCache {
    bodies: Bounded<AnswerKey, Bytes>,
    /// The moment and the day of all cached answers.
    newest: Mutex<(Moment, Date)>,
    hits: HitCounter,
}

impl Default for ResponseCache {
    fn default() -> Self {
        Self {
            bodies: bounded(CACHE_BYTES, |_, body| {
                body.len().saturating_add(ENTRY_OVERHEAD)
            }),
            newest: Mutex::new((Moment::default(), Date::FIRST)),
            hits: HitCounter::default(),
        }
    }
}

impl ResponseCache {
    /// Looks up an answer, and counts a hit or a miss.
    pub fn get(&self, key: &AnswerKey) -> Option<Bytes> {
        self.hits.count(self.bodies.get(key))
    }

    /// Looks up an answer, and counts a hit only: after a miss, the caller looks it up again with [`Self::get`].
    pub fn get_hit(&self, key: &AnswerKey) -> Option<Bytes> {
        let found = self.bodies.get(key)?;
        self.hits.count(Some(found))
    }

    /// Stores an answer of the newest moment and day. A newer one than before empties the cache; an older one is not
    /// stored.
    pub fn insert(&self, key: AnswerKey, body: &[u8]) {
        let version = (key.version.moment, key.version.day);
        let mut newest = self.newest.lock().unwrap_or_else(PoisonError::into_inner);
        if *newest < version {
            *newest = version;
            self.bodies.clear();
        }
        if *newest == version {
            // The buffer of the answer itself may be larger than the answer.
            self.bodies.insert(key, Bytes::copy_from_slice(body));
        }
    }

    /// The size of the cache.
    pub fn size(&self) -> CacheSize {
        size_of(&self.bodies)
    }

    /// Hits and misses so far.
    pub fn counts(&self) -> HitCounts {
        self.hits.counts()
    }
}
