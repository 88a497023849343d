//! The clock: the time of commits, and the current day.

use std::fmt::{self, Debug};
use std::sync::Arc;

use chrono::{DateTime, SubsecRound, Utc};

use domain::date::Date;

/// Returns the time of commits and the current day. Tests replace it.
#[derive(Clone)]
pub struct Clock(Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>);

impl Clock {
    /// A clock that reads `time`.
    pub fn new(time: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self(Arc::new(time))
    }

    /// The current time in microseconds. Both databases store this precision, so a value reads back unchanged.
    pub fn now(&self) -> DateTime<Utc> {
        (self.0)().trunc_subsecs(6)
    }

    /// Today, in UTC.
    pub fn today(&self) -> Date {
        Date::of(self.now())
    }
}

impl Default for Clock {
    /// The system clock.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the clock of the machine"
    )]
    fn default() -> Self {
        Self::new(Utc::now)
    }
}

impl Debug for Clock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Clock").field(&self.now()).finish()
    }
}
