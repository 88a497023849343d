//! The request cache: from raw request bytes to the parsed question. A request with the same bytes is not parsed
//! again. Bounded by bytes.

use std::sync::Arc;

use bytes::Bytes;

use crate::document::Question;
use crate::engine::cache::{Bounded, bounded, size_of};
use crate::engine::stats::CacheSize;

/// Maximum size of the cache, in bytes, approximate.
const CACHE_BYTES: u64 = 1024 * 1024;
/// Maximum length of a request that is cached, in bytes.
const MAX_REQUEST_BYTES: usize = 16 * 1024;
/// Overhead of an entry besides its bytes, approximate, in bytes.
const ENTRY_OVERHEAD: usize = 256;

/// The question of a request whose answer is the same for all viewers with the same rights.
#[derive(Clone)]
pub struct CachedRequest {
    /// The question.
    pub question: Question,
    /// Name of the operation; empty if it has none.
    pub operation: Arc<str>,
}

/// The request cache.
pub struct RequestCache(Bounded<Bytes, CachedRequest>);

impl Default for RequestCache {
    fn default() -> Self {
        Self(bounded(CACHE_BYTES, |bytes, _| {
            bytes.len().saturating_add(ENTRY_OVERHEAD)
        }))
    }
}

impl RequestCache {
    /// Returns the question of a request, if it is cached.
    pub fn find(&self, bytes: &[u8]) -> Option<CachedRequest> {
        (bytes.len() <= MAX_REQUEST_BYTES).then(|| self.0.get(bytes))?
    }

    /// The size of the cache.
    pub fn size(&self) -> CacheSize {
        size_of(&self.0)
    }

    /// Caches the question of a request. The sender does not matter.
    pub fn insert(&self, bytes: &[u8], request: CachedRequest) {
        if bytes.len() <= MAX_REQUEST_BYTES {
            // Copied: a slice would keep the whole received buffer in memory.
            self.0.insert(Bytes::copy_from_slice(bytes), request);
        }
    }
}
