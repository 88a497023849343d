//! Answers that were given already. They are of one version of the world, and so never stale: whoever asks
//! at another is answered anew.

use bytes::Bytes;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;

use crate::document::Question;
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
    kept: Cache<Key, Bytes>,
    hits: Hits,
}

impl Default for Answers {
    fn default() -> Self {
        let weigh = |_: &Key, body: &Bytes| {
            u32::try_from(body.len().saturating_add(BESIDE)).unwrap_or(u32::MAX)
        };
        Self {
            // Those of an older version go first, however often they were asked for.
            kept: Cache::builder()
                .max_capacity(KEPT)
                .weigher(weigh)
                .eviction_policy(EvictionPolicy::lru())
                .build(),
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

    /// Keeps an answer.
    pub fn keep(&self, key: Key, body: Bytes) {
        self.kept.insert(key, body);
    }

    /// How often an answer was there.
    pub fn found(&self) -> Found {
        self.hits.found()
    }
}
