//! Error messages for a URL that is refused.

use crate::error::Error;

/// The accepted forms of a database URL.
pub const EXPECTED: &str = "expected sqlite://FILE or postgres://USER@HOST/DATABASE";

/// The error of a URL or file that cannot be used.
pub fn unusable(message: String) -> Error {
    Error::Unusable(message)
}
