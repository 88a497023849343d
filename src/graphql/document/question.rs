//! Hashes that identify questions.

use sha2::{Digest as _, Sha256};

/// Hash of a document, its variables and its service. The variable that contains only the cursor after which a
/// subscription continues is left out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question(pub(super) Digest);

impl Question {
    /// The first 64 bits of the hash.
    pub fn number(&self) -> u64 {
        u64::from_be_bytes(self.0.first_chunk().copied().unwrap_or_default())
    }
}

/// A SHA-256 hash.
pub type Digest = [u8; 32];

/// The hash of several parts in order, each with its length.
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
