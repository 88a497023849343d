//! What all records share: the kinds, the ids and the names of fields.

use std::fmt::{self, Display};
use std::str::FromStr;

use sea_orm::{DeriveActiveEnum, DeriveValueType, EnumIter};
use serde::{Deserialize, Serialize};

use super::text::{Malformed, written};

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

/// The readable, unchanging name of a record: the noun, a colon and a key, as in `Country:az`.
#[derive(
    Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, DeriveValueType,
)]
#[serde(try_from = "String", into = "String")]
#[sea_orm(value_type = "String")]
pub struct RecordId {
    // First, because ids sort by their text.
    text: String,
    kind: Kind,
}
written!(
    RecordId,
    "a record id, like \u{201c}Country:az\u{201d} or \u{201c}Treaty:ets-185\u{201d}"
);

/// The most characters that a key may have.
const MAX_KEY: usize = 80;

impl RecordId {
    /// The id of the record of a kind with a key.
    ///
    /// # Errors
    /// [`Malformed`] where the key is not of lower-case letters, digits and `-`.
    pub fn new(kind: Kind, key: &str) -> Result<Self, Malformed> {
        format!("{kind}:{key}").parse()
    }

    /// The noun.
    pub fn kind(&self) -> Kind {
        self.kind
    }

    /// The whole id.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl FromStr for RecordId {
    type Err = Malformed;
    fn from_str(text: &str) -> Result<Self, Malformed> {
        let malformed = || Malformed::new::<Self>(text);
        let (noun, key) = text.split_once(':').ok_or_else(malformed)?;
        let kind = Kind::all().find(|kind| kind.to_string() == noun);
        let letters = |letter: u8| matches!(letter, b'a'..=b'z' | b'0'..=b'9' | b'-');
        let fits = (1..=MAX_KEY).contains(&key.len()) && key.bytes().all(letters);
        match kind {
            Some(kind) if fits => Ok(Self {
                kind,
                text: text.to_owned(),
            }),
            _ => Err(malformed()),
        }
    }
}

impl Display for RecordId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// `entry_into_force_on` as `entryIntoForceOn`.
pub fn camel_case(snake: &str) -> String {
    let mut words = snake.split('_');
    let mut camel = words.next().unwrap_or_default().to_owned();
    for word in words {
        let mut letters = word.chars();
        camel.extend(letters.next().map(|first| first.to_ascii_uppercase()));
        camel.push_str(letters.as_str());
    }
    camel
}

macro_rules! record_fields {
    ($( $(#[$doc:meta])* $field:ident = $snake:literal, )+) => {
        /// Every field of every noun, once: used to clear, to cite and to show changes. The list
        /// grows with new nouns.
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, async_graphql::Enum,
            DeriveActiveEnum, EnumIter, Serialize, Deserialize,
        )]
        #[sea_orm(rs_type = "String", db_type = "Text")]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        pub enum RecordField {
            $( $(#[$doc])* #[sea_orm(string_value = $snake)] $field, )+
        }

        impl RecordField {
            /// Every field.
            pub const ALL: &[Self] = &[$( Self::$field ),+];

            /// Its name as a column.
            pub fn snake(self) -> &'static str {
                match self {
                    $( Self::$field => $snake, )+
                }
            }
        }
    };
}

