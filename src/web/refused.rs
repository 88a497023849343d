//! Reasons for which a page cannot be shown.

use serde::Deserialize;
use serde_json::Value;

/// A reason for which a page cannot be shown. The layout tells it to the reader as a page.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refused {
    /// The address contains something that is wrong; the message says what is right, in the language of the page.
    Wrong(String),
    /// The service refused the document or its variables, with its message in English.
    Input(String),
    /// A form cannot be taken.
    Form(FormFault),
    /// An address cannot be read.
    Address(AddressFault),
    /// The page does not take this method, but these.
    Method {
        /// The method of the request.
        method: String,
        /// The methods of the page, as in the header `Allow`.
        methods: &'static str,
    },
    /// There is no such page or record; the message says which.
    Absent(String),
    /// The page needs a person who signed in.
    SignIn,
    /// The state allows no such step now; the message says why, in the language of the page.
    Forbidden(String),
    /// The person lacks the right, as the service says in English.
    NoRight(String),
    /// The quota of the reader is used up for this many seconds.
    Limited(u64),
    /// The database is away.
    Away,
    /// A fault of this program, which was logged.
    Internal,
}

/// A reason for which a form cannot be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FormFault {
    /// Another site sent it.
    OtherSite,
    /// The body is no form.
    NoForm,
    /// It has more bytes than this.
    TooLarge(usize),
    /// The connection ended before it had arrived as a whole.
    CutOff,
    /// It has more fields than this.
    TooManyFields(usize),
    /// It arrived too slowly.
    TooSlow,
    /// It names no action that exists.
    UnknownAction,
    /// Its token is unknown or has expired.
    UnknownToken,
}

/// A reason for which an address cannot be read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AddressFault {
    /// Its path, or what follows `?`, has more bytes than this.
    TooLong(usize),
    /// It has a control character.
    ControlCharacter,
    /// It has a token, which servers and proxies would log.
    Credential,
}

impl Refused {
    /// The HTTP status.
    pub fn status(&self) -> u16 {
        match self {
            Self::Form(FormFault::OtherSite) | Self::Forbidden(_) | Self::NoRight(_) => 403,
            Self::SignIn | Self::Address(AddressFault::Credential) => 401,
            Self::Absent(_) => 404,
            Self::Method { .. } => 405,
            Self::Form(FormFault::TooSlow) => 408,
            Self::Form(FormFault::TooLarge(_) | FormFault::TooManyFields(_)) => 413,
            Self::Address(AddressFault::TooLong(_)) => 414,
            Self::Form(FormFault::NoForm) => 415,
            Self::Wrong(_) | Self::Input(_) | Self::Form(_) | Self::Address(_) => 400,
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
        let given = |name: &str| error.extensions.get(name);
        let code = given("code").and_then(Value::as_str);
        let wait = given("retryAfterSeconds").and_then(Value::as_u64);
        match code.unwrap_or("INTERNAL") {
            "BAD_USER_INPUT" | "TOO_COMPLEX" | "UNKNOWN_CURSOR" => Self::Input(error.message),
            "UNAUTHENTICATED" => Self::SignIn,
            "FORBIDDEN" => Self::NoRight(error.message),
            "RATE_LIMITED" => Self::Limited(wait.unwrap_or(1)),
            "UNAVAILABLE" | "TIMEOUT" => Self::Away,
            _ => Self::Internal,
        }
    }
}
