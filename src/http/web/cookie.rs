//! The session cookie. It contains the token with which the person signed in, and only pages read it: the GraphQL
//! endpoint takes a token by `Authorization` alone, so no other site can use the session.

use std::net::IpAddr;

use axum::http::{HeaderMap, HeaderValue, header};

use crate::graphql::Caller;
use crate::http::app::App;
use crate::http::auth::AuthError;

/// The name of the cookie over HTTPS. Browsers accept the prefix only from the host itself, with `Secure` and the path
/// `/`. Source: RFC 6265bis, section 4.1.3.2.
const SECURE_NAME: &str = "__Host-session";
/// The name of the cookie over HTTP, for a service on this machine.
const NAME: &str = "session";

/// Authenticates a reader: by `Authorization`, else by the cookie, else as anonymous.
///
/// # Errors
/// [`AuthError`]
pub async fn caller(app: &App, headers: &HeaderMap, address: IpAddr) -> Result<Caller, AuthError> {
    match token(headers) {
        Some(token) if !headers.contains_key(header::AUTHORIZATION) => {
            let viewer = app.guard.bearer(&format!("Bearer {token}")).await?;
            Ok(Caller {
                viewer,
                address: Some(address),
            })
        }
        _ => app.guard.caller(headers, address).await,
    }
}

/// True if a request has a session.
pub fn has_session(headers: &HeaderMap) -> bool {
    token(headers).is_some()
}

/// The credential of a request as a value of `Authorization`: that header, else the cookie.
pub fn authorization(headers: &HeaderMap) -> Option<HeaderValue> {
    let sent = headers.get(header::AUTHORIZATION).cloned();
    sent.or_else(|| HeaderValue::try_from(format!("Bearer {}", token(headers)?)).ok())
}

/// The token in the cookie.
fn token(headers: &HeaderMap) -> Option<&str> {
    let values = headers.get_all(header::COOKIE).iter();
    let mut pairs = values.flat_map(|value| value.to_str().unwrap_or_default().split(';'));
    pairs.find_map(|pair| {
        let (name, value) = pair.split_once('=')?;
        let is_session = matches!(name.trim(), SECURE_NAME | NAME);
        let value = value.trim();
        (is_session && !value.is_empty()).then_some(value)
    })
}

/// Adds the header that ends a session in the browser.
pub fn forget(headers: &mut HeaderMap) {
    for cookie in [
        "__Host-session=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0",
        "session=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0",
    ] {
        headers.append(header::SET_COOKIE, HeaderValue::from_static(cookie));
    }
}
