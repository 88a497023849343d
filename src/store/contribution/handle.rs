//! The handle by which contributions are reached.

use crate::Store;

/// The contributions of a store.
#[derive(Clone, Copy)]
pub struct Contributions<'a> {
    pub(super) store: &'a Store,
}

impl Store {
    /// Its contributions: listed, followed, and taken through their steps.
    pub fn contributions(&self) -> Contributions<'_> {
        Contributions { store: self }
    }
}
