//! Requests that may be sent again: a key and content that were seen before are answered as before.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::check::{Code, Finding, Path};
use super::prose::{composed, line_faults};

/// The most characters that a key may have.
const MAX_KEY: usize = 200;

/// What makes sending a request twice the same as sending it once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The name that who sent it gave to the request.
    pub key: String,
    /// SHA-256 of what was asked, in base64: another request under the same key is a mistake.
    pub digest: String,
}

impl Once {
    /// The key of a request to do something with `content`, where it has one.
    pub fn of(
        mutation: &str,
        key: Option<&str>,
        content: &impl Serialize,
        found: &mut Vec<Finding>,
    ) -> Option<Self> {
        let key = composed(key?.to_owned());
        let at = Path::default().then("idempotencyKey");
        line_faults(&key, MAX_KEY, &at, found);
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
