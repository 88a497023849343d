//! One line of the command `doctor`.

use std::fmt::{self, Display};

/// The weight of a finding.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Level {
    /// Nothing to do.
    Ok,
    /// The server works, and something should be looked at.
    Warning,
    /// The server does not start, or does not work.
    Fault,
}

/// The result of one check.
pub(super) struct Finding {
    pub level: Level,
    check: &'static str,
    what: String,
    advice: String,
}

impl Finding {
    /// A check without fault.
    pub fn ok(check: &'static str, what: impl Into<String>) -> Self {
        Self::new(Level::Ok, check, what.into(), String::new())
    }

    /// Something that should be looked at.
    pub fn warning(
        check: &'static str,
        what: impl Into<String>,
        advice: impl Into<String>,
    ) -> Self {
        Self::new(Level::Warning, check, what.into(), advice.into())
    }

    /// A fault.
    pub fn fault(check: &'static str, what: impl Into<String>, advice: impl Into<String>) -> Self {
        Self::new(Level::Fault, check, what.into(), advice.into())
    }

    fn new(level: Level, check: &'static str, what: String, advice: String) -> Self {
        Self {
            level,
            check,
            what,
            advice,
        }
    }
}

impl Display for Finding {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = match self.level {
            Level::Ok => "ok",
            Level::Warning => "warning",
            Level::Fault => "fault",
        };
        // A message of a library may have several lines.
        let what: Vec<&str> = self.what.split_whitespace().collect();
        write!(out, "{level:<8}{}: {}", self.check, what.join(" "))?;
        if self.advice.is_empty() {
            return Ok(());
        }
        write!(out, ". To do: {}", self.advice)
    }
}
