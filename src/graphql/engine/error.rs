//! Errors of fields, with the codes that clients see. `Error` has no `Display`: the only way to the client is the
//! conversion that sets a code.

use std::time::Duration;

use async_graphql::{ErrorExtensionValues, ErrorExtensions, ServerError};

use domain::viewer::{Denied, Role};

/// An error of a field. Clients rely on the code of each variant.
#[derive(Clone, Debug)]
pub enum Error {
    /// `BAD_USER_INPUT`: an argument is invalid. Contains its name, and a message with the accepted form.
    BadInput(String, String),
    /// `UNKNOWN_CURSOR`: an argument is a cursor that this database does not know. Contains its name, and a message that
    /// tells how to begin again.
    UnknownCursor(String, String),
    /// `UNAUTHENTICATED`: the request has no token, and needs one.
    Unauthenticated,
    /// `FORBIDDEN`: the viewer lacks the right. The message names the role or person that has it.
    Forbidden(String),
    /// `RATE_LIMITED`: the quota is used up. Contains a message, and the time to wait.
    RateLimited(String, Duration),
    /// `UNAVAILABLE`: the database is away or cannot be written to.
    Unavailable,
    /// `UNAVAILABLE`: the search index needs more memory than it may have, or was replaced during the request.
    SearchUnavailable,
    /// `UNAVAILABLE`: the database did not confirm a write, so it is unknown if it was stored.
    Unsure,
    /// `INTERNAL`: a fault of the server.
    Internal,
}

impl Error {
    /// A record that another one refers to does not exist: a fault of the server, which is logged here.
    pub fn missing(what: &str) -> Self {
        tracing::error!(what, "a referenced record does not exist");
        Self::Internal
    }

    /// An invalid argument.
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
            Error::UnknownCursor(argument, message) => {
                ("UNKNOWN_CURSOR", format!("`{argument}`: {message}"))
            }
            Error::Unauthenticated => {
                let message = "this needs a bearer token; without one, reading, following and sending tips are possible";
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
            Error::SearchUnavailable => (
                "UNAVAILABLE",
                "the search index is not available: the operator finds the reason in the log".to_owned(),
            ),
            Error::Unsure => (
                "UNAVAILABLE",
                "the database did not confirm the write: query the record, or send the mutation again with the same idempotencyKey"
                    .to_owned(),
            ),
            Error::Internal => {
                let message = "internal error; the server logged the cause under the x-request-id of this request";
                ("INTERNAL", message.to_owned())
            }
        };
        Self::new(message).extend_with(|_, extensions| {
            extensions.set("code", code);
            if let Error::BadInput(argument, _) | Error::UnknownCursor(argument, _) = &error {
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

/// The duration in whole seconds, at least one: after these the wait is over.
pub fn whole_seconds(wait: Duration) -> u64 {
    let begun = u64::from(wait.subsec_nanos() > 0);
    wait.as_secs().saturating_add(begun).max(1)
}

impl From<Denied> for Error {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Unauthenticated => Self::Unauthenticated,
            Denied::Forbidden(role) => Self::Forbidden(format!("this needs the role {role}")),
        }
    }
}

impl From<store::Error> for Error {
    fn from(error: store::Error) -> Self {
        match &error {
            store::Error::NotTheAuthor => {
                Self::Forbidden("only the authors of the contribution may do this".to_owned())
            }
            store::Error::NotAnEditor => Denied::Forbidden(Role::Editor).into(),
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
