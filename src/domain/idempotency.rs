//! Idempotency keys: a request that is sent again with the same key and content gets the same answer.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::check::{Code, Finding, Path};
use super::text_rules::{check_line, composed};

/// Maximum number of characters in a key.
const MAX_KEY: usize = 200;

/// An idempotency key, with a digest of the request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// Key that the client chose for the request.
    pub key: String,
    /// SHA-256 of the request, in base64. Another request with the same key is an error.
    pub digest: String,
}

impl Once {
    /// Returns the key of a request for `mutation` with `content`; `None` if it has none. Adds a finding for an
    /// invalid key.
    pub fn of(
        mutation: &str,
        key: Option<&str>,
        content: &impl Serialize,
        found: &mut Vec<Finding>,
    ) -> Option<Self> {
        let key = composed(key?.to_owned());
        let at = Path::default().then("idempotencyKey");
        check_line(&key, MAX_KEY, &at, found);
        match serde_json::to_vec(&(mutation, content)) {
            Ok(content) => Some(Self {
                key,
                digest: URL_SAFE_NO_PAD.encode(Sha256::digest(content)),
            }),
            Err(error) => {
                found.push(at.finding(Code::Invalid, error.to_string()));
                None
            }
        }
    }
}
