//! Tokens of an `OpenID` provider: JSON Web Tokens (RFC 7519) that are signed by one of the provider's keys (RFC 7517).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::errors::ErrorKind;
use jsonwebtoken::{DecodingKey, Validation, decode};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::{Mutex, RwLock};
use url::Url;

use crate::domain::text_file;
use crate::domain::text_rules::{composed, is_directional, truncate};
use crate::domain::viewer::Actor;

mod code;
mod header;
mod keys;
mod role;

use code::Endpoints;
pub use code::{ClientSettings, SignInFailed, Started};
use header::Header;
use keys::Keys;

/// Settings of a provider.
#[derive(Clone, Debug)]
pub struct ProviderSettings {
    /// The issuer: the `iss` of each token.
    pub issuer: String,
    /// The audience: a member of the `aud` of each token.
    pub audience: String,
    /// File with the provider's keys; without it, they are fetched from the issuer.
    pub keys: Option<PathBuf>,
    /// Claim with the role: its name, or a path of names joined by dots.
    pub role_claim: String,
    /// The client by which people sign in to the pages; `None` if they cannot.
    pub client: Option<ClientSettings>,
}

/// Reasons why a token does not identify a caller.
#[derive(Debug, PartialEq, Eq)]
pub enum TokenRefused {
    /// The token is malformed, expired, of another issuer or audience, or its signature is not valid.
    Token,
    /// The provider does not respond, so the signature cannot be checked.
    Provider,
}

/// An `OpenID` provider, with its cached keys.
pub struct Provider {
    settings: ProviderSettings,
    client: reqwest::Client,
    keys: RwLock<CachedKeys>,
    /// The addresses of the provider, and when they were read.
    endpoints: RwLock<Option<(Endpoints, Instant)>>,
    /// Point in time before which the provider is not asked again.
    next_attempt: Mutex<Option<Instant>>,
}

/// The keys that were read last, and when.
#[derive(Default)]
struct CachedKeys {
    keys: Option<Keys>,
    read: Option<Instant>,
}

