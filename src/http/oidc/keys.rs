//! The keys of a provider (RFC 7517) that can verify a token. Other keys of the set are ignored.

use jsonwebtoken::jwk::{
    AlgorithmParameters, EllipticCurve, Jwk, KeyAlgorithm, KeyOperations, PublicKeyUse,
};
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

use super::header::Header;

/// Largest number of keys that are tried for one token.
const MAX_TRIED_KEYS: usize = 8;

/// The usable keys of a provider.
#[derive(Clone, Debug)]
pub struct Keys(Vec<Key>);

#[derive(Clone, Debug)]
struct Key {
    id: Option<String>,
    algorithm: Algorithm,
    verifier: DecodingKey,
}

/// A JWK set; its keys are read one by one.
#[derive(Deserialize)]
struct Set {
    keys: Vec<Value>,
}

impl Keys {
    /// Reads a JWK set.
    ///
    /// # Errors
    /// The position of the fault. The content is not repeated: the file may be another one, with secrets.
    pub fn read(set: &[u8]) -> Result<Self, String> {
        let set: Set = serde_json::from_slice(set).map_err(|error| {
            let (line, column) = (error.line(), error.column());
            format!("expected an object with a list `keys` (line {line}, column {column})")
        })?;
        let all = set.keys.len();
        let keys: Vec<Key> = set.keys.into_iter().filter_map(Key::read).collect();
        if keys.len() < all {
            let (passed_over, of) = (all.saturating_sub(keys.len()), all);
            tracing::debug!(
                passed_over,
                of,
                "some keys of the OpenID provider cannot verify tokens"
            );
        }
        Ok(Self(keys))
    }

    /// Number of keys.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Keys that may have signed a token: those with its algorithm and, if it names one, its key id.
    pub fn candidate_keys(&self, header: &Header) -> Vec<DecodingKey> {
        let fits = |key: &&Key| {
            key.algorithm == header.algorithm && (header.key.is_none() || header.key == key.id)
        };
        let keys = self.0.iter().filter(fits).take(MAX_TRIED_KEYS);
        keys.map(|key| key.verifier.clone()).collect()
    }
}

impl Key {
    /// Reads a key; `None` if it cannot verify tokens.
    fn read(key: Value) -> Option<Self> {
        let key: Jwk = serde_json::from_value(key).ok()?;
        Some(Self {
            algorithm: algorithm(&key)?,
            verifier: DecodingKey::from_jwk(&key).ok()?,
            id: key.common.key_id,
        })
    }
}

/// The algorithm for which a key may be used. Symmetric keys are refused: others could know them, like passwords.
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
    let signs = common
        .public_key_use
        .as_ref()
        .is_none_or(|given| *given == PublicKeyUse::Signature);
    let verifies = common
        .key_operations
        .as_ref()
        .is_none_or(|given| given.contains(&KeyOperations::Verify));
    (fits && signs && verifies).then_some(algorithm)
}
