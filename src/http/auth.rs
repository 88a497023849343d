//! Authentication: from a bearer token to a caller. An unknown token is an error; the request is never treated as
//! anonymous.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};

use super::oidc::{LEEWAY, Provider, Refused};
use super::refusal::Refusal;
use crate::domain::viewer::Viewer;
use crate::graphql::{Away, Caller, Tokens};

/// Interval at which the token of an open connection is checked again.
pub(super) const RECHECK: Duration = Duration::from_secs(4);

/// Reasons why a request cannot be authenticated.
#[derive(Debug)]
pub enum Unknown {
    /// The token is unknown, expired, revoked, or made for another service.
    Token,
    /// The header has another form than `Bearer TOKEN`, or is sent twice.
    Form,
    /// The `OpenID` provider does not respond, and its keys are not known yet.
    Provider,
    /// The database is unavailable.
    Unavailable,
}

impl Unknown {
    /// Message for the client.
    pub fn message(&self) -> &'static str {
        match self {
            Self::Token => "the token is unknown, expired or revoked",
            Self::Form => "expected one header `Authorization: Bearer TOKEN`",
            Self::Provider => "the OpenID provider does not respond: try again in a moment",
            Self::Unavailable => "the database is unavailable: try again in a moment",
        }
    }
}

impl From<Away> for Unknown {
    fn from(error: Away) -> Self {
        tracing::warn!(%error, "a token could not be looked up");
        Self::Unavailable
    }
}

impl From<Unknown> for Refusal {
    fn from(unknown: Unknown) -> Self {
        let message = unknown.message();
        let unauthorized = |challenge| {
            Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
                .saying(header::WWW_AUTHENTICATE, challenge)
        };
        // Source: RFC 6750, section 3.1.
        match unknown {
            Unknown::Token => unauthorized("Bearer error=\"invalid_token\""),
            Unknown::Form => unauthorized("Bearer"),
            Unknown::Provider | Unknown::Unavailable => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
                    .saying(header::RETRY_AFTER, "1")
            }
        }
    }
}

impl From<Refused> for Unknown {
    fn from(refused: Refused) -> Self {
        match refused {
            Refused::Token => Self::Token,
            Refused::Provider => Self::Provider,
        }
    }
}

/// Authenticates requests.
#[derive(Clone)]
pub struct Guard {
    tokens: Tokens,
    provider: Option<Arc<Provider>>,
}

impl Guard {
    /// Accepts the API tokens of the store, and the tokens of an `OpenID` provider if there is one.
    pub fn new(tokens: impl Into<Tokens>, provider: Option<Arc<Provider>>) -> Self {
        Self {
            tokens: tokens.into(),
            provider,
        }
    }

    /// Authenticates a request by its headers; without an `Authorization` header the caller is anonymous.
    ///
    /// # Errors
    /// [`Unknown`] if the header cannot be read or its token is not valid.
    pub(super) async fn caller(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
    ) -> Result<Caller, Unknown> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let viewer = match (values.next(), values.next()) {
            (None, _) => Viewer::Anonymous,
            (Some(value), None) => {
                let value = value.to_str().map_err(|_| Unknown::Form)?;
                self.bearer(value).await?
            }
            (Some(_), Some(_)) => return Err(Unknown::Form),
        };
        Ok(Caller {
            viewer,
            address: Some(address),
        })
    }

    /// Authenticates the value of an `Authorization` header, or of the same member of `connection_init`.
    ///
    /// # Errors
    /// [`Unknown`]
    pub(super) async fn bearer(&self, value: &str) -> Result<Viewer, Unknown> {
        self.known(value, LEEWAY).await
    }

    /// Re-authenticates the bearer of an open connection, without clock leeway: a connection ends when its token
    /// expires.
    ///
    /// # Errors
    /// [`Unknown`]
    pub(super) async fn still(&self, value: &str) -> Result<Viewer, Unknown> {
        self.known(value, 0).await
    }

    async fn known(&self, value: &str, leeway: u64) -> Result<Viewer, Unknown> {
        let token = value
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or(Unknown::Form)?;
        match &self.provider {
            // API tokens contain no dots, JSON Web Tokens contain two.
            Some(provider) if token.contains('.') => {
                Ok(Viewer::Known(provider.bearer(token, leeway).await?))
            }
            _ => self.tokens.bearer(token).await?.ok_or(Unknown::Token),
        }
    }
}
