//! The operations that the change log tells of.

use crate::value_type::words;

words! {
    /// What a change did to a record.
    #[graphql(name = "ChangeOperation")]
    Operation {
        /// It is new.
        Create,
        /// It has a new version.
        Update,
        /// It left the lists; `node` still returns it.
        Retire,
        /// It came back as it was.
        Restore,
        /// Somebody confirmed that it still holds. No version.
        Verify,
        /// Time alone changed what is computed from it. No version.
        Effect,
    }
}

impl Operation {
    /// Whether the record has a new version after it.
    pub fn makes_version(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Restore)
    }
}
