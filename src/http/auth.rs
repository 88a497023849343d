//! From a bearer token to who asks. A token that is not known is refused, never taken for nobody.

use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::refusal::refusal;
use crate::domain::viewer::Viewer;
use crate::store::{self, Store};

/// Why nobody can be told from a request.
#[derive(Debug)]
pub enum Unknown {
    /// The token is unknown or revoked, or the header is of another form.
    Token,
    /// The database is away.
    Unavailable,
}

impl Unknown {
    /// What to say of it.
    pub fn message(&self) -> &'static str {
        match self {
            Self::Token => "the token is unknown: expected `Authorization: Bearer TOKEN`",
            Self::Unavailable => "the database is away: try again in a moment",
        }
    }
}

impl From<store::Error> for Unknown {
    fn from(error: store::Error) -> Self {
        tracing::warn!(%error, "a token could not be looked up");
        Self::Unavailable
    }
}

impl IntoResponse for Unknown {
    fn into_response(self) -> Response {
        match self {
            Self::Token => {
                let mut response =
                    refusal(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", self.message());
                let scheme = HeaderValue::from_static("Bearer");
                response
                    .headers_mut()
                    .insert(header::WWW_AUTHENTICATE, scheme);
                response
            }
            Self::Unavailable => refusal(
                StatusCode::SERVICE_UNAVAILABLE,
                "UNAVAILABLE",
                self.message(),
            ),
        }
    }
}

/// Who sends these headers; nobody known where they hold no token.
pub async fn viewer(store: &Store, headers: &HeaderMap) -> Result<Viewer, Unknown> {
    match headers.get(header::AUTHORIZATION) {
        None => Ok(Viewer::Anonymous),
        Some(value) => bearer(store, value.to_str().map_err(|_| Unknown::Token)?).await,
    }
}

/// Who sends this value of an `Authorization` header.
pub async fn bearer(store: &Store, value: &str) -> Result<Viewer, Unknown> {
    let token = value
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
        .map(|(_, token)| token.trim())
        .ok_or(Unknown::Token)?;
    store.bearer(token).await?.ok_or(Unknown::Token)
}
