//! The names of fields, in each of their spellings.

use sea_orm::{DeriveActiveEnum, EnumIter};
use serde::{Deserialize, Serialize};

/// Converts `entry_into_force_on` to `entryIntoForceOn`.
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
        /// Field of a record: every field of every noun, once. Names fields in `clear`, citations, diffs and
        /// conflicts. The list grows with new nouns.
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
            /// All fields.
            pub const ALL: &[Self] = &[$( Self::$field ),+];

            /// Returns the name of the column.
            pub fn snake(self) -> &'static str {
                match self {
                    $( Self::$field => $snake, )+
                }
            }
        }
    };
}

record_fields! {
    /// Field `acronym`: acronym or short name of an institution.
    Acronym = "acronym",
    /// Field `administeredBy`: country that administers a territory.
    AdministeredBy = "administered_by",
    /// Field `administrations`: past administrations of a territory.
    Administrations = "administrations",
    /// Field `adoptedOn`: date of adoption of a treaty or document.
    AdoptedOn = "adopted_on",
    /// Field `alpha3`: ISO 3166-1 alpha-3 code.
    #[graphql(name = "ALPHA3")]
    #[serde(rename = "ALPHA3")]
    Alpha3 = "alpha3",
    /// Field `archivedUrl`: address of an archived copy of a source.
    ArchivedUrl = "archived_url",
    /// Field `article`: article of a treaty that a law implements.
    Article = "article",
    /// Field `articles`: articles of a treaty that an event or a court decision concerns.
    Articles = "articles",
    /// Field `asOf`: date at which a coverage assertion or an assessment of law was true.
    AsOf = "as_of",
    /// Field `body`: narrative of a profile section.
    Body = "body",
    /// Field `code`: country code.
    Code = "code",
    /// Field `country`: country to which a record belongs.
    Country = "country",
    /// Field `court`: name of the court of a decision.
    Court = "court",
    /// Field `date`: date of a treaty event.
    Date = "date",
    /// Field `decidedOn`: date of a court decision.
    DecidedOn = "decided_on",
    /// Field `degree`: degree to which a law implements an article.
    Degree = "degree",
    /// Field `designatedFunction`: function for which an authority is designated.
    DesignatedFunction = "designated_function",
    /// Field `designatedInstitution`: institution that is designated as an authority.
    DesignatedInstitution = "designated_institution",
    /// Field `designationNote`: note on how a country is designated.
    DesignationNote = "designation_note",
    /// Field `disclaimer`: disclaimer of a country profile.
    Disclaimer = "disclaimer",
    /// Field `ecli`: European Case Law Identifier of a court decision.
    Ecli = "ecli",
    /// Field `effectiveDate`: date from which a treaty event has effect.
    EffectiveDate = "effective_date",
    /// Field `endsOn`: last day on which a treaty event has effect.
    EndsOn = "ends_on",
    /// Field `entryIntoForceCondition`: condition for a treaty's entry into force, in words.
    EntryIntoForceCondition = "entry_into_force_condition",
    /// Field `entryIntoForceOn`: date on which a treaty entered into force.
    EntryIntoForceOn = "entry_into_force_on",
    /// Field `entryIntoForceRule`: rule by which consent to a treaty takes effect.
    EntryIntoForceRule = "entry_into_force_rule",
    /// Field `eventsCompleteAsOf`: day up to which the events of a treaty are complete.
    EventsCompleteAsOf = "events_complete_as_of",
    /// Field `functions`: functions of an institution.
    Functions = "functions",
    /// Field `institution`: institution that is the court of a decision.
    Institution = "institution",
    /// Field `instrument`: instrument of a treaty event.
    Instrument = "instrument",
    /// Field `inForceFrom`: first day on which a document is in force.
    InForceFrom = "in_force_from",
    /// Field `issuer`: institution that issued a document.
    Issuer = "issuer",
    /// Field `issuerNamedAs`: name of the issuer as the source writes it.
    IssuerNamedAs = "issuer_named_as",
    /// Field `jointlyWith`: institutions that run another together with its parent.
    JointlyWith = "jointly_with",
    /// Field `kind`: type of a country, document, institution, source or treaty event.
    Kind = "kind",
    /// Field `language`: language of a section or source.
    Language = "language",
    /// Field `legalBasis`: documents that establish an institution.
    LegalBasis = "legal_basis",
    /// Field `licence`: terms of use of a source.
    Licence = "licence",
    /// Field `mandate`: mandate of an institution.
    Mandate = "mandate",
    /// Field `mappedBy`: who matched provisions of law and an article.
    MappedBy = "mapped_by",
    /// Field `memberships`: memberships of a country in international organisations.
    Memberships = "memberships",
    /// Field `namedAs`: name of a designated authority as the country declared it.
    NamedAs = "named_as",
    /// Field `names`: names by language.
    Names = "names",
    /// Field `number`: official number of a document or court decision.
    Number = "number",
    /// Field `numericCode`: ISO 3166-1 numeric code.
    NumericCode = "numeric_code",
    /// Field `objectives`: objectives of a document.
    Objectives = "objectives",
    /// Field `openedAt`: place where a treaty was opened for signature.
    OpenedAt = "opened_at",
    /// Field `openedOn`: date on which a treaty was opened for signature.
    OpenedOn = "opened_on",
    /// Field `organisation`: organisation under whose auspices a treaty was concluded.
    Organisation = "organisation",
    /// Field `outcome`: outcome of a court decision.
    Outcome = "outcome",
    /// Field `parent`: treaty to which a protocol belongs, or institution of which another is a part.
    Parent = "parent",
    /// Field `period`: period of a document or an institution.
    Period = "period",
    /// Field `predecessors`: institutions whose work another took over.
    Predecessors = "predecessors",
    /// Field `promulgatedOn`: date of promulgation of a document.
    PromulgatedOn = "promulgated_on",
    /// Field `provisions`: provisions of a document, or those that a record refers to.
    Provisions = "provisions",
    /// Field `publication`: place of publication of a document.
    Publication = "publication",
    /// Field `publishedOn`: date of publication of a document or source.
    PublishedOn = "published_on",
    /// Field `publisher`: publisher of a source.
    Publisher = "publisher",
    /// Field `reference`: reference of a treaty.
    Reference = "reference",
    /// Field `region`: region of a country.
    Region = "region",
    /// Field `relatesTo`: earlier event or decision to which a treaty event or court decision relates.
    RelatesTo = "relates_to",
    /// Field `relations`: relations of a document to others.
    Relations = "relations",
    /// Field `remark`: remark on the implementation of an article.
    Remark = "remark",
    /// Field `repealedOn`: day on which a document was repealed.
    RepealedOn = "repealed_on",
    /// Field `reportedLabel`: status under a treaty as a page printed it.
    ReportedLabel = "reported_label",
    /// Field `reportingUrl`: address for reports of cybercrime.
    ReportingUrl = "reporting_url",
    /// Field `responsible`: institutions that carry a document out.
    Responsible = "responsible",
    /// Field `retrievedOn`: day on which a source was read.
    RetrievedOn = "retrieved_on",
    /// Field `shortTitle`: usual name of a treaty.
    ShortTitle = "short_title",
    /// Field `signatureClosesOn`: last day on which a treaty can be signed.
    SignatureClosesOn = "signature_closes_on",
    /// Field `state`: state of a profile section.
    State = "state",
    /// Field `statement`: result of a coverage assertion in a sentence.
    Statement = "statement",
    /// Field `status`: stage of a document or an institution.
    Status = "status",
    /// Field `subdivision`: part of a country to which a document or an institution is limited.
    Subdivision = "subdivision",
    /// Field `subjects`: subjects of a document.
    Subjects = "subjects",
    /// Field `subregion`: subregion of a country.
    Subregion = "subregion",
    /// Field `summary`: summary of a document or court decision.
    Summary = "summary",
    /// Field `territories`: territories that a treaty event concerns.
    Territories = "territories",
    /// Field `text`: text of a treaty event.
    Text = "text",
    /// Field `texts`: places where a document can be read.
    Texts = "texts",
    /// Field `title`: title of a treaty or source.
    Title = "title",
    /// Field `titles`: titles of a document or court decision by language.
    Titles = "titles",
    /// Field `topic`: topic of a coverage assertion or profile section.
    Topic = "topic",
    /// Field `treaties`: treaties that a document serves.
    Treaties = "treaties",
    /// Field `treaty`: treaty of an event, an implementation or a court decision.
    Treaty = "treaty",
    /// Field `url`: address of a source or court decision.
    Url = "url",
    /// Field `value`: result of a coverage assertion.
    Value = "value",
    /// Field `via`: document that covers a topic.
    Via = "via",
    /// Field `website`: website of an institution.
    Website = "website",
}

impl RecordField {
    /// Returns the field whose column is `snake`.
    pub fn from_snake(snake: &str) -> Option<Self> {
        Self::ALL
            .iter()
            .copied()
            .find(|field| field.snake() == snake)
    }

    /// True if texts of the field can have several lines.
    pub fn is_prose(self) -> bool {
        matches!(
            self,
            Self::Body
                | Self::DesignationNote
                | Self::Disclaimer
                | Self::EntryIntoForceCondition
                | Self::Mandate
                | Self::Objectives
                | Self::Outcome
                | Self::Provisions
                | Self::Remark
                | Self::Statement
                | Self::Summary
                | Self::Text
        )
    }

    /// Returns the name in inputs, diffs and JSON, as in `entryIntoForceOn`.
    pub fn camel(self) -> String {
        camel_case(self.snake())
    }

    /// Returns the name as a value of the GraphQL enum, as in `ENTRY_INTO_FORCE_ON`.
    pub fn screaming(self) -> String {
        self.snake().to_uppercase()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_spellings_of_a_field_name_agree() {
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
