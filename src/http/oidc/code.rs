//! Sign-in with the authorisation code and PKCE. Source: `OpenID` Connect Core 1.0, section 3.1; RFC 7636.

use std::fmt;
use std::sync::Arc;
use std::time::Instant;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest, Sha256};
use url::Url;
use uuid::Uuid;

use super::{KEY_LIFETIME, LEEWAY_SECONDS, Provider, TokenRefused, check_url};

/// The client under which this service is registered at the provider.
#[derive(Clone)]
pub struct ClientSettings {
    /// The client id.
    pub id: String,
    /// The client secret; `None` for a public client.
    pub secret: Option<String>,
    /// The scopes that are asked for, separated by spaces.
    pub scopes: String,
}

impl fmt::Debug for ClientSettings {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.debug_struct("ClientSettings")
            .field("id", &self.id)
            .field("secret", &self.secret.as_ref().map(|_| "…"))
            .field("scopes", &self.scopes)
            .finish()
    }
}

/// The addresses of a provider that a sign-in needs.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(default)]
pub struct Endpoints {
    authorization_endpoint: Option<String>,
    token_endpoint: Option<String>,
    token_endpoint_auth_methods_supported: Option<Vec<String>>,
}

/// A sign-in that began. The browser keeps it until the provider sends the person back.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Started {
    /// Value that comes back with the code.
    state: String,
    /// Value that the ID token contains.
    nonce: String,
    /// Secret of PKCE.
    verifier: String,
    /// The path to which the person goes afterwards.
    pub back: String,
}

/// Reasons why a sign-in fails.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignInFailed {
    /// The answer does not belong to this sign-in, or no token in it is accepted.
    Refused,
    /// The provider does not respond.
    Away,
}

impl From<TokenRefused> for SignInFailed {
    fn from(refused: TokenRefused) -> Self {
        match refused {
            TokenRefused::Token => Self::Refused,
            TokenRefused::Provider => Self::Away,
        }
    }
}

#[derive(Deserialize)]
struct TokenResponse {
    id_token: String,
    access_token: Option<String>,
}

impl Started {
    fn new(back: &str) -> Self {
        Self {
            state: random(),
            nonce: random(),
            verifier: random(),
            back: back.to_owned(),
        }
    }

    /// The value of the cookie that keeps it.
    pub fn to_cookie(&self) -> String {
        let text = serde_json::to_vec(self).unwrap_or_default();
        URL_SAFE_NO_PAD.encode(text)
    }

    /// Reads the value of the cookie.
    pub fn of_cookie(cookie: &str) -> Option<Self> {
        let text = URL_SAFE_NO_PAD.decode(cookie).ok()?;
        serde_json::from_slice(&text).ok()
    }

    /// The challenge of PKCE. Source: RFC 7636, section 4.2.
    fn challenge(&self) -> String {
        URL_SAFE_NO_PAD.encode(Sha256::digest(self.verifier.as_bytes()))
    }
}

/// 244 random bits in 64 hexadecimal digits.
fn random() -> String {
    format!("{}{}", Uuid::new_v4().simple(), Uuid::new_v4().simple())
}

impl Provider {
    /// The host of the issuer, if people can sign in at it.
    pub fn sign_in_host(&self) -> Option<String> {
        self.settings.client.as_ref()?;
        let issuer = Url::parse(&self.settings.issuer).ok()?;
        issuer.host_str().map(str::to_owned)
    }

    /// Begins a sign-in: the address at the provider to which the browser goes, and the values to keep.
    ///
    /// # Errors
    /// [`SignInFailed`]
    pub async fn start_sign_in(
        &self,
        redirect: &str,
        back: &str,
    ) -> Result<(Url, Started), SignInFailed> {
        let client = self.settings.client.as_ref().ok_or(SignInFailed::Refused)?;
        let endpoints = self.endpoints().await?;
        let place = endpoints.authorization_endpoint.unwrap_or_default();
        let mut address = Self::endpoint("authorization_endpoint", &place)?;
        let started = Started::new(back);
        address
            .query_pairs_mut()
            .append_pair("response_type", "code")
            .append_pair("client_id", &client.id)
            .append_pair("redirect_uri", redirect)
            .append_pair("scope", &client.scopes)
            .append_pair("state", &started.state)
            .append_pair("nonce", &started.nonce)
            .append_pair("code_challenge", &started.challenge())
            .append_pair("code_challenge_method", "S256");
        Ok((address, started))
    }

