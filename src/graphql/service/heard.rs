//! What was asked lately, by the bytes that it was asked in: what is asked again in the same ones is not read anew.

use std::sync::Arc;

use bytes::Bytes;

use crate::document::Question;
use crate::engine::cache::{Bounded, bounded};

/// The size of all that is kept, about, in bytes.
const KEPT: u64 = 1024 * 1024;
/// The longest that is kept, in bytes.
const LONGEST: usize = 16 * 1024;
/// What it takes beside its bytes, about.
const BESIDE: usize = 256;

/// What some bytes ask, which all who may do the same are answered the same.
#[derive(Clone)]
pub struct Heard {
    /// The question.
    pub question: Question,
    /// What the operation is called.
    pub operation: Arc<str>,
}

/// What was heard.
pub struct Hearing(Bounded<Bytes, Heard>);

impl Default for Hearing {
    fn default() -> Self {
        Self(bounded(KEPT, |bytes, _| bytes.len().saturating_add(BESIDE)))
    }
}

impl Hearing {
    /// What some bytes ask, where that was heard.
    pub fn find(&self, bytes: &[u8]) -> Option<Heard> {
        (bytes.len() <= LONGEST).then(|| self.0.get(bytes))?
    }

    /// Remembers what some bytes ask, whoever sends them.
    pub fn keep(&self, bytes: &[u8], heard: Heard) {
        if bytes.len() <= LONGEST {
            // A part of what came would keep the whole.
            self.0.insert(Bytes::copy_from_slice(bytes), heard);
        }
    }
}
