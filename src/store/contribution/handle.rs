//! The handle of a store's contributions.

use crate::Store;

/// Access to the contributions of a store.
#[derive(Clone, Copy)]
pub struct Contributions<'a> {
    pub(super) store: &'a Store,
}

impl Store {
    /// Returns access to the contributions: list, follow, create, and all steps of the review.
    pub fn contributions(&self) -> Contributions<'_> {
        Contributions { store: self }
    }
}
