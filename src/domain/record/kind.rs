//! The kinds of records: the names of the nouns.

use std::fmt::{self, Display};

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Passes the list of nouns to the macro `$then`, after the tokens `$with`. A noun comes after those to which it
/// refers. Code that is the same for each noun is written by such a macro.
#[macro_export]
macro_rules! nouns {
    ($then:ident $($with:tt)*) => {
        $then! { [$($with)*]
            /// A source of facts.
            Source source {
                /// Creates a source.
                CreateSource
                /// Changes a source.
                UpdateSource
            }
            /// A State, territory or organisation.
            Country country {
                /// Creates a country.
                CreateCountry
                /// Changes a country.
                UpdateCountry
            }
            /// An international treaty.
            Treaty treaty {
                /// Creates a treaty.
                CreateTreaty
                /// Changes a treaty.
                UpdateTreaty
            }
            /// A cybersecurity body: an agency, ministry, security service, CSIRT, regulator or court.
            CybersecurityBody cybersecurity_body {
                /// Creates a cybersecurity body.
                CreateCybersecurityBody
                /// Changes a cybersecurity body.
                UpdateCybersecurityBody
            }
            /// An operational unit, which does the work.
            OperationalUnit operational_unit {
                /// Creates an operational unit.
                CreateOperationalUnit
                /// Changes an operational unit.
                UpdateOperationalUnit
            }
            /// A policy document: a strategy, action plan, policy, law or decree.
            PolicyDocument policy_document {
                /// Creates a policy document.
                CreatePolicyDocument
                /// Changes a policy document.
                UpdatePolicyDocument
            }
            /// A treaty event: one dated act of one country under one treaty.
            TreatyEvent treaty_event {
                /// Creates a treaty event.
                CreateTreatyEvent
                /// Changes a treaty event.
                UpdateTreatyEvent
            }
            /// A coverage assertion: an explicit finding on a topic, absences included.
            CoverageAssertion coverage_assertion {
                /// Creates a coverage assertion.
                CreateCoverageAssertion
                /// Changes a coverage assertion.
                UpdateCoverageAssertion
            }
            /// An implementation of an article: the law that a country has for one article of a treaty.
            ArticleImplementation article_implementation {
                /// Creates an implementation of an article.
                CreateArticleImplementation
                /// Changes an implementation of an article.
                UpdateArticleImplementation
            }
            /// A court decision on cybercrime or electronic evidence.
            CourtDecision court_decision {
                /// Creates a court decision.
                CreateCourtDecision
                /// Changes a court decision.
                UpdateCourtDecision
            }
            /// A profile section: the narrative on one topic.
            ProfileSection profile_section {
                /// Creates a profile section.
                CreateProfileSection
                /// Changes a profile section.
                UpdateProfileSection
            }
        }
    };
}
pub use nouns;

macro_rules! kinds {
    ([] $( $(#[$doc:meta])* $noun:ident $module:ident { $($inputs:tt)* } )+) => {
        /// Kind of a record. Records have versions, citations and history. The list grows with new nouns.
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
            /// All kinds; each comes after those to which its records refer.
            pub const ALL: &[Self] = &[$( Self::$noun ),+];
        }
    };
}
nouns!(kinds);

macro_rules! descriptions {
    ([] $( $(#[doc = $doc:tt])+ $noun:ident $module:ident { $($inputs:tt)* } )+) => {
        impl Kind {
            /// Description of the records of this kind in one sentence.
            pub fn description(self) -> &'static str {
                let description = match self {
                    $( Self::$noun => concat!($($doc),+), )+
                };
                description.trim_ascii()
            }
        }
    };
}
nouns!(descriptions);

impl Kind {
    /// Iterates over all kinds, in the order of [`Kind::ALL`].
    pub fn all() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied()
    }

    /// True if records of this kind belong to no country.
    pub fn is_shared(self) -> bool {
        matches!(self, Self::Source | Self::Treaty)
    }
}

impl Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(self, f)
    }
}
