//! Tokens of an `OpenID` provider: JSON Web Tokens (RFC 7519) signed by one of its keys (RFC 7517).

use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, JwkSet, KeyAlgorithm, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey, Validation, decode, decode_header};
use serde::Deserialize;
use serde_json::{Map, Value};
use tokio::sync::{Mutex, RwLock};
use url::Url;

use crate::domain::prose::is_directional;
use crate::domain::viewer::{Actor, Role};

/// Whose tokens are taken, and where the keys are.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Who signs: the `iss` of each token.
    pub issuer: String,
    /// For whom: in the `aud` of each token.
    pub audience: String,
    /// A file with the provider's keys; without one they are fetched from the issuer.
    pub keys: Option<PathBuf>,
    /// The claim that names the role: at the top, or a path with dots.
    pub role_claim: String,
}

/// Why a token does not tell who somebody is.
#[derive(Debug)]
pub enum Refused {
    /// It is malformed, expired, of somebody else, or signed by nobody known.
    Token,
    /// The provider does not answer, so that nobody can tell.
    Provider,
}

/// An `OpenID` provider.
pub struct Provider {
    settings: Settings,
    client: reqwest::Client,
    keys: RwLock<Keys>,
    /// Until when the provider is left alone.
    rests_until: Mutex<Option<Instant>>,
}

/// The keys of a provider, as they were last read.
#[derive(Default)]
struct Keys {
    set: Option<JwkSet>,
    read: Option<Instant>,
}

/// How long to wait for a provider.
const PATIENCE: Duration = Duration::from_secs(5);
/// How often a provider is asked at most, whatever the tokens say.
const PAUSE: Duration = Duration::from_mins(1);
/// How long a provider that did not answer is left alone.
const RETRY: Duration = Duration::from_secs(3);
/// After which time keys are read again, so that those taken back are known no more.
const KEPT: Duration = Duration::from_hours(1);
/// The most bytes of an answer of a provider.
const LARGEST: usize = 1 << 20;
/// By how many seconds clocks may differ.
pub const LEEWAY: u64 = 5;
/// The most characters of a name.
const LONGEST_NAME: usize = 200;

#[derive(Deserialize)]
struct Discovery {
    issuer: String,
    jwks_uri: String,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    sub: String,
    #[serde(flatten)]
    others: Map<String, Value>,
}

impl Provider {
    /// A provider whose keys are read when the first token comes, or from a file at once.
    ///
    /// # Errors
    /// One sentence on what is wrong with the settings.
    pub fn new(settings: Settings) -> Result<Self, String> {
        if settings.keys.is_none() {
            check_url("the issuer", &settings.issuer)?;
        }
        let client = reqwest::Client::builder()
            .timeout(PATIENCE)
            .redirect(reqwest::redirect::Policy::none())
            .build()
            .map_err(|error| error.to_string())?;
        let mut keys = Keys::default();
        if let Some(file) = &settings.keys {
            let text = std::fs::read(file)
                .map_err(|error| format!("cannot read {}: {error}", file.display()))?;
            let set = serde_json::from_slice(&text)
                .map_err(|error| format!("{} is no JWK set: {error}", file.display()))?;
            keys.set = Some(set);
            keys.read = Some(Instant::now());
        }
        Ok(Self {
            settings,
            client,
            keys: RwLock::new(keys),
            rests_until: Mutex::new(None),
        })
    }

