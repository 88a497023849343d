//! The operations of changes in the change log.

use crate::value_type::field_enum;

field_enum! {
    /// Operation of a change on a record.
    #[graphql(name = "ChangeOperation")]
    Operation {
        /// The record was created, with version 1.
        Create,
        /// The record was changed, and has a new version.
        Update,
        /// The record was retired: it is not in the lists, and `node` still returns it.
        Retire,
        /// A retired record was restored with its last content, as a new version.
        Restore,
        /// An editor confirmed that the record is still correct. There is no new version.
        Verify,
        /// An answer computed from the record changed because a day arrived. There is no new version.
        Effect,
    }
}

impl Operation {
    /// True if the change creates a new version of the record.
    pub fn makes_version(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Restore)
    }
}