    /// Ends a sign-in: exchanges the code, checks the ID token, and returns the token for the session.
    ///
    /// # Errors
    /// [`SignInFailed`]
    pub async fn finish_sign_in(
        self: &Arc<Self>,
        started: &Started,
        answer: &[(String, String)],
        redirect: &str,
    ) -> Result<String, SignInFailed> {
        let client = self.settings.client.as_ref().ok_or(SignInFailed::Refused)?;
        let value = |name: &str| {
            let mut values = answer.iter().filter(|(known, _)| known == name);
            values.next().map(|(_, value)| value.as_str())
        };
        if value("state") != Some(started.state.as_str()) {
            return Err(refused("its `state` is not that of the browser"));
        }
        // Source: RFC 9207, section 2.4.
        if value("iss").is_some_and(|issuer| issuer != self.settings.issuer) {
            return Err(refused("its `iss` is another one"));
        }
        let Some(code) = value("code") else {
            return Err(refused("it has no `code`"));
        };
        let tokens = self.exchange(code, started, redirect).await?;
        let claims = self
            .claims(&tokens.id_token, &client.id, LEEWAY_SECONDS)
            .await?;
        let claim = |name: &str| claims.others.get(name).and_then(Value::as_str);
        if claim("nonce") != Some(started.nonce.as_str()) {
            return Err(refused("the `nonce` of its ID token is another one"));
        }
        if claim("azp").is_some_and(|party| party != client.id) {
            return Err(refused("the `azp` of its ID token is another client"));
        }
        let person = format!("{}#{}", claims.iss, claims.sub);
        // The access token is made for this service; the ID token serves if its audience is that of the service.
        for token in tokens.access_token.into_iter().chain([tokens.id_token]) {
            let is_signed = token.split('.').count() == 3 && token.len() <= MAX_TOKEN_BYTES;
            if !is_signed {
                continue;
            }
            match self.bearer(&token, LEEWAY_SECONDS).await {
                Ok(actor) if actor.id == person => return Ok(token),
                Ok(_) | Err(TokenRefused::Token) => {}
                Err(TokenRefused::Provider) => return Err(SignInFailed::Away),
            }
        }
        Err(refused("neither token is for the audience of this service"))
    }

    /// Exchanges a code for tokens. Source: `OpenID` Connect Core 1.0, section 3.1.3.
    async fn exchange(
        &self,
        code: &str,
        started: &Started,
        redirect: &str,
    ) -> Result<TokenResponse, SignInFailed> {
        let client = self.settings.client.as_ref().ok_or(SignInFailed::Refused)?;
        let endpoints = self.endpoints().await?;
        let place = endpoints.token_endpoint.unwrap_or_default();
        let address = Self::endpoint("token_endpoint", &place)?;
        let mut fields = vec![
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", redirect),
            ("client_id", &client.id),
            ("code_verifier", &started.verifier),
        ];
        let methods = endpoints.token_endpoint_auth_methods_supported;
        let takes = |method: &str| {
            let methods = methods.as_ref();
            methods.is_some_and(|methods| methods.iter().any(|known| known == method))
        };
        let mut request = self.client.post(address);
        if let Some(secret) = &client.secret {
            if takes("client_secret_post") && !takes("client_secret_basic") {
                fields.push(("client_secret", secret));
            } else {
                // Both are encoded first. Source: RFC 6749, section 2.3.1.
                let encoded = |text: &str| -> String {
                    url::form_urlencoded::byte_serialize(text.as_bytes()).collect()
                };
                request = request.basic_auth(encoded(&client.id), Some(encoded(secret)));
            }
        }
        let answer = self.send(request.form(&fields), "token_endpoint").await;
        let answer = answer.map_err(|reason| away(&reason))?;
        serde_json::from_slice(&answer)
            .map_err(|_| refused("the token endpoint gave no `id_token`"))
    }

    /// The addresses of the provider, read again after an hour.
    async fn endpoints(&self) -> Result<Endpoints, SignInFailed> {
        if let Some((known, read)) = &*self.endpoints.read().await
            && read.elapsed() < KEY_LIFETIME
        {
            return Ok(known.clone());
        }
        let discovery = self.discover().await.map_err(|reason| away(&reason))?;
        let endpoints = discovery.endpoints;
        *self.endpoints.write().await = Some((endpoints.clone(), Instant::now()));
        Ok(endpoints)
    }

    fn endpoint(name: &str, text: &str) -> Result<Url, SignInFailed> {
        check_url(name, text).map_err(|reason| away(&reason))?;
        Url::parse(text).map_err(|_| SignInFailed::Away)
    }
}

/// The largest token that a cookie holds, in bytes: browsers store 4,096 bytes with name and attributes.
const MAX_TOKEN_BYTES: usize = 3_900;

/// Logs why a sign-in is refused. No token and no claim is logged.
fn refused(reason: &str) -> SignInFailed {
    tracing::info!(reason, "a sign-in at the OpenID provider is refused");
    SignInFailed::Refused
}

/// Logs why the provider cannot be asked.
fn away(reason: &str) -> SignInFailed {
    tracing::warn!(reason, "the OpenID provider did not complete a sign-in");
    SignInFailed::Away
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_challenge_is_that_of_the_specification() {
        let started = Started {
            verifier: "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk".to_owned(),
            ..Started::new("/review")
        };
        assert_eq!(
            started.challenge(),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"
        );
        assert_eq!(Started::of_cookie(&started.to_cookie()), Some(started));
        assert_eq!(Started::of_cookie("x"), None);
    }

    #[test]
    fn the_secret_is_not_printed() {
        let client = ClientSettings {
            id: "pages".to_owned(),
            secret: Some("hush".to_owned()),
            scopes: "openid".to_owned(),
        };
        assert!(!format!("{client:?}").contains("hush"));
    }
}
