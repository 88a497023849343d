//! The token in the payload of `connection_init`.

use serde_json::{Map, Value};

use super::protocol::Close;
use crate::http::credential;

/// Longest name that a close reason repeats, in characters.
const MAX_NAME_CHARACTERS: usize = 20;

/// Returns the token in the payload of `connection_init`, as the value of an `Authorization` header. `None` if the
/// payload contains no credential.
///
/// # Errors
/// [`Close::Credential`] if a credential has another form than the accepted ones, or if there are two different ones.
pub fn authorization(payload: &Map<String, Value>) -> Result<Option<String>, Close> {
    let headers = named(payload, "headers").filter_map(Value::as_object);
    let headers = headers.flat_map(|headers| named(headers, "authorization"));
    let values = named(payload, "authorization").chain(headers);
    let values = values.map(|value| value.as_str().and_then(bearer));
    let tokens = named(payload, "token").map(|token| token.as_str().and_then(bare_or_bearer));
    let mut found = values.chain(tokens);
    match found.next() {
        None => credential::name_in(payload).map_or(Ok(None), |name| Err(unread(name))),
        Some(None) => Err(Close::Credential("the token cannot be read".to_owned())),
        Some(first) if found.all(|other| other == first) => Ok(first),
        Some(_) => Err(Close::Credential("the tokens differ".to_owned())),
    }
}

/// Values of the members with a name, in any letter case.
fn named<'a>(
    members: &'a Map<String, Value>,
    wanted: &'static str,
) -> impl Iterator<Item = &'a Value> {
    let has_name = move |(name, _): &(&String, &Value)| name.eq_ignore_ascii_case(wanted);
    members.iter().filter(has_name).map(|(_, value)| value)
}

/// The value `Bearer TOKEN` with its scheme in one form, so that equal tokens are equal texts.
fn bearer(value: &str) -> Option<String> {
    let (scheme, token) = value.trim().split_once(' ')?;
    let token = token.trim();
    let is_bearer = scheme.eq_ignore_ascii_case("bearer") && !token.is_empty();
    is_bearer.then(|| format!("Bearer {token}"))
}

/// The same, from a token with or without its scheme.
fn bare_or_bearer(token: &str) -> Option<String> {
    let token = token.trim();
    if token.contains(' ') {
        return bearer(token);
    }
    (!token.is_empty()).then(|| format!("Bearer {token}"))
}

fn unread(name: &str) -> Close {
    let letters = name.chars().filter(char::is_ascii_graphic);
    let name: String = letters.take(MAX_NAME_CHARACTERS).collect();
    Close::Credential(format!("{name} is not read"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(payload: &Value) -> Result<Option<String>, Close> {
        authorization(payload.as_object().unwrap())
    }

    #[test]
    fn a_token_is_read_from_each_accepted_form() {
        for payload in [
            json!({ "Authorization": "Bearer x" }),
            json!({ "AUTHORIZATION": "bearer  x " }),
            json!({ "headers": { "authorization": "Bearer x" } }),
            json!({ "Headers": { "Authorization": "BEARER x", "x-client": "a" }, "locale": "fr" }),
            json!({ "token": "x" }),
            json!({ "token": "Bearer x", "authorization": "Bearer x" }),
            json!({ "token": "x", "csrfToken": "y" }),
        ] {
            assert_eq!(read(&payload), Ok(Some("Bearer x".to_owned())), "{payload}");
        }
        for payload in [
            json!({}),
            json!({ "client": "web", "author": "Eva", "headers": { "accept-language": "fr" } }),
            json!({ "headers": null }),
        ] {
            assert_eq!(read(&payload), Ok(None), "{payload}");
        }
    }

    #[test]
    fn any_other_credential_is_refused_and_the_reason_names_the_accepted_forms() {
        for (payload, what) in [
            (json!({ "authToken": "x" }), "authToken is not read"),
            (
                json!({ "headers": { "x-api-key": "x" } }),
                "x-api-key is not read",
            ),
            (json!({ "headers": "Bearer x" }), "headers is not read"),
            (
                json!({ "headers": [["Authorization", "Bearer x"]] }),
                "headers is not read",
            ),
            (json!({ "payload": { "token": "x" } }), "token is not read"),
            (
                json!({ "token\u{202e}token token token token": "x" }),
                "tokentokentokentoken is not read",
            ),
            (json!({ "Authorization": "x" }), "the token cannot be read"),
            (
                json!({ "Authorization": "Basic eA==" }),
                "the token cannot be read",
            ),
            (
                json!({ "Authorization": "Bearer " }),
                "the token cannot be read",
            ),
            (json!({ "token": null }), "the token cannot be read"),
            (json!({ "token": "" }), "the token cannot be read"),
            (json!({ "token": ["x"] }), "the token cannot be read"),
            (
                json!({ "token": "x", "authorization": "Bearer y" }),
                "the tokens differ",
            ),
        ] {
            let frame = read(&payload).unwrap_err().frame(None);
            let forms = "{authorization:\"Bearer T\"}, {headers:{authorization:\"Bearer T\"}} or {token:\"T\"}";
            assert_eq!(frame.code, 4401, "{payload}");
            assert_eq!(
                frame.reason.as_str(),
                format!("{what}: send {forms}"),
                "{payload}"
            );
        }
    }
}
