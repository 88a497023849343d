//! The names of fields, in each form in which they are written.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

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