record_fields! {
    /// `acronym`
    Acronym = "acronym",
    /// `administeredBy`
    AdministeredBy = "administered_by",
    /// `administrations`
    Administrations = "administrations",
    /// `adoptedOn`
    AdoptedOn = "adopted_on",
    /// `alpha3`
    #[graphql(name = "ALPHA3")]
    #[serde(rename = "ALPHA3")]
    Alpha3 = "alpha3",
    /// `archivedUrl`
    ArchivedUrl = "archived_url",
    /// `articles`
    Articles = "articles",
    /// `asOf`
    AsOf = "as_of",
    /// `body`
    Body = "body",
    /// `code`
    Code = "code",
    /// `country`
    Country = "country",
    /// `date`
    Date = "date",
    /// `designatedFunction`
    DesignatedFunction = "designated_function",
    /// `designatedInstitution`
    DesignatedInstitution = "designated_institution",
    /// `designationNote`
    DesignationNote = "designation_note",
    /// `disclaimer`
    Disclaimer = "disclaimer",
    /// `effectiveDate`
    EffectiveDate = "effective_date",
    /// `endsOn`
    EndsOn = "ends_on",
    /// `entryIntoForceCondition`
    EntryIntoForceCondition = "entry_into_force_condition",
    /// `entryIntoForceOn`
    EntryIntoForceOn = "entry_into_force_on",
    /// `entryIntoForceRule`
    EntryIntoForceRule = "entry_into_force_rule",
    /// `eventsCompleteAsOf`
    EventsCompleteAsOf = "events_complete_as_of",
    /// `functions`
    Functions = "functions",
    /// `instrument`
    Instrument = "instrument",
    /// `inForceFrom`
    InForceFrom = "in_force_from",
    /// `issuer`
    Issuer = "issuer",
    /// `issuerNamedAs`
    IssuerNamedAs = "issuer_named_as",
    /// `kind`
    Kind = "kind",
    /// `language`
    Language = "language",
    /// `legalBasis`
    LegalBasis = "legal_basis",
    /// `licence`
    Licence = "licence",
    /// `mandate`
    Mandate = "mandate",
    /// `memberships`
    Memberships = "memberships",
    /// `namedAs`
    NamedAs = "named_as",
    /// `names`
    Names = "names",
    /// `number`
    Number = "number",
    /// `numericCode`
    NumericCode = "numeric_code",
    /// `objectives`
    Objectives = "objectives",
    /// `openedAt`
    OpenedAt = "opened_at",
    /// `openedOn`
    OpenedOn = "opened_on",
    /// `organisation`
    Organisation = "organisation",
    /// `parent`
    Parent = "parent",
    /// `period`
    Period = "period",
    /// `predecessors`
    Predecessors = "predecessors",
    /// `provisions`
    Provisions = "provisions",
    /// `publication`
    Publication = "publication",
    /// `publishedOn`
    PublishedOn = "published_on",
    /// `publisher`
    Publisher = "publisher",
    /// `reference`
    Reference = "reference",
    /// `region`
    Region = "region",
    /// `relatesTo`
    RelatesTo = "relates_to",
    /// `relations`
    Relations = "relations",
    /// `repealedOn`
    RepealedOn = "repealed_on",
    /// `reportedLabel`
    ReportedLabel = "reported_label",
    /// `reportingUrl`
    ReportingUrl = "reporting_url",
    /// `responsible`
    Responsible = "responsible",
    /// `retrievedOn`
    RetrievedOn = "retrieved_on",
    /// `shortTitle`
    ShortTitle = "short_title",
    /// `signatureClosesOn`
    SignatureClosesOn = "signature_closes_on",
    /// `state`
    State = "state",
    /// `statement`
    Statement = "statement",
    /// `status`
    Status = "status",
    /// `subjects`
    Subjects = "subjects",
    /// `subregion`
    Subregion = "subregion",
    /// `summary`
    Summary = "summary",
    /// `territories`
    Territories = "territories",
    /// `text`
    Text = "text",
    /// `texts`
    Texts = "texts",
    /// `title`
    Title = "title",
    /// `titles`
    Titles = "titles",
    /// `topic`
    Topic = "topic",
    /// `treaty`
    Treaty = "treaty",
    /// `url`
    Url = "url",
    /// `value`
    Value = "value",
    /// `via`
    Via = "via",
    /// `website`
    Website = "website",
}

impl RecordField {
    /// The field whose column is `snake`.
    pub fn from_snake(snake: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|field| field.snake() == snake)
    }

    /// Whether its texts may have several lines.
    pub fn is_prose(self) -> bool {
        matches!(
            self,
            Self::Body
                | Self::DesignationNote
                | Self::Disclaimer
                | Self::EntryIntoForceCondition
                | Self::Mandate
                | Self::Objectives
                | Self::Provisions
                | Self::Statement
                | Self::Summary
                | Self::Text
        )
    }

    /// Its name in inputs, diffs and JSON.
    pub fn camel(self) -> String {
        camel_case(self.snake())
    }

    /// Its name as a value of the enum.
    pub fn screaming(self) -> String {
        self.snake().to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_noun_and_a_key() {
        let id: RecordId = "TreatyEvent:az-ets-185-signature".parse().unwrap();
        assert_eq!(id.kind(), Kind::TreatyEvent);
        for text in [
            "",
            "Country",
            "Country:",
            "Country:AZ",
            "Planet:x",
            "Country:a b",
            "country:az",
        ] {
            assert!(text.parse::<RecordId>().is_err(), "{text}");
        }
        assert!(RecordId::new(Kind::Source, &"a".repeat(81)).is_err());
    }

    #[test]
    fn a_field_has_one_name_in_every_form() {
        for field in RecordField::ALL {
            let serialised = serde_json::to_value(field).unwrap();
            assert_eq!(serialised, field.screaming());
            let column = sea_orm::ActiveEnum::to_value(field);
            assert_eq!(column, field.snake());
            let variant = format!("{field:?}");
            assert_eq!(variant.to_lowercase(), field.snake().replace('_', ""));
        }
    }
}
