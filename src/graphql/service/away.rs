//! The only error by which the store reaches a transport.

use std::fmt::{self, Display};

/// The database did not answer. The text contains the cause, for the log.
#[derive(Debug)]
pub struct Away(store::Error);

impl Display for Away {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl std::error::Error for Away {}

impl From<store::Error> for Away {
    fn from(error: store::Error) -> Self {
        Self(error)
    }
}
