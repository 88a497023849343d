//! Reasons for which a page cannot be shown.

use serde::Deserialize;
use serde_json::Value;

/// A reason for which a page cannot be shown. The layout tells it to the reader as a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The address contains something that is wrong; the message says what is right.
    Wrong(String),
    /// There is no such page or record; the message says which.
    Absent(String),
    /// The record existed and was retired.
    Gone(String),
    /// The page needs a person who signed in.
    SignIn,
    /// The person lacks the right; the message says which.
    Forbidden(String),
    /// The quota of the reader is used up for this many seconds.
    Limited(u64),
    /// The database is away.
    Away,
    /// A fault of this program, which was logged.
    Internal,
}

impl Refused {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Wrong(_) => 400,
            Self::SignIn => 401,
            Self::Forbidden(_) => 403,
            Self::Absent(_) => 404,
            Self::Gone(_) => 410,
            Self::Limited(_) => 429,
            Self::Internal => 500,
            Self::Away => 503,
        }
    }

    /// Seconds after which the reader may try again.
    pub fn retry_after(&self) -> Option<u64> {
        match self {
            Self::Limited(seconds) => Some(*seconds),
            Self::Away => Some(1),
            _ => None,
        }
    }
}

/// An error of a GraphQL response.
#[derive(Deserialize)]
pub struct QueryError {
    message: String,
    #[serde(default)]
    extensions: Value,
}

impl From<QueryError> for Refused {
    fn from(error: QueryError) -> Self {
        let code = error.extensions.get("code").and_then(Value::as_str);
        match code.unwrap_or("INTERNAL") {
            "BAD_USER_INPUT" | "TOO_COMPLEX" | "UNKNOWN_CURSOR" => Self::Wrong(error.message),
            "UNAUTHENTICATED" => Self::SignIn,
            "FORBIDDEN" => Self::Forbidden(error.message),
            "RATE_LIMITED" => Self::Limited(1),
            "UNAVAILABLE" | "TIMEOUT" => Self::Away,
            _ => Self::Internal,
        }
    }
}
