//! Tokens of an embedded database that need not be read again: since they were read, this process has made all commits,
//! and none of them wrote a token.

use std::collections::HashMap;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::token::Model;
use super::wal_index::WalStamp;

/// The most tokens that are kept. Those of a further bearer replace them all.
const MAX_TOKENS: usize = 256;

/// The tokens that were read at one state of the database.
#[derive(Default)]
pub(super) struct KnownTokens(Mutex<Option<Known>>);

struct Known {
    /// The header of the WAL index at that state.
    stamp: WalStamp,
    by_hash: HashMap<String, Model>,
}

impl KnownTokens {
    /// The token with a hash, if it was read at the state that `stamp` identifies.
    pub fn at(&self, stamp: &WalStamp, hash: &str) -> Option<Model> {
        let known = self.known();
        let known = known.as_ref().filter(|known| known.stamp == *stamp)?;
        known.by_hash.get(hash).cloned()
    }

    /// Keeps a token. `stamp` is the header of the WAL index before it was read.
    pub fn keep(&self, stamp: WalStamp, token: Model) {
        let mut known = self.known();
        let is_open = |known: &Known| known.stamp == stamp && known.by_hash.len() < MAX_TOKENS;
        if !known.as_ref().is_some_and(is_open) {
            let by_hash = HashMap::new();
            *known = Some(Known { stamp, by_hash });
        }
        if let Some(known) = known.as_mut() {
            known.by_hash.insert(token.hash.clone(), token);
        }
    }

    /// Notes a commit of this process that wrote no token. It is the only commit between two stamps.
    pub fn keep_through(&self, before: &WalStamp, after: WalStamp) {
        if let Some(known) = self.known().as_mut()
            && known.stamp == *before
        {
            known.stamp = after;
        }
    }

    fn known(&self) -> MutexGuard<'_, Option<Known>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::viewer::Role;

    fn token(hash: &str) -> Model {
        Model {
            id: hash.to_owned(),
            hash: hash.to_owned(),
            name: String::new(),
            person: String::new(),
            role: Role::Editor,
            created_at: chrono::DateTime::default(),
            revoked_at: None,
            expires_at: None,
            last_used_at: None,
        }
    }

    #[test]
    fn tokens_are_known_until_a_commit_that_was_not_noted() {
        let known = KnownTokens::default();
        let [first, second, third] = [1, 2, 3].map(|byte| [byte; size_of::<WalStamp>()]);
        let is_known = |stamp: &WalStamp, hash: &str| known.at(stamp, hash).is_some();
        known.keep(first, token("a"));
        known.keep(first, token("b"));
        assert!(is_known(&first, "a") && is_known(&first, "b") && !is_known(&first, "c"));
        known.keep_through(&first, second);
        assert!(is_known(&second, "a") && !is_known(&first, "a"));
        // Another process has committed between the second and the third state.
        assert!(!is_known(&third, "a"));
        known.keep(third, token("c"));
        assert!(is_known(&third, "c") && !is_known(&third, "a") && !is_known(&second, "a"));
        // Read before the other commit, and kept after it.
        known.keep(second, token("a"));
        known.keep_through(&third, first);
        assert!(!is_known(&third, "a") && !is_known(&first, "a"));
    }

    #[test]
    fn no_more_tokens_are_kept_than_the_limit() {
        let known = KnownTokens::default();
        let stamp = [1; size_of::<WalStamp>()];
        for number in 0..=MAX_TOKENS {
            known.keep(stamp, token(&number.to_string()));
        }
        assert!(known.at(&stamp, "0").is_none());
        assert!(known.at(&stamp, &MAX_TOKENS.to_string()).is_some());
    }
}
