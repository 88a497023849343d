//! The request cache: from raw request bytes to the parsed question. A request with the same bytes is not parsed
//! again. Bounded by bytes.

use std::sync::Arc;

use bytes::Bytes;

use crate::document::Question;
use crate::engine::cache::{Bounded, bounded};

/// Maximum size of the cache, in bytes, approximate.
const KEPT: u64 = 1024 * 1024;
/// Maximum length of a request that is cached, in bytes.
const LONGEST: usize = 16 * 1024;
/// Overhead of an entry besides its bytes, approximate, in bytes.
const BESIDE: usize = 256;

/// The question of a request whose answer is the same for all viewers with the same rights.
#[derive(Clone)]
pub struct Heard {
    /// The question.
    pub question: Question,
    /// Name of the operation; empty if it has none.
    pub operation: Arc<str>,
}

/// The request cache.
pub struct Hearing(Bounded<Bytes, Heard>);

impl Default for Hearing {
    fn default() -> Self {
        Self(bounded(KEPT, |bytes, _| bytes.len().saturating_add(BESIDE)))
    }
}

impl Hearing {
    /// Returns the question of a request, if it is cached.
    pub fn find(&self, bytes: &[u8]) -> Option<Heard> {
        (bytes.len() <= LONGEST).then(|| self.0.get(bytes))?
    }

    /// Caches the question of a request. The sender does not matter.
    pub fn keep(&self, bytes: &[u8], heard: Heard) {
        if bytes.len() <= LONGEST {
            // Copied: a slice would keep the whole received buffer in memory.
            self.0.insert(Bytes::copy_from_slice(bytes), heard);
        }
    }
}
