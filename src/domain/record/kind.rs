//! The nouns that have records.

use std::fmt::{self, Display};

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// The nouns, once, those first that others refer to: what is the same for each is written by the
/// macro that is given this list, after what it is given itself.
#[macro_export]
macro_rules! nouns {
    ($then:ident $($with:tt)*) => {
        $then! { [$($with)*]
            /// Where a fact comes from.
            Source source {
                /// A new source.
                CreateSource
                /// A source changes.
                UpdateSource
            }
            /// A state, territory or organisation.
            Country country {
                /// A new country.
                CreateCountry
                /// A country changes.
                UpdateCountry
            }
            /// An international treaty.
            Treaty treaty {
                /// A new treaty.
                CreateTreaty
                /// A treaty changes.
                UpdateTreaty
            }
            /// An agency, ministry, security service, CSIRT, regulator or court.
            CybersecurityBody cybersecurity_body {
                /// A new body.
                CreateCybersecurityBody
                /// A body changes.
                UpdateCybersecurityBody
            }
            /// The unit that does the work.
            OperationalUnit operational_unit {
                /// A new unit.
                CreateOperationalUnit
                /// A unit changes.
                UpdateOperationalUnit
            }
            /// A strategy, action plan, policy, law or decree.
            PolicyDocument policy_document {
                /// A new document.
                CreatePolicyDocument
                /// A document changes.
                UpdatePolicyDocument
            }
            /// A dated act of one country under one treaty.
            TreatyEvent treaty_event {
                /// A new treaty event.
                CreateTreatyEvent
                /// A treaty event changes.
                UpdateTreatyEvent
            }
            /// An explicit finding on a topic.
            CoverageAssertion coverage_assertion {
                /// A new finding.
                CreateCoverageAssertion
                /// A finding changes.
                UpdateCoverageAssertion
            }
            /// The narrative of one topic.
            ProfileSection profile_section {
                /// A new section.
                CreateProfileSection
                /// A section changes.
                UpdateProfileSection
            }
        }
    };
}
pub use nouns;

macro_rules! kinds {
    ([] $( $(#[$doc:meta])* $noun:ident $module:ident { $($inputs:tt)* } )+) => {
        /// The nouns that have versions, citations and history. The list grows with new nouns.
        #[derive(
            Clone,
            Copy,
            Debug,
            PartialEq,
            Eq,
            Hash,
            PartialOrd,
            Ord,
            async_graphql::Enum,
            DeriveActiveEnum,
            EnumIter,
            Serialize,
            Deserialize,
        )]
        #[graphql(name = "RecordKind")]
        #[sea_orm(rs_type = "String", db_type = "Text", rename_all = "PascalCase")]
        pub enum Kind {
            $( $(#[$doc])* $noun, )+
        }

        impl Kind {
            /// Every kind, those first that others refer to.
            pub const ALL: &[Self] = &[$( Self::$noun ),+];
        }
    };
}
nouns!(kinds);

impl Kind {
    /// Every kind, in that order.
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied()
    }

    /// Whether records of this kind belong to no country.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Source | Self::Treaty)
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