/// Timeout of a request to the provider.
const PROVIDER_TIMEOUT: Duration = Duration::from_secs(5);
/// Shortest time between two readings of the keys, whatever tokens arrive.
const MIN_REFRESH_INTERVAL: Duration = Duration::from_mins(1);
/// Pause after a provider did not respond.
const RETRY_DELAY: Duration = Duration::from_secs(3);
/// Age at which keys are read again, so that a key which the provider withdrew loses its validity.
const KEY_LIFETIME: Duration = Duration::from_hours(1);
/// Largest response of a provider, in bytes.
const MAX_RESPONSE_BYTES: usize = 1 << 20;
/// Tolerated difference between the clocks, in seconds.
pub const LEEWAY_SECONDS: u64 = 5;
/// Longest display name, in characters.
const MAX_NAME_LENGTH: usize = 200;

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
    #[serde(flatten)]
    endpoints: Endpoints,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Provider {
    /// Makes a provider. Its keys are read from the file now, or from the issuer when the first token arrives.
    ///
    /// # Errors
    /// One sentence that names the invalid setting.
    pub fn new(settings: ProviderSettings) -> Result<Self, String> {
        if settings.keys.is_none() || settings.client.is_some() {
            check_url("the issuer", &settings.issuer)?;
        }
        if settings.issuer.contains(is_unfit) {
            return Err("the issuer must not contain control characters".to_owned());
        }
        let client = reqwest::Client::builder()
            .timeout(PROVIDER_TIMEOUT)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        let mut known = CachedKeys::default();
        if let Some(file) = &settings.keys {
            let text = std::fs::read(file)
                .and_then(text_file::decoded)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            let keys = Keys::read(text.as_bytes())
                .map_err(|error| format!("{} is not a JWK set: {error}", file.display()))?;
            known.keys = Some(keys);
            known.read = Some(Instant::now());
        }
        Ok(Self {
            settings,
            client,
            keys: RwLock::new(known),
            endpoints: RwLock::new(None),
            next_attempt: Mutex::new(None),
        })
    }

    /// Authenticates the bearer of a token; clocks may differ by `leeway` seconds.
    ///
    /// # Errors
    /// [`TokenRefused`]
    pub async fn bearer(self: &Arc<Self>, token: &str, leeway: u64) -> Result<Actor, TokenRefused> {
        let audience = &self.settings.audience;
        let claims = self.claims(token, audience, leeway).await?;
        self.actor(&claims).map_err(refused)
    }

    /// Verifies a token for an audience, and returns its claims.
    async fn claims(
        self: &Arc<Self>,
        token: &str,
        audience: &str,
        leeway: u64,
    ) -> Result<Claims, TokenRefused> {
        let header = Header::read(token).map_err(refused)?;
        if let Some(claims) = self.verified(token, &header, audience, leeway).await? {
            return Ok(claims);
        }
        // No known key verifies the token: the provider may have changed its keys.
        self.refresh_keys().await;
        match self.verified(token, &header, audience, leeway).await? {
            Some(claims) => Ok(claims),
            None if self.keys.read().await.keys.is_some() => {
                Err(refused("no known key verifies it"))
            }
            None => Err(TokenRefused::Provider),
        }
    }

    /// Verifies a token and returns its claims; `None` if no known key verifies it.
    async fn verified(
        self: &Arc<Self>,
        token: &str,
        header: &Header,
        audience: &str,
        leeway: u64,
    ) -> Result<Option<Claims>, TokenRefused> {
        let mut validation = Validation::new(header.algorithm);
        validation.leeway = leeway;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let keys = self.candidate_keys(header).await;
        for key in &keys {
            match decode::<Claims>(token, key, &validation) {
                Ok(decoded) => return Ok(Some(decoded.claims)),
                Err(error) if is_of_the_key(error.kind()) => {}
                Err(error) => return Err(refused(reason(error.kind()))),
            }
        }
        if header.key.is_some() && !keys.is_empty() {
            return Err(refused("the key that its header names does not verify it"));
        }
        Ok(None)
    }

    fn actor(&self, claims: &Claims) -> Result<Actor, &'static str> {
        if claims.sub.trim().is_empty() {
            return Err("its `sub` is blank");
        }
        if claims.sub.contains(is_unfit) {
            return Err(
                "its `sub` contains control characters, or characters that change the direction of the text",
            );
        }
        let role = role::role(role::claim(&claims.others, &self.settings.role_claim))?;
        let named = ["name", "preferred_username"].iter().find_map(|claim| {
            let name = shown(claims.others.get(*claim)?.as_str()?);
            (!name.is_empty()).then_some(name)
        });
        Ok(Actor {
            id: format!("{}#{}", claims.iss, claims.sub),
            name: named.unwrap_or_else(|| shown(&claims.sub)),
            role,
        })
    }

    /// The cached keys that may have signed a token. Old keys are read again in the background, so a token with a known
    /// key never waits for the provider.
    async fn candidate_keys(self: &Arc<Self>, header: &Header) -> Vec<DecodingKey> {
        let known = self.keys.read().await;
        let keys = known.keys.as_ref();
        let keys = keys
            .map(|keys| keys.candidate_keys(header))
            .unwrap_or_default();
        let is_old = known.read.is_none_or(|read| read.elapsed() > KEY_LIFETIME);
        if is_old && !keys.is_empty() && self.next_attempt.try_lock().is_ok() {
            let provider = Arc::clone(self);
            tokio::spawn(async move { provider.refresh_keys().await });
        }
        keys
    }

    /// Reads the keys again: one caller at a time, and not before the pause is over.
    async fn refresh_keys(&self) {
        let mut rests = self.next_attempt.lock().await;
        if rests.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let read = self.read_keys().await;
        *rests = Some(
            Instant::now()
                + if read.is_ok() {
                    MIN_REFRESH_INTERVAL
                } else {
                    RETRY_DELAY
                },
        );
        match read {
            Ok(keys) => {
                *self.keys.write().await = CachedKeys {
                    keys: Some(keys),
                    read: Some(Instant::now()),
                };
            }
            Err(reason) => {
                tracing::warn!(reason, "the keys of the OpenID provider could not be read");
            }
        }
    }

    /// Reads the keys, and counts those that can verify a token.
    ///
    /// # Errors
    /// One sentence with the cause.
    pub async fn count_keys(&self) -> Result<usize, String> {
        self.read_keys().await.map(|keys| keys.len())
    }

    async fn read_keys(&self) -> Result<Keys, String> {
        if let Some(file) = &self.settings.keys {
            let bytes = tokio::fs::read(file).await;
            let text = bytes.and_then(text_file::decoded);
            let text = text.map_err(|error| error.to_string())?;
            return Keys::read(text.as_bytes());
        }
        let discovery = self.discover().await?;
        check_url("jwks_uri", &discovery.jwks_uri)?;
        let set = self.fetch(&discovery.jwks_uri).await?;
        Keys::read(&set).map_err(|error| format!("jwks_uri: {error}"))
    }

    /// Reads the metadata of the provider. Source: `OpenID` Connect Discovery 1.0, section 4.
    async fn discover(&self) -> Result<Discovery, String> {
        let issuer = &self.settings.issuer;
        let place = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let discovery: Discovery = serde_json::from_slice(&self.fetch(&place).await?)
            .map_err(|_| format!("{place}: expected an object with `issuer` and `jwks_uri`"))?;
        if discovery.issuer != *issuer {
            let other = truncate(&discovery.issuer);
            return Err(format!(
                "{place}: expected the issuer of the settings, got {other}"
            ));
        }
        Ok(discovery)
    }

    async fn fetch(&self, place: &str) -> Result<Vec<u8>, String> {
        let request = self.client.get(place);
        self.send(request, place).await
    }

    /// Sends a request to the provider, and reads its bounded answer.
    async fn send(&self, request: reqwest::RequestBuilder, place: &str) -> Result<Vec<u8>, String> {
        let failed = |error: reqwest::Error| with_causes(&error);
        let answer = request.send().await.map_err(failed)?;
        let mut answer = answer.error_for_status().map_err(failed)?;
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&part);
            if body.len() > MAX_RESPONSE_BYTES {
                return Err(format!(
                    "{place} answers with more than {MAX_RESPONSE_BYTES} bytes"
                ));
            }
        }
        Ok(body)
    }
}

