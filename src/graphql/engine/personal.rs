//! Marks answers that must not be shared: they depend on the viewer, or on data that changes without the change log.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// A flag of one request. True once a resolver has read the viewer, or data that changes without the change log.
#[derive(Clone, Default)]
pub struct Personal(Arc<AtomicBool>);

impl Personal {
    /// Sets the flag.
    pub fn note(&self) {
        self.0.store(true, Ordering::Relaxed);
    }

    /// True if the flag is set: the answer is only for this viewer, and only for now.
    pub fn is_noted(&self) -> bool {
        self.0.load(Ordering::Relaxed)
    }
}
