//! What can go wrong with a field, and the code it shows. An `Error` has no `Display`, so its only
//! way out is the conversion that sets a code.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, ErrorExtensions, ServerError};

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
