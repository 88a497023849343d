//! What can go wrong with a field, and the code it shows. An `Error` has no `Display`, so its only
//! way out is the conversion that sets a code.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, ErrorExtensions, ServerError};

use domain::check::{Code, Finding};
use domain::prose::composed;
use domain::text::{Raw, Written};
use domain::viewer::Denied;

/// Each variant is a code that clients rely on.
#[derive(Clone, Debug)]
pub enum Error {
    /// An argument cannot be read: which, and what would be right.
    BadInput(String, String),
    /// Nobody is signed in, and somebody must be.
    Unauthenticated,
    /// Who is signed in may not do this; the sentence says who may.
    Forbidden(String),
    /// Too much was sent: of what, and how long to wait.
    RateLimited(String, Duration),
    /// The database is away, or can not be written to.
    Unavailable,
    /// The database did not say whether it keeps what was asked of it.
    Unsure,
    /// Our fault.
    Internal,
}

impl Error {
    /// Something that is referred to and is not there: our fault, and logged here.
    pub fn missing(what: &str) -> Self {
        tracing::error!(what, "a reference leads nowhere");
        Self::Internal
    }

    /// An argument that cannot be read.
    pub fn bad(argument: &str, message: impl Into<String>) -> Self {
        Self::BadInput(argument.to_owned(), message.into())
    }
}

impl From<Error> for async_graphql::Error {
    fn from(error: Error) -> Self {
        let (code, message) = match &error {
            Error::BadInput(argument, message) => {
                ("BAD_USER_INPUT", format!("`{argument}`: {message}"))
            }
            Error::Unauthenticated => {
                let message = "sign in with a bearer token: only reading is open to all";
                ("UNAUTHENTICATED", message.to_owned())
            }
            Error::Forbidden(message) => ("FORBIDDEN", message.clone()),
            Error::RateLimited(what, wait) => {
                let message = format!("{what}: wait {} s", whole_seconds(*wait));
                ("RATE_LIMITED", message)
            }
            Error::Unavailable => (
                "UNAVAILABLE",
                "the database is away or cannot be written to: try again in a moment".to_owned(),
            ),
            Error::Unsure => (
                "UNAVAILABLE",
                "the database did not say whether this was stored: look, or send it again with the same idempotencyKey"
                    .to_owned(),
            ),
            Error::Internal => {
                let message = "something went wrong on our side; it was logged under x-request-id";
                ("INTERNAL", message.to_owned())
            }
        };
        Self::new(message).extend_with(|_, extensions| {
            extensions.set("code", code);
            if let Error::BadInput(argument, _) = &error {
                extensions.set("argument", argument.as_str());
            }
            if let Error::RateLimited(_, wait) = &error {
                extensions.set("retryAfterSeconds", whole_seconds(*wait));
            }
        })
    }
}

/// An error of a request as a whole, with its code.
pub fn failed(code: &str, message: impl Into<String>) -> ServerError {
    let mut extensions = ErrorExtensionValues::default();
    extensions.set("code", code);
    ServerError {
        extensions: Some(extensions),
        ..ServerError::new(message, None)
    }
}

/// Seconds after which it is certainly over.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs().saturating_add(1)
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => Self::Unauthenticated,
            Denied::Forbidden(role) => Self::Forbidden(format!("this takes the role {role}")),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::NotTheAuthor => {
                Self::Forbidden("only its authors may do that".to_owned())
            }
            store::Error::Refused(found) => {
                let first = found.first();
                let message = first
                    .map(|finding| finding.message.clone())
                    .unwrap_or_default();
                let path = first
                    .map(|finding| finding.path.0.join("."))
                    .unwrap_or_default();
                Self::BadInput(path, message)
            }
            store::Error::Unsure(_) => {
                tracing::warn!(%error, "a write may have been lost");
                Self::Unsure
            }
            _ if error.is_away() => {
                tracing::warn!(%error, "the database is away");
                Self::Unavailable
            }
            _ => {
                tracing::error!(%error, "a request failed");
                Self::Internal
            }
        }
    }
}

/// Reads an argument.
///
/// # Errors
/// `BAD_USER_INPUT`, naming the argument and the accepted form.
pub fn read<T: Written>(argument: &str, raw: &Raw<T>) -> Result<T, Error> {
    raw.read()
        .map_err(|error| Error::bad(argument, error.to_string()))
}

/// Reads an argument that may be left out.
///
/// # Errors
/// `BAD_USER_INPUT`
pub fn read_option<T: Written>(argument: &str, raw: Option<&Raw<T>>) -> Result<Option<T>, Error> {
    raw.map(|raw| read(argument, raw)).transpose()
}

/// The most elements that a list in a filter may have.
pub const MAX_FILTER: usize = 1_000;

/// Bounds a list of arguments.
///
/// # Errors
/// `BAD_USER_INPUT`
pub fn bounded<T>(argument: &str, list: Option<&[T]>) -> Result<(), Error> {
    if list.is_some_and(|list| list.len() > MAX_FILTER) {
        return Err(Error::bad(
            argument,
            format!("expected {MAX_FILTER} elements at most"),
        ));
    }
    Ok(())
}

/// Reads texts of an argument in the form in which texts are kept. They hold nothing that no database keeps.
///
/// # Errors
/// `BAD_USER_INPUT`
pub fn plain(argument: &str, texts: Option<Vec<String>>) -> Result<Option<Vec<String>>, Error> {
    let texts = texts.map(|texts| texts.into_iter().map(composed).collect::<Vec<_>>());
    if texts.iter().flatten().any(|text| text.contains('\0')) {
        return Err(Error::bad(argument, "expected text without U+0000"));
    }
    Ok(texts)
}

/// Reads a list of arguments that may be left out.
///
/// # Errors
/// `BAD_USER_INPUT`
pub fn read_list<T: Written>(
    argument: &str,
    raw: Option<&[Raw<T>]>,
) -> Result<Option<Vec<T>>, Error> {
    bounded(argument, raw)?;
    let each = |raw: &[Raw<T>]| {
        let named = raw.iter().enumerate();
        named
            .map(|(at, raw)| read(&format!("{argument}.{at}"), raw))
            .collect()
    };
    raw.map(each).transpose()
}

/// Something in the input of a mutation that its author can mend.
pub struct UserError(Finding);

/// Something in the input of a mutation that its author can mend: nothing was stored.
#[async_graphql::Object]
impl UserError {
    /// What kind of thing it is.
    async fn code(&self) -> Code {
        self.0.code
    }

    /// One sentence for a person.
    async fn message(&self) -> &str {
        &self.0.message
    }

    /// The members of the input that lead to the value, list positions as numbers, as in
    /// `["changes", "0", "updateSource", "set", "url"]`.
    async fn path(&self) -> Option<&[String]> {
        Some(&self.0.path.0)
    }
}

impl From<Finding> for UserError {
    fn from(finding: Finding) -> Self {
        Self(finding)
    }
}
