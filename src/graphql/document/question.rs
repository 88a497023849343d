//! Names of questions: equal for those who ask the same.

use sha2::{Digest as _, Sha256};

/// A name for a document with its variables, but for the one that only says where in the log to go on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Question(pub(super) Digest);

impl Question {
    /// A short name.
    pub fn number(&self) -> u64 {
        u64::from_be_bytes(self.0.first_chunk().copied().unwrap_or_default())
    }
}

/// A hash that stands for something longer.
pub type Digest = [u8; 32];

/// The hash of some parts in their order.
pub fn digest<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> Digest {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part);
    }
    hash.finalize().into()
}
