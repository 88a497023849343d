//! The session cookie. It contains the token with which the person signed in. Pages and their notices read it, and
//! only in requests that a page of this origin sends, or that open a page: `SameSite=Strict` keeps it from other sites,
//! and Fetch Metadata or `Origin` from other origins of the same site, also from those that `--allow-origins` and
//! `--allow-credentials` admit. The GraphQL endpoint takes a token by `Authorization` alone.

use std::net::SocketAddr;

use axum::http::{HeaderMap, HeaderName, HeaderValue, header};

use crate::graphql::Caller;
use crate::http::app::App;
use crate::http::auth::AuthError;
use crate::http::{client, origin};

/// The name of the cookie over HTTPS. Browsers accept the prefix only from the host itself, with `Secure` and the path
/// `/`. Source: RFC 6265bis, section 4.1.3.2.
const SECURE_NAME: &str = "__Host-cyberprofiles-session";
/// The name of the cookie over HTTP, for a service on this machine. Over HTTPS it is not read: any host of the same
/// domain can set it.
const NAME: &str = "cyberprofiles-session";
/// The name of the cookie with which a sign-in at a provider begins.
const BEGUN_NAME: &str = "cyberprofiles-sign-in";
/// Its name over HTTPS.
const SECURE_BEGUN_NAME: &str = "__Host-cyberprofiles-sign-in";
/// The time in which a person signs in at a provider, in seconds.
pub const SIGN_IN_SECONDS: u64 = 600;

/// Header by which a browser tells which site sent a request. Source: Fetch Metadata Request Headers, W3C.
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Header by which a browser tells what the request is for.
const MODE: HeaderName = HeaderName::from_static("sec-fetch-mode");

/// Header in which a proxy reports the scheme that the browser used.
const FORWARDED_PROTO: HeaderName = HeaderName::from_static("x-forwarded-proto");

/// Authenticates a reader: by `Authorization`, else by the cookie, else as anonymous.
///
/// # Errors
/// [`AuthError`]
pub async fn caller(app: &App, headers: &HeaderMap, peer: SocketAddr) -> Result<Caller, AuthError> {
    let address = app.address(headers, peer);
    match session(app, headers, peer) {
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

/// The token of the session, if the request may use it.
fn session<'a>(app: &App, headers: &'a HeaderMap, peer: SocketAddr) -> Option<&'a str> {
    let is_by_proxy = client::is_trusted(peer, &app.settings.trusted_proxy);
    let token = token(headers, is_secure(app, headers, peer));
    token.filter(|_| may_use_session(headers, is_by_proxy))
}

/// True if a page of this origin sent a request, or if the request opens a page: no other page can read the answer.
fn may_use_session(headers: &HeaderMap, is_by_proxy: bool) -> bool {
    match site(headers) {
        Some(b"same-origin" | b"none") => true,
        Some(_) => headers.get(MODE).is_some_and(|mode| mode == "navigate"),
        None => origin::is_allowed(headers, &[], is_by_proxy),
    }
}

/// The site that sent a request, as the browser tells it. A browser tells it once: two values are none that is known.
pub fn site(headers: &HeaderMap) -> Option<&[u8]> {
    let mut values = headers.get_all(SITE).iter();
    match (values.next(), values.next()) {
        (Some(site), None) => Some(site.as_bytes()),
        (Some(_), Some(_)) => Some(b""),
        (None, _) => None,
    }
}

/// True if a request has a session.
pub fn has_session(headers: &HeaderMap) -> bool {
    token(headers, true)
        .or_else(|| token(headers, false))
        .is_some()
}

/// The credential of a request as a value of `Authorization`: that header, else the cookie.
pub fn authorization(app: &App, headers: &HeaderMap, peer: SocketAddr) -> Option<HeaderValue> {
    let sent = headers.get(header::AUTHORIZATION).cloned();
    sent.or_else(|| {
        let token = session(app, headers, peer)?;
        HeaderValue::try_from(format!("Bearer {token}")).ok()
    })
}

/// True if the browser reaches the service over HTTPS: by the public address, or as a trusted proxy reports.
pub fn is_secure(app: &App, headers: &HeaderMap, peer: SocketAddr) -> bool {
    if app
        .service
        .limits()
        .public_url
        .as_str()
        .starts_with("https:")
    {
        return true;
    }
    let proto = headers.get(FORWARDED_PROTO);
    let proto = proto
        .and_then(|proto| proto.to_str().ok())
        .unwrap_or_default();
    let first = proto.split(',').next().unwrap_or_default().trim();
    first.eq_ignore_ascii_case("https") && client::is_trusted(peer, &app.settings.trusted_proxy)
}

/// The token in the cookie.
fn token(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    value(headers, if is_secure { SECURE_NAME } else { NAME })
}

/// The state of a sign-in that began.
pub fn begun(headers: &HeaderMap, is_secure: bool) -> Option<&str> {
    value(
        headers,
        if is_secure {
            SECURE_BEGUN_NAME
        } else {
            BEGUN_NAME
        },
    )
}

/// The value of the first cookie with a name. Other cookies of the same header may have any bytes.
fn value<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let values = headers.get_all(header::COOKIE).iter();
    let pairs = values.flat_map(|value| value.as_bytes().split(|byte| *byte == b';'));
    let mut pairs = pairs.filter_map(|pair| std::str::from_utf8(pair).ok()?.split_once('='));
    pairs.find_map(|(found, value)| {
        let value = value.trim();
        (found.trim() == name && !value.is_empty()).then_some(value)
    })
}

