//! Notes that an answer is of the one who asks, or of now: that it cannot be kept for others.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// True once a resolver of the request read who asks, or what changes though the log does not.
#[derive(Clone, Default)]
pub struct Personal(Arc<AtomicBool>);

impl Personal {
    /// Notes that a resolver read such a thing.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True where one did.
    pub fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
