//! What all records share: the kinds, the ids and the names of fields.

use std::fmt::{self, Display};
use std::str::FromStr;

use sea_orm::{DeriveActiveEnum, DeriveValueType, EnumIter};
use serde::{Deserialize, Serialize};

use super::text::{Malformed, written};

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
    /// Where a fact comes from.
    Source,
    /// A state, territory or organisation.
    Country,
    /// An international treaty.
    Treaty,
    /// A dated act of one country under one treaty.
    TreatyEvent,
}

impl Kind {
    /// Every kind, those first that others refer to.
    pub const ALL: [Self; 4] = [Self::Source, Self::Country, Self::Treaty, Self::TreatyEvent];

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
        let kind = Kind::ALL.into_iter().find(|kind| kind.to_string() == noun);
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

impl sea_orm::TryFromU64 for RecordId {
    fn try_from_u64(_: u64) -> Result<Self, sea_orm::DbErr> {
        Err(sea_orm::DbErr::ConvertFromU64("RecordId"))
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
    /// `administeredBy`
    AdministeredBy = "administered_by",
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
    /// `code`
    Code = "code",
    /// `country`
    Country = "country",
    /// `date`
    Date = "date",
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
    /// `instrument`
    Instrument = "instrument",
    /// `kind`
    Kind = "kind",
    /// `language`
    Language = "language",
    /// `licence`
    Licence = "licence",
    /// `memberships`
    Memberships = "memberships",
    /// `namedAs`
    NamedAs = "named_as",
    /// `names`
    Names = "names",
    /// `numericCode`
    NumericCode = "numeric_code",
    /// `openedAt`
    OpenedAt = "opened_at",
    /// `openedOn`
    OpenedOn = "opened_on",
    /// `organisation`
    Organisation = "organisation",
    /// `parent`
    Parent = "parent",
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
    /// `reportedLabel`
    ReportedLabel = "reported_label",
    /// `retrievedOn`
    RetrievedOn = "retrieved_on",
    /// `shortTitle`
    ShortTitle = "short_title",
    /// `signatureClosesOn`
    SignatureClosesOn = "signature_closes_on",
    /// `subregion`
    Subregion = "subregion",
    /// `territories`
    Territories = "territories",
    /// `text`
    Text = "text",
    /// `title`
    Title = "title",
    /// `treaty`
    Treaty = "treaty",
    /// `url`
    Url = "url",
}

impl RecordField {
    /// The field whose column is `snake`.
    pub fn from_snake(snake: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|field| field.snake() == snake)
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
