//! Forms: their keys, and the contributions that they name.

use std::collections::hash_map::RandomState;
use std::hash::{BuildHasher, Hasher};

/// A new key for one form, by which the service finds that it was sent twice. It need not be secret, only new: each
/// hasher has keys of its own.
pub fn new_key() -> String {
    let random = || RandomState::new().build_hasher().finish();
    format!("form-{:016x}{:016x}", random(), random())
}

/// The id of a contribution from an address or a form, which may have its key alone.
pub fn contribution_id(key: &str) -> String {
    if key.contains(':') {
        key.to_owned()
    } else {
        format!("Contribution:{key}")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_key_is_new() {
        assert_ne!(new_key(), new_key());
    }

    #[test]
    fn a_contribution_is_named_by_its_id_or_its_key() {
        assert_eq!(contribution_id("x"), "Contribution:x");
        assert_eq!(contribution_id("Contribution:x"), "Contribution:x");
    }
}
