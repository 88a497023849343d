//! Renewal of the connections for reading.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// The least time between two renewals because of failed writes.
const MIN_RENEWAL_INTERVAL: Duration = Duration::from_millis(500);

/// The renewals that were requested.
#[derive(Default)]
pub(super) struct Renewal(Mutex<Requested>);

#[derive(Clone, Copy, Default)]
struct Requested {
    /// The time since which connections must have been opened; `None` if any may be used.
    at: Option<Instant>,
    /// The time of the last request because of a failed write.
    after_write: Option<Instant>,
}

impl Renewal {
    /// Makes the next reads use new connections, because the open ones are lost.
    pub fn renew(&self) {
        self.requested().at = Some(Instant::now());
    }

    /// Makes the next reads use new connections, because a write failed; at most once per [`MIN_RENEWAL_INTERVAL`].
    pub fn renew_after_write(&self) {
        let mut requested = self.requested();
        let last = requested.after_write;
        if last.is_none_or(|at| at.elapsed() >= MIN_RENEWAL_INTERVAL) {
            let now = Some(Instant::now());
            *requested = Requested {
                at: now,
                after_write: now,
            };
        }
    }

    /// True if a connection of this age may be used.
    pub fn allows(&self, age: Duration) -> bool {
        let requested_at = self.requested().at;
        requested_at.is_none_or(|at| age < at.elapsed())
    }

    fn requested(&self) -> MutexGuard<'_, Requested> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