/// Adds the header that begins a session: until it is ended or the browser is closed. A token with letters that no
/// cookie may have adds none.
pub fn begin(headers: &mut HeaderMap, token: &str, is_secure: bool) {
    let cookie = if is_secure {
        format!("{SECURE_NAME}={token}; Path=/; Secure; HttpOnly; SameSite=Strict")
    } else {
        format!("{NAME}={token}; Path=/; HttpOnly; SameSite=Strict")
    };
    add(headers, &cookie);
}

/// Adds the header that keeps the state of a sign-in at a provider. The provider sends the browser back, which is a
/// request from another site: `Lax` is sent with it, `Strict` is not.
pub fn remember(headers: &mut HeaderMap, state: &str, is_secure: bool) {
    let cookie = if is_secure {
        format!(
            "{SECURE_BEGUN_NAME}={state}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={SIGN_IN_SECONDS}"
        )
    } else {
        format!("{BEGUN_NAME}={state}; Path=/; HttpOnly; SameSite=Lax; Max-Age={SIGN_IN_SECONDS}")
    };
    add(headers, &cookie);
}

/// True if a token can stand in a cookie. Source: RFC 6265, section 4.1.1.
pub fn is_possible(token: &str) -> bool {
    let is_fit =
        |letter: u8| letter.is_ascii_graphic() && !matches!(letter, b'"' | b',' | b';' | b'\\');
    !token.is_empty() && token.bytes().all(is_fit)
}

/// Adds the headers that end a session in the browser.
pub fn forget(headers: &mut HeaderMap) {
    end(headers, SECURE_NAME, "Secure; HttpOnly; SameSite=Strict");
    end(headers, NAME, "HttpOnly; SameSite=Strict");
}

/// Adds the headers that end a sign-in at a provider.
pub fn forget_begun(headers: &mut HeaderMap) {
    end(headers, SECURE_BEGUN_NAME, "Secure; HttpOnly; SameSite=Lax");
    end(headers, BEGUN_NAME, "HttpOnly; SameSite=Lax");
}

/// Adds the header by which a browser deletes a cookie.
fn end(headers: &mut HeaderMap, name: &str, attributes: &str) {
    add(
        headers,
        &format!("{name}=; Path=/; {attributes}; Max-Age=0"),
    );
}

fn add(headers: &mut HeaderMap, cookie: &str) {
    if let Ok(value) = HeaderValue::try_from(cookie) {
        headers.append(header::SET_COOKIE, value);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pages_of_other_origins_cannot_use_the_session() {
        for (sent, is_so) in [
            (&[][..], true),
            (&[("sec-fetch-site", "same-origin")], true),
            (
                &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate")],
                true,
            ),
            (
                &[
                    ("sec-fetch-site", "same-site"),
                    ("sec-fetch-mode", "navigate"),
                ],
                true,
            ),
            (
                &[("sec-fetch-site", "same-site"), ("sec-fetch-mode", "cors")],
                false,
            ),
            (
                &[
                    ("sec-fetch-site", "cross-site"),
                    ("sec-fetch-mode", "no-cors"),
                ],
                false,
            ),
            (&[("sec-fetch-site", "cross-site")], false),
            (&[("origin", "https://example.org")], true),
            (&[("origin", "https://app.example.org")], false),
            (&[("origin", "null")], false),
            (
                &[
                    ("sec-fetch-site", "same-origin"),
                    ("sec-fetch-site", "cross-site"),
                ],
                false,
            ),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::HOST, HeaderValue::from_static("example.org"));
            for (name, value) in sent {
                headers.append(*name, HeaderValue::from_static(value));
            }
            assert_eq!(may_use_session(&headers, false), is_so, "{sent:?}");
        }
    }

    #[test]
    fn the_cookie_has_a_name_for_https_that_no_other_host_can_set() {
        let mut headers = HeaderMap::new();
        begin(&mut headers, "cp_x", true);
        begin(&mut headers, "cp_y", false);
        let set: Vec<_> = headers.get_all(header::SET_COOKIE).iter().collect();
        assert_eq!(
            set,
            [
                "__Host-cyberprofiles-session=cp_x; Path=/; Secure; HttpOnly; SameSite=Strict",
                "cyberprofiles-session=cp_y; Path=/; HttpOnly; SameSite=Strict",
            ]
        );
        let mut sent = HeaderMap::new();
        let cookies = b"a=\xe9; cyberprofiles-sign-in=s; cyberprofiles-session=cp_y; __Host-cyberprofiles-session=cp_x";
        sent.insert(header::COOKIE, HeaderValue::from_bytes(cookies).unwrap());
        assert_eq!(token(&sent, true), Some("cp_x"));
        assert_eq!(token(&sent, false), Some("cp_y"));
        assert_eq!((begun(&sent, true), begun(&sent, false)), (None, Some("s")));
        for (token, is_fit) in [
            ("cp_x", true),
            ("a.b.c-_", true),
            ("a;b", false),
            ("a b", false),
            ("", false),
            ("a\n", false),
        ] {
            assert_eq!(is_possible(token), is_fit, "{token}");
        }
    }
}
