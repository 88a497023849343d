//! How much there is of what, and how often something was there already.

use std::sync::atomic::{AtomicU64, Ordering};

use store::Pool;

/// Figures of a service.
pub struct Figures {
    /// The last change that is known here.
    pub sequence: i64,
    /// The subscriptions that follow the log.
    pub followers: u64,
    /// The different questions that they ask.
    pub groups: u64,
    /// The documents that are kept.
    pub documents: u64,
    /// Whole answers.
    pub answers: Found,
    /// Rows of the database.
    pub rows: Found,
    /// Connections to the database.
    pub pool: Pool,
}

/// How often something was kept already.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// It was.
    pub hits: u64,
    /// It was not.
    pub misses: u64,
}

/// Counts how often something was kept already.
#[derive(Default)]
pub struct Hits {
    hits: AtomicU64,
    misses: AtomicU64,
}

impl Hits {
    /// Counts, and hands on, what was looked for.
    pub fn count<T>(&self, found: Option<T>) -> Option<T> {
        let counter = match found {
            Some(_) => &self.hits,
            None => &self.misses,
        };
        counter.fetch_add(1, Ordering::Relaxed);
        found
    }

    /// Counts what was not kept.
    pub fn miss(&self, number: usize) {
        let number = u64::try_from(number).unwrap_or(u64::MAX);
        self.misses.fetch_add(number, Ordering::Relaxed);
    }

    /// How often.
    pub fn found(&self) -> Found {
        Found {
            hits: self.hits.load(Ordering::Relaxed),
            misses: self.misses.load(Ordering::Relaxed),
        }
    }
}
