//! When connections for reading are made anew.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// How often connections for reading are made anew at most, while writing does not work.
const RENEWED: Duration = Duration::from_millis(500);

/// Since when connections for reading have to be new.
#[derive(Default)]
pub(super) struct Renewal(Mutex<Option<Instant>>);

impl Renewal {
    /// Asks that what reads next takes a new connection.
    pub fn ask(&self) {
        let mut asked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // While it goes on not all are made anew with each write that is tried.
        if asked.is_none_or(|at| at.elapsed() >= RENEWED) {
            *asked = Some(Instant::now());
        }
    }

    /// Whether a connection may be used that was opened so long ago.
    pub fn allows(&self, age: Duration) -> bool {
        let asked = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        asked.is_none_or(|at| age < at.elapsed())
    }
}