    /// Who bears a token, where clocks may differ by so many seconds.
    ///
    /// # Errors
    /// [`Refused`]
    pub async fn bearer(self: &Arc<Self>, token: &str, leeway: u64) -> Result<Actor, Refused> {
        let header = decode_header(token).map_err(|_| Refused::Token)?;
        let key = self.key(header.kid.as_deref()).await?;
        let algorithm = algorithm(&key).ok_or(Refused::Token)?;
        if header.alg != algorithm {
            return Err(Refused::Token);
        }
        let mut validation = Validation::new(algorithm);
        validation.leeway = leeway;
        validation.validate_nbf = true;
        validation.set_issuer(&[&self.settings.issuer]);
        validation.set_audience(&[&self.settings.audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        let key = DecodingKey::from_jwk(&key).map_err(|_| Refused::Token)?;
        let claims = decode::<Claims>(token, &key, &validation)
            .map_err(|_| Refused::Token)?
            .claims;
        self.actor(&claims).ok_or(Refused::Token)
    }

    fn actor(&self, claims: &Claims) -> Option<Actor> {
        if claims.sub.is_empty() {
            return None;
        }
        let role = match claim(&claims.others, &self.settings.role_claim) {
            None | Some(Value::Null) => Role::Contributor,
            Some(claimed) => role(claimed)?,
        };
        let named = ["name", "preferred_username"].iter().find_map(|claim| {
            let name = shown(claims.others.get(*claim)?.as_str()?);
            (!name.is_empty()).then_some(name)
        });
        Some(Actor {
            id: format!("{}#{}", claims.iss, claims.sub),
            name: named.unwrap_or_else(|| shown(&claims.sub)),
            role,
        })
    }

    /// The key with an id; the only one for a token that names none. A key that is known never waits
    /// for the provider.
    async fn key(self: &Arc<Self>, id: Option<&str>) -> Result<Jwk, Refused> {
        if let (Some(key), is_old) = self.known(id).await {
            if is_old && self.rests_until.try_lock().is_ok() {
                let provider = Arc::clone(self);
                tokio::spawn(async move { provider.ask().await });
            }
            return Ok(key);
        }
        self.ask().await;
        match self.known(id).await {
            (Some(key), _) => Ok(key),
            (None, _) if self.keys.read().await.set.is_some() => Err(Refused::Token),
            (None, _) => Err(Refused::Provider),
        }
    }

    /// The key as it is known here, and whether it should be read again.
    async fn known(&self, id: Option<&str>) -> (Option<Jwk>, bool) {
        let keys = self.keys.read().await;
        let Some(set) = &keys.set else {
            return (None, true);
        };
        let key = match (id, set.keys.as_slice()) {
            (Some(id), _) => set.find(id).cloned(),
            (None, [only]) => Some(only.clone()),
            (None, _) => None,
        };
        (key, keys.read.is_none_or(|read| read.elapsed() > KEPT))
    }

    /// Reads the keys again, one at a time and not too often.
    async fn ask(&self) {
        let mut rests = self.rests_until.lock().await;
        if rests.is_some_and(|until| Instant::now() < until) {
            return;
        }
        let read = self.read_keys().await;
        *rests = Some(Instant::now() + if read.is_ok() { PAUSE } else { RETRY });
        match read {
            Ok(set) => {
                *self.keys.write().await = Keys {
                    set: Some(set),
                    read: Some(Instant::now()),
                };
            }
            Err(reason) => {
                tracing::warn!(reason, "the keys of the OpenID provider could not be read");
            }
        }
    }

    async fn read_keys(&self) -> Result<JwkSet, String> {
        if let Some(file) = &self.settings.keys {
            let text = tokio::fs::read(file)
                .await
                .map_err(|error| error.to_string())?;
            return serde_json::from_slice(&text).map_err(|error| error.to_string());
        }
        let issuer = &self.settings.issuer;
        let place = format!(
            "{}/.well-known/openid-configuration",
            issuer.trim_end_matches('/')
        );
        let discovery: Discovery = self.fetch(&place).await?;
        if discovery.issuer != *issuer {
            return Err(format!("{place} is of the issuer {}", discovery.issuer));
        }
        check_url("jwks_uri", &discovery.jwks_uri)?;
        self.fetch(&discovery.jwks_uri).await
    }

    async fn fetch<T: serde::de::DeserializeOwned>(&self, place: &str) -> Result<T, String> {
        let failed = |error: reqwest::Error| error.to_string();
        let answer = self.client.get(place).send().await.map_err(failed)?;
        let mut answer = answer.error_for_status().map_err(failed)?;
        let mut body = Vec::new();
        while let Some(part) = answer.chunk().await.map_err(failed)? {
            body.extend_from_slice(&part);
            if body.len() > LARGEST {
                return Err(format!("{place} answers with more than {LARGEST} bytes"));
            }
        }
        serde_json::from_slice(&body).map_err(|error| format!("{place}: {error}"))
    }
}

/// A name as it can be shown to others: one line that reads as it is kept.
fn shown(name: &str) -> String {
    let letters = name.trim().chars();
    let plain = letters.filter(|letter| !letter.is_control() && !is_directional(*letter));
    plain.take(LONGEST_NAME).collect()
}

/// The one algorithm that a key may be used with. Keys that others could know, such as passwords, are
/// none.
fn algorithm(key: &Jwk) -> Option<Algorithm> {
    let (algorithm, named) = match &key.algorithm {
        AlgorithmParameters::RSA(_) => (Algorithm::RS256, KeyAlgorithm::RS256),
        AlgorithmParameters::EllipticCurve(key) if key.curve == EllipticCurve::P256 => {
            (Algorithm::ES256, KeyAlgorithm::ES256)
        }
        AlgorithmParameters::OctetKeyPair(key) if key.curve == EllipticCurve::Ed25519 => {
            (Algorithm::EdDSA, KeyAlgorithm::EdDSA)
        }
        _ => return None,
    };
    let common = &key.common;
    let fits = common.key_algorithm.is_none_or(|given| given == named);
    let signs = !matches!(common.public_key_use, Some(PublicKeyUse::Encryption));
    (fits && signs).then_some(algorithm)
}

/// A claim by its name, or else by a path of names with dots.
fn claim<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a Value> {
    if let Some(claim) = claims.get(name) {
        return Some(claim);
    }
    let mut path = name.split('.');
    let first = claims.get(path.next()?)?;
    path.try_fold(first, |within, name| within.get(name))
}

/// The role that a claim names: of a list, the highest that is one.
fn role(claimed: &Value) -> Option<Role> {
    match claimed {
        Value::String(name) => Role::of_person(name),
        Value::Array(names) => names
            .iter()
            .filter_map(|name| Role::of_person(name.as_str()?))
            .max(),
        _ => None,
    }
}

/// Keys that come over an open line are anybody's: only this machine may be asked so.
fn check_url(what: &str, text: &str) -> Result<(), String> {
    let unfit = || format!("{what} {text} does not fit: expected an https address");
    let url = Url::parse(text).map_err(|_| unfit())?;
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
