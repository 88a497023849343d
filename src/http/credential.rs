//! Credentials in places that the service does not read. A client that sends its token there would be anonymous without
//! knowing it, so it is refused.

use axum::http::{HeaderMap, StatusCode, Uri, header};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::domain::text::truncate;
use crate::graphql::TOKEN_PREFIX;

/// Parts of names under which clients send credentials, in lower case and without punctuation.
const NAME_PARTS: [&str; 14] = [
    "accesskey",
    "apikey",
    "authoris",
    "authoriz",
    "bearer",
    "cookie",
    "credential",
    "jwt",
    "passphrase",
    "passwd",
    "password",
    "secret",
    "session",
    "token",
];

/// True if a credential is usually sent under this name. Letter case and punctuation do not matter.
fn is_credential_name(name: &str) -> bool {
    let letters = name.chars().filter(char::is_ascii_alphanumeric);
    let name: String = letters.map(|letter| letter.to_ascii_lowercase()).collect();
    let has_part = NAME_PARTS.iter().any(|part| name.contains(part));
    // The name of an author is no credential.
    has_part || name == "key" || name.replace("author", "").contains("auth")
}

/// True if a text has the form of a credential: a value of `Authorization`, an API token, or a JSON Web Token.
fn is_credential(text: &str) -> bool {
    let scheme = text.split(' ').next().unwrap_or_default();
    let has_scheme = (scheme.len() < text.len() && scheme.eq_ignore_ascii_case("basic"))
        || text.to_ascii_lowercase().contains("bearer ");
    // The header of a JSON Web Token begins with `{"` in base64url.
    let is_jwt = text.starts_with("eyJ") && text.split('.').count() == 3;
    has_scheme || is_jwt || text.starts_with(TOKEN_PREFIX)
}

/// The name of the first member that contains a credential, at any depth.
pub fn name_in(members: &Map<String, Value>) -> Option<&str> {
    members.iter().find_map(|(name, value)| {
        if is_credential_name(name) {
            return Some(name.as_str());
        }
        name_in_value(name, value)
    })
}

/// Like [`name_in`], for the value of the member `name`.
fn name_in_value<'a>(name: &'a str, value: &'a Value) -> Option<&'a str> {
    match value {
        Value::String(text) => is_credential(text).then_some(name),
        Value::Array(elements) => elements
            .iter()
            .find_map(|element| name_in_value(name, element)),
        Value::Object(members) => name_in(members),
        Value::Null | Value::Bool(_) | Value::Number(_) => None,
    }
}

/// Checks that a request without `Authorization` has no credential in its address: servers and proxies log addresses,
/// so none is read from there.
///
/// # Errors
/// A refusal with status 401, which names the accepted form.
pub fn check_address(uri: &Uri, headers: &HeaderMap) -> Result<(), Refusal> {
    let query = uri.query().unwrap_or_default();
    if query.is_empty() || headers.contains_key(header::AUTHORIZATION) {
        return Ok(());
    }
    let mut names = query.split('&').map(|pair| {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        percent_decode_str(name).decode_utf8_lossy()
    });
    match names.find(|name| is_credential_name(name)) {
        None => Ok(()),
        Some(name) => {
            let message = format!(
                "`{}` in the address is not read: send the header `Authorization: Bearer TOKEN`",
                truncate(&name)
            );
            let refusal = Refusal::new(StatusCode::UNAUTHORIZED, "UNAUTHENTICATED", &message);
            Err(refusal.with_header(header::WWW_AUTHENTICATE, "Bearer"))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn credentials_are_recognised_by_their_name() {
        for name in [
            "AUTHORIZATION",
            "authorisation",
            "auth",
            "x-auth",
            "authToken",
            "access_token",
            "X-API-Key",
            "api_key",
            "key",
            "jwt",
            "idToken",
            "password",
            "client_secret",
            "sessionId",
            "Cookie",
        ] {
            assert!(is_credential_name(name), "{name}");
        }
        for name in [
            "query",
            "operationName",
            "variables",
            "extensions",
            "documentId",
            "author",
            "authority",
            "client",
            "version",
            "headers",
            "language",
            "keyboard",
            "",
        ] {
            assert!(!is_credential_name(name), "{name}");
        }
    }

    #[test]
    fn credentials_are_recognised_by_their_value_at_any_depth() {
        let found = |payload: Value| name_in(payload.as_object().unwrap()).map(str::to_owned);
        for (payload, name) in [
            (serde_json::json!({ "a": "Bearer x" }), Some("a")),
            (serde_json::json!({ "a": "basic eA==" }), Some("a")),
            (serde_json::json!({ "a": "cp_x" }), Some("a")),
            (
                serde_json::json!({ "a": "eyJhbGciOiJub25lIn0.e30." }),
                Some("a"),
            ),
            (
                serde_json::json!({ "a": { "b": [1, ["x", "Bearer x"]] } }),
                Some("b"),
            ),
            (serde_json::json!({ "a": { "Jwt": null } }), Some("Jwt")),
            (
                serde_json::json!({ "a": "bearer", "b": "eyJ", "c": [1, null, true] }),
                None,
            ),
        ] {
            assert_eq!(found(payload.clone()).as_deref(), name, "{payload}");
        }
    }
}
