//! The operations that the change log tells of.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// What a change did to a record.
#[derive(
    Clone,
    Copy,
    Debug,
    PartialEq,
    Eq,
    Hash,
    async_graphql::Enum,
    DeriveActiveEnum,
    EnumIter,
    Serialize,
    Deserialize,
)]
#[graphql(name = "ChangeOperation")]
#[sea_orm(
    rs_type = "String",
    db_type = "Text",
    rename_all = "SCREAMING_SNAKE_CASE"
)]
pub enum Operation {
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

impl Operation {
    /// Whether the record has a new version after it.
    pub fn makes_version(self) -> bool {
        matches!(self, Self::Create | Self::Update | Self::Restore)
    }
}
