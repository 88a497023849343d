//! Authentication: from a bearer token to a caller. An unknown token is an error; the request is never treated as
//! anonymous.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};

use super::metrics::{RefusedToken, RefusedTokens};
use super::oidc::{LEEWAY_SECONDS, Provider, TokenRefused};
use super::refusal::{DATABASE_AWAY, Refusal};
use crate::domain::viewer::Viewer;
use crate::graphql::{Away, Caller, Tokens};

/// Interval at which the token of an open connection is checked again.
pub(super) const RECHECK_INTERVAL: Duration = Duration::from_secs(4);

/// Reasons why a request cannot be authenticated.
#[derive(Debug)]
pub enum AuthError {
    /// The token is unknown, expired, revoked, or made for another service.
    Token,
    /// The header has another form than `Bearer TOKEN`, or is sent twice.
    Form,
    /// The `OpenID` provider does not respond, and its keys are not known yet.
    Provider,
    /// The database is unavailable.
    Unavailable,
}

impl AuthError {
    /// Message for the client.
    pub fn message(&self) -> &'static str {
        match self {
            Self::Token => "the token is unknown, expired or revoked",
            Self::Form => "expected one header `Authorization: Bearer TOKEN`",
            Self::Provider => "the OpenID provider does not respond: try again in a moment",
            Self::Unavailable => DATABASE_AWAY,
        }
    }
}

impl From<Away> for AuthError {
    fn from(error: Away) -> Self {
        tracing::warn!(%error, "a token could not be looked up");
        Self::Unavailable
    }
}

impl From<AuthError> for Refusal {
    fn from(error: AuthError) -> Self {
        let message = error.message();
        let unauthorized = |challenge| {
            Self::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", message)
                .with_header(header::WWW_AUTHENTICATE, challenge)
        };
        // Source: RFC 6750, section 3.1.
        match error {
            AuthError::Token => unauthorized("Bearer error=\"invalid_token\""),
            AuthError::Form => unauthorized("Bearer"),
            AuthError::Provider | AuthError::Unavailable => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, "UNAVAILABLE", message)
                    .with_header(header::RETRY_AFTER, "1")
            }
        }
    }
}

impl From<TokenRefused> for AuthError {
    fn from(refused: TokenRefused) -> Self {
        match refused {
            TokenRefused::Token => Self::Token,
            TokenRefused::Provider => Self::Provider,
        }
    }
}

/// Authenticates requests.
#[derive(Clone)]
pub struct Guard {
    tokens: Tokens,
    provider: Option<Arc<Provider>>,
    refused: RefusedTokens,
}

impl Guard {
    /// Accepts the API tokens of the store, and the tokens of an `OpenID` provider if there is one.
    pub fn new(tokens: impl Into<Tokens>, provider: Option<Arc<Provider>>) -> Self {
        Self {
            tokens: tokens.into(),
            provider,
            refused: RefusedTokens::default(),
        }
    }

    /// The provider at which people can sign in.
    pub(super) fn provider(&self) -> Option<&Arc<Provider>> {
        self.provider.as_ref()
    }

    /// The counters of refused tokens.
    pub(super) fn refused_tokens(&self) -> &RefusedTokens {
        &self.refused
    }

    /// Authenticates a request by its headers; without an `Authorization` header the caller is anonymous.
    ///
    /// # Errors
    /// [`AuthError`] if the header cannot be read or its token is not valid.
    pub(super) async fn caller(
        &self,
        headers: &HeaderMap,
        address: IpAddr,
    ) -> Result<Caller, AuthError> {
        let mut values = headers.get_all(header::AUTHORIZATION).iter();
        let viewer = match (values.next(), values.next()) {
            (None, _) => Viewer::Anonymous,
            (Some(value), None) => {
                let value = value.to_str().map_err(|_| self.malformed())?;
                // Boxed, so that the future for an anonymous caller is small.
                Box::pin(self.bearer(value)).await?
            }
            (Some(_), Some(_)) => return Err(self.malformed()),
        };
        Ok(Caller {
            viewer,
            address: Some(address),
        })
    }

    /// Authenticates the value of an `Authorization` header, or of the same member of `connection_init`.
    ///
    /// # Errors
    /// [`AuthError`]
    pub(super) async fn bearer(&self, value: &str) -> Result<Viewer, AuthError> {
        self.authenticate(value, LEEWAY_SECONDS).await
    }

    /// Re-authenticates the bearer of an open connection, without clock leeway: a connection ends when its token
    /// expires.
    ///
    /// # Errors
    /// [`AuthError`]
    pub(super) async fn recheck(&self, value: &str) -> Result<Viewer, AuthError> {
        self.authenticate(value, 0).await
    }

    async fn authenticate(&self, value: &str, leeway: u64) -> Result<Viewer, AuthError> {
        let token = value
            .split_once(' ')
            .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"))
            .map(|(_, token)| token.trim())
            .ok_or_else(|| self.malformed())?;
        match &self.provider {
            // API tokens contain no dots, JSON Web Tokens contain two.
            Some(provider) if token.contains('.') => {
                let bearer = provider.bearer(token, leeway).await;
                let bearer = bearer.inspect_err(|refused| {
                    if *refused == TokenRefused::Token {
                        self.refused.count(RefusedToken::OfProvider);
                    }
                });
                Ok(Viewer::Identified(bearer?))
            }
            _ => self.tokens.bearer(token).await?.ok_or_else(|| {
                self.refused.count(RefusedToken::Unknown);
                AuthError::Token
            }),
        }
    }

    /// Counts a header that cannot be read, and returns its error.
    fn malformed(&self) -> AuthError {
        self.refused.count(RefusedToken::Malformed);
        AuthError::Form
    }
}
