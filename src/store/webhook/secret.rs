//! Secrets of webhooks, in the form of the Standard Webhooks specification.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::error::Error;

/// Beginning of every secret, which is not part of the key.
pub const SECRET_PREFIX: &str = "whsec_";

/// Makes a secret: the prefix, and 32 random bytes in base64.
pub fn new() -> Result<String, Error> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).map_err(|error| Error::Unusable(error.to_string()))?;
    Ok(format!("{SECRET_PREFIX}{}", STANDARD.encode(bytes)))
}
