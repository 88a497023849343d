//! Scalars and enum values of the schema, as pages read them.
//!
//! An enum value stays text, because enums may grow: a page shows the label that the service has for it, and a value
//! without a label as it is.

use serde::{Deserialize, Serialize};

/// The scalars, under their names in the schema.
#[allow(
    clippy::upper_case_acronyms,
    reason = "the names are those of the schema"
)]
pub mod scalar {
    pub type CountryCode = String;
    pub type Cursor = String;
    pub type Date = String;
    pub type DateTime = String;
    pub type Edtf = String;
    pub type JSON = serde_json::Value;
    pub type Language = String;
    pub type Markdown = String;
    pub type Sequence = i64;
    pub type TreatyReference = String;
    pub type URL = String;
}

/// A value of an enum of the schema.
pub trait EnumValue {
    /// The name of the enum.
    const ENUM: &'static str;

    /// The name of the value.
    fn value(&self) -> &str;
}

impl<E: EnumValue> EnumValue for &E {
    const ENUM: &'static str = E::ENUM;

    fn value(&self) -> &str {
        (*self).value()
    }
}

/// Declares the enums that documents select.
macro_rules! enums {
    ($($name:ident)+) => {
        $(
            /// A value of the enum with this name.
            #[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
            #[serde(transparent)]
            pub struct $name(pub String);

            impl EnumValue for $name {
                const ENUM: &'static str = stringify!($name);

                fn value(&self) -> &str {
                    &self.0
                }
            }

            impl PartialEq<&str> for $name {
                fn eq(&self, other: &&str) -> bool {
                    self.0 == *other
                }
            }
        )+
    };
}

enums! {
    BodyKind
    Certainty
    ChangeOperation
    ConflictChoice
    ContributionOrder
    ContributionState
    ContributionStep
    CountryKind
    CoverageTopic
    CoverageValue
    DateOrigin
    DocumentRelationKind
    DocumentSubject
    EffectKind
    ImplementationDegree
    InstitutionFunction
    InstitutionStatus
    InternationalOrganisation
    MappedBy
    MembershipRole
    PolicyDocumentKind
    PolicyDocumentStatus
    ProfileTopic
    RecordField
    RecordKind
    Role
    SectionState
    SourceKind
    StaleReason
    TimelineStep
    TreatyEventKind
    TreatyStatus
    UnitKind
    UserErrorCode
    WebhookState
}