/// The message of an error and those of its causes: the library itself says only that a request failed.
fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |message, cause| {
        format!("{message}: {cause}")
    })
}

/// Logs why a token is refused. Neither the token nor its claims are logged.
fn refused(reason: &str) -> TokenRefused {
    tracing::info!(reason, "a token of the OpenID provider is refused");
    TokenRefused::Token
}

/// True if another key might verify the token.
fn is_of_the_key(kind: &ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::InvalidSignature
            | ErrorKind::InvalidEcdsaKey
            | ErrorKind::InvalidEddsaKey
            | ErrorKind::InvalidRsaKey(_)
            | ErrorKind::InvalidKeyFormat
    )
}

/// Reason for a refusal, in fixed words: the messages of the library contain claims.
fn reason(kind: &ErrorKind) -> &'static str {
    match kind {
        ErrorKind::ExpiredSignature => "it is expired (`exp`)",
        ErrorKind::ImmatureSignature => "it is not valid yet (`nbf`)",
        ErrorKind::InvalidIssuer => "its issuer is another one (`iss`)",
        ErrorKind::InvalidAudience => "its audience is another one (`aud`)",
        ErrorKind::MissingRequiredClaim(_) => "one of `exp`, `iss`, `aud` and `sub` is missing",
        ErrorKind::InvalidClaimFormat(_) | ErrorKind::Json(_) => {
            "its claims cannot be read: one is missing or has another type"
        }
        _ => "it is malformed",
    }
}

/// True for characters that no stored text contains: control characters and directional formatting.
fn is_unfit(letter: char) -> bool {
    letter.is_control() || is_directional(letter)
}

/// Display name from a claim: trimmed, normalised, without characters that are not stored, and cut to its longest
/// length.
fn shown(name: &str) -> String {
    let letters = name.trim().chars();
    let plain: String = letters.filter(|letter| !is_unfit(*letter)).collect();
    composed(plain).chars().take(MAX_NAME_LENGTH).collect()
}

/// Checks an address from which keys are fetched. Keys over an unencrypted connection could be anybody's, so only this
/// machine may be asked without TLS.
fn check_url(what: &str, text: &str) -> Result<(), String> {
    // The message does not repeat the address: it may contain a password, and messages are logged.
    let unfit = || {
        format!(
            "{what} is not valid: expected an https address without a user, password or fragment"
        )
    };
    let url = Url::parse(text).map_err(|_| unfit())?;
    let is_plain = url.username().is_empty()
        && url.password().is_none()
        && url.fragment().is_none()
        && !url.path().contains('@');
    if !is_plain {
        return Err(unfit());
    }
    let is_here = match url.host() {
        Some(url::Host::Domain(name)) => name == "localhost",
        Some(url::Host::Ipv4(address)) => address.is_loopback(),
        Some(url::Host::Ipv6(address)) => address.is_loopback(),
        None => return Err(unfit()),
    };
    match url.scheme() {
        "https" => Ok(()),
        "http" if is_here => Ok(()),
        _ => Err(unfit()),
    }
}
