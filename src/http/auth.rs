//! From a bearer token to who asks. A token that is not known is refused, never taken for nobody.

use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use axum::http::{HeaderMap, StatusCode, header};

use super::oidc::{LEEWAY, Provider, Refused};
use super::refusal::Refusal;
use crate::domain::viewer::Viewer;
use crate::graphql::{Away, Caller, Tokens};

/// How often the token of somebody who follows is looked at again.
pub(super) const RECHECK: Duration = Duration::from_secs(4);

/// Why nobody can be told from a request.
#[derive(Debug)]
pub enum Unknown {
    /// The token is unknown, expired, revoked or of somebody else.
    Token,
    /// The header is of another form.
    Form,
    /// The provider of the token does not answer.
    Provider,
    /// The database is away.
    Unavailable,
}

impl Unknown {
    /// What to say of it.
    pub fn message(&self) -> &'static str {
        match self {
            Self::Token => "the token is unknown, expired or revoked",
            Self::Form => "expected one header `Authorization: Bearer TOKEN`",
            Self::Provider => "the OpenID provider does not answer: try again in a moment",
            Self::Unavailable => "the database is away: try again in a moment",
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

/// Tells who asks.
#[derive(Clone)]
pub struct Guard {
    tokens: Tokens,
    provider: Option<Arc<Provider>>,
}

impl Guard {
    /// Knows the API tokens, and those of a provider where there is one.
    pub fn new(tokens: impl Into<Tokens>, provider: Option<Arc<Provider>>) -> Self {
        Self {
            tokens: tokens.into(),
            provider,
        }
    }

    /// Who sends these headers; nobody known where they hold no token.
    ///
    /// # Errors
    /// [`Unknown`] where they hold one that nobody is known by.
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

    /// Who sends this value of an `Authorization` header.
    ///
    /// # Errors
    /// [`Unknown`]
    pub(super) async fn bearer(&self, value: &str) -> Result<Viewer, Unknown> {
        self.known(value, LEEWAY).await
    }

    /// Who still sends this value, after having been known by it: its end is its end, whatever clocks say.
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
            // API tokens have no dots, JSON Web Tokens have two.
            Some(provider) if token.contains('.') => {
                Ok(Viewer::Known(provider.bearer(token, leeway).await?))
            }
            _ => self.tokens.bearer(token).await?.ok_or(Unknown::Token),
        }
    }
}
