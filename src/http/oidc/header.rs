//! The header of a signed token (RFC 7515, section 4): key and algorithm. A header with members that would have to be
//! understood is refused.

use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::Algorithm;
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};
use serde_json::{Map, Value};

/// Signature parameters of a token. Keys that a token contains or refers to (`jwk`, `jku`, `x5c`, `x5u`) are never
/// used: anybody could write them.
#[derive(Debug)]
pub struct Header {
    /// Signature algorithm (`alg`).
    pub algorithm: Algorithm,
    /// Id of the key (`kid`).
    pub key: Option<String>,
}

impl Header {
    /// Reads the header of a token.
    ///
    /// # Errors
    /// The reason for refusing the token, in fixed words.
    pub fn read(token: &str) -> Result<Self, &'static str> {
        let mut parts = token.split('.');
        let (Some(header), Some(_), Some(_), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err("it does not have the three parts of a signed token");
        };
        let header = URL_SAFE_NO_PAD
            .decode(header)
            .map_err(|_| "its header is not base64url")?;
        let Members(header) = serde_json::from_slice(&header)
            .map_err(|_| "its header is not a JSON object without duplicate members")?;
        if header.contains_key("crit") {
            // Source: RFC 7515, section 4.1.11.
            return Err("its header has `crit`: extensions are not supported");
        }
        if header
            .get("b64")
            .is_some_and(|encoded| *encoded != Value::Bool(true))
        {
            // Source: RFC 7797, section 7.
            return Err("its header declares that its payload is not base64url (`b64`)");
        }
        let algorithm = header.get("alg").and_then(Value::as_str);
        let algorithm = algorithm.and_then(|name| name.parse().ok());
        let key = match header.get("kid") {
            None | Some(Value::Null) => None,
            Some(Value::String(id)) => Some(id.clone()),
            Some(_) => return Err("the id of its key (`kid`) is not a string"),
        };
        Ok(Self {
            algorithm: algorithm.ok_or("its algorithm (`alg`) is unknown")?,
            key,
        })
    }
}

/// A JSON object without duplicate members.
struct Members(Map<String, Value>);

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Once;
        impl<'de> Visitor<'de> for Once {
            type Value = Members;

            fn expecting(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
                to.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut from: A) -> Result<Members, A::Error> {
                let mut members = Map::new();
                while let Some((name, value)) = from.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(A::Error::custom("a member is named twice"));
                    }
                }
                Ok(Members(members))
            }
        }
        from.deserialize_map(Once)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(header: &str) -> Result<(Algorithm, Option<String>), &'static str> {
        let header = Header::read(&format!("{}.e30.", URL_SAFE_NO_PAD.encode(header)))?;
        Ok((header.algorithm, header.key))
    }

    #[test]
    fn a_header_gives_the_algorithm_and_the_key() {
        let whole = r#"{"alg":"ES256","kid":"a","typ":"at+jwt","jku":"https://example.org/keys","b64":true}"#;
        assert_eq!(read(whole), Ok((Algorithm::ES256, Some("a".to_owned()))));
        for keyless in [r#"{"alg":"RS256"}"#, r#"{"alg":"RS256","kid":null}"#] {
            assert_eq!(read(keyless), Ok((Algorithm::RS256, None)));
        }
    }

    #[test]
    fn a_malformed_or_unsupported_header_is_refused() {
        for header in [
            r#"{"alg":"ES256","crit":["exp"],"exp":1}"#,
            r#"{"alg":"ES256","crit":["b64"],"b64":true}"#,
            r#"{"alg":"ES256","crit":[]}"#,
            r#"{"alg":"ES256","crit":null}"#,
            r#"{"alg":"ES256","b64":false}"#,
            r#"{"alg":"ES256","alg":"ES256"}"#,
            r#"{"alg":"ES256","kid":"a","kid":"b"}"#,
            r#"{"alg":"ES256","\u006bid":"a","kid":"b"}"#,
            r#"{"alg":"ES256","kid":1}"#,
            r#"{"alg":"none"}"#,
            r#"{"alg":null}"#,
            r#"{"kid":"a"}"#,
            r#"["ES256"]"#,
            "",
        ] {
            assert!(read(header).is_err(), "{header}");
        }
        for token in ["", "e30", "e30.e30", "e30.e30.e30.e30.e30", "?.e30."] {
            assert!(Header::read(token).is_err(), "{token}");
        }
    }
}
