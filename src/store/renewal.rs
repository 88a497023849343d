//! Renewal of the connections for reading.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The least time between two renewals, while writes keep failing.
const MIN_RENEWAL_INTERVAL: Duration = Duration::from_millis(500);

/// The time since which connections must have been opened; `None` if any may be used.
#[derive(Default)]
pub(super) struct Renewal(Mutex<Option<Instant>>);

impl Renewal {
    /// Requests that the next reads use new connections.
    pub fn request_renewal(&self) {
        let mut requested_at = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // While writes keep failing, each attempt would otherwise renew all connections.
        if requested_at.is_none_or(|at| at.elapsed() >= MIN_RENEWAL_INTERVAL) {
            *requested_at = Some(Instant::now());
        }
    }

    /// True if a connection of this age may be used.
    pub fn allows(&self, age: Duration) -> bool {
        let requested_at = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        requested_at.is_none_or(|at| age < at.elapsed())
    }
}
