//! The kinds of record with their fields, as forms ask for them. The names are those of the input types of the schema.

use super::words::Words;

/// A text of this room in the language of the page.
pub type Text = fn(&Words) -> &'static str;

/// The form of a value.
#[derive(Clone, Copy, Debug)]
pub enum Shape {
    /// One line of text.
    Line,
    /// Several lines of plain text.
    Text,
    /// Markdown.
    Markdown,
    /// A list with one element per line.
    Lines,
    /// A list of words, separated by commas.
    WordList,
    /// An EDTF date.
    Date,
    /// A full date.
    Day,
    /// A whole number.
    Number,
    /// A web address.
    Address,
    /// Names of fields, separated by commas.
    FieldList,
    /// A language tag.
    Language,
    /// A country code.
    Country,
    /// A reference of a treaty.
    Treaty,
    /// The id of a record.
    Record,
    /// Ids of records, one per line.
    Records,
    /// The id of a source.
    Source,
    /// A value of an enum.
    Choice(&'static str),
    /// Several values of an enum.
    Choices(&'static str),
    /// True or false.
    Flag,
    /// A list of objects.
    Rows(&'static [Field]),
    /// One object.
    One(&'static [Field]),
}

/// A field of a form.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// The name in the schema.
    pub name: &'static str,
    /// The label; `None` for fields of records, whose labels the service has.
    pub label: Option<Text>,
    /// The form of its value.
    pub shape: Shape,
    /// True if a new record, or a row, must have it.
    pub is_required: bool,
    /// True if the form shows it only among the further fields.
    pub is_further: bool,
}

/// A field that every new record needs.
const fn needed(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        label: None,
        shape,
        is_required: true,
        is_further: false,
    }
}

/// A field that is often used.
const fn usual(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        label: None,
        shape,
        is_required: false,
        is_further: false,
    }
}

/// A field among the further ones.
const fn further(name: &'static str, shape: Shape) -> Field {
    Field {
        name,
        label: None,
        shape,
        is_required: false,
        is_further: true,
    }
}

/// A part of a value.
const fn part(name: &'static str, label: Text, shape: Shape) -> Field {
    Field {
        name,
        label: Some(label),
        shape,
        is_required: false,
        is_further: false,
    }
}

/// A part that each value needs.
const fn must(name: &'static str, label: Text, shape: Shape) -> Field {
    Field {
        is_required: true,
        ..part(name, label, shape)
    }
}

/// A kind of record.
#[derive(Debug)]
pub struct Kind {
    /// The name of the type in the schema.
    pub name: &'static str,
    /// The value of `RecordKind`.
    pub value: &'static str,
    /// The fields.
    pub fields: &'static [Field],
    /// True if each value needs a source.
    pub needs_source: bool,
}

use Shape::{
    Address, Choice, Choices, Country, Date, Day, FieldList, Flag, Language, Line, Lines, Markdown,
    Number, One, Record, Records, Rows, Source, Treaty, WordList,
};

const NAMES: &[Field] = &[
    must("text", Words::name_text, Line),
    must("language", Words::language, Language),
    part("isOriginal", Words::is_original, Flag),
    part("period", Words::name_period, Date),
];
const DOCUMENT_TEXTS: &[Field] = &[
    must("url", Words::address, Address),
    part("language", Words::language, Language),
    part("isTranslation", Words::is_translation, Flag),
];
const RELATIONS: &[Field] = &[
    must("kind", Words::relation, Choice("DocumentRelationKind")),
    must("document", Words::other_document, Record),
    part("provisions", Words::provision_numbers, WordList),
];
const PROVISIONS: &[Field] = &[
    part("number", Words::number, Line),
    part("heading", Words::heading, Line),
    part("summary", Words::summary, Shape::Text),
    part("quote", Words::quote, Shape::Text),
    part("status", Words::status, Choice("PolicyDocumentStatus")),
    part("inForceFrom", Words::in_force_from, Date),
];
const PROVISION_REFERENCES: &[Field] = &[
    must("document", Words::document, Record),
    part("number", Words::number, Line),
    part("quote", Words::quote, Shape::Text),
];
const MEMBERSHIPS: &[Field] = &[
    must(
        "organisation",
        Words::organisation,
        Choice("InternationalOrganisation"),
    ),
    part("role", Words::membership_role, Choice("MembershipRole")),
    part("since", Words::since, Date),
    part("until", Words::until, Date),
];
const ADMINISTRATIONS: &[Field] = &[
    must("country", Words::country, Country),
    part("since", Words::since, Date),
    must("until", Words::until, Date),
];
const RULE: &[Field] = &[
    must("article", Words::rule_article, Line),
    part("months", Words::rule_months, Number),
    part("days", Words::rule_days, Number),
    part("firstDayOfMonth", Words::rule_first_day, Flag),
    part("notBeforeTreaty", Words::rule_not_before, Flag),
    part("denunciationMonths", Words::rule_denunciation, Number),
    part("requiresPartyTo", Words::rule_requires, Treaty),
];

const POLICY_DOCUMENT: &[Field] = &[
    needed("country", Country),
    needed("kind", Choice("PolicyDocumentKind")),
    needed("titles", Rows(NAMES)),
    needed("status", Choice("PolicyDocumentStatus")),
    usual("subjects", Choices("DocumentSubject")),
    usual("adoptedOn", Date),
    usual("publishedOn", Date),
    usual("period", Date),
    usual("summary", Markdown),
    usual("texts", Rows(DOCUMENT_TEXTS)),
    usual("relations", Rows(RELATIONS)),
    further("number", Line),
    further("issuer", Record),
    further("issuerNamedAs", Line),
    further("promulgatedOn", Date),
    further("inForceFrom", Date),
    further("repealedOn", Date),
    further("publication", Line),
    further("objectives", Lines),
    further("responsible", Records),
    further("treaties", Lines),
    further("provisions", Rows(PROVISIONS)),
    further("subdivision", Line),
];
/// The fields of bodies and units, which differ in their types.
macro_rules! institution {
    ($kind:literal) => {
        &[
            needed("country", Country),
            needed("kind", Choice($kind)),
            needed("names", Rows(NAMES)),
            needed("status", Choice("InstitutionStatus")),
            usual("acronym", Line),
            usual("functions", Choices("InstitutionFunction")),
            usual("parent", Record),
            usual("period", Date),
            usual("mandate", Shape::Text),
            usual("website", Address),
            usual("predecessors", Records),
            further("legalBasis", Records),
            further("jointlyWith", Records),
            further("reportingUrl", Address),
            further("subdivision", Line),
        ]
    };
}
const CYBERSECURITY_BODY: &[Field] = institution!("BodyKind");
const OPERATIONAL_UNIT: &[Field] = institution!("UnitKind");
const COUNTRY: &[Field] = &[
    needed("code", Line),
    needed("kind", Choice("CountryKind")),
    needed("names", Rows(NAMES)),
    usual("designationNote", Shape::Text),
    usual("memberships", Rows(MEMBERSHIPS)),
    usual("region", Line),
    usual("subregion", Line),
    further("alpha3", Line),
    further("numericCode", Line),
    further("administeredBy", Country),
    further("administrations", Rows(ADMINISTRATIONS)),
    further("disclaimer", Shape::Text),
];
const TREATY: &[Field] = &[
    needed("reference", Line),
    needed("shortTitle", Line),
    needed("title", Line),
    needed("organisation", Line),
    usual("openedOn", Date),
    usual("openedAt", Line),
    usual("entryIntoForceOn", Date),
    usual("entryIntoForceCondition", Shape::Text),
    usual("eventsCompleteAsOf", Day),
    further("parent", Treaty),
    further("adoptedOn", Date),
    further("signatureClosesOn", Date),
    further("entryIntoForceRule", One(RULE)),
];
const TREATY_EVENT: &[Field] = &[
    needed("country", Country),
    needed("treaty", Treaty),
    needed("kind", Choice("TreatyEventKind")),
    usual("date", Date),
    usual("articles", WordList),
    usual("text", Shape::Text),
    usual("effectiveDate", Date),
    usual("instrument", Line),
    further("endsOn", Date),
    further("territories", Lines),
    further("relatesTo", Record),
    further("designatedFunction", Choice("InstitutionFunction")),
    further("designatedInstitution", Record),
    further("namedAs", Line),
    further("reportedLabel", Line),
];
const COVERAGE_ASSERTION: &[Field] = &[
    needed("country", Country),
    needed("topic", Choice("CoverageTopic")),
    needed("value", Choice("CoverageValue")),
    needed("asOf", Date),
    usual("statement", Shape::Text),
    usual("via", Record),
];
const PROFILE_SECTION: &[Field] = &[
    needed("country", Country),
    needed("topic", Choice("ProfileTopic")),
    needed("state", Choice("SectionState")),
    usual("language", Language),
    usual("body", Markdown),
];
const ARTICLE_IMPLEMENTATION: &[Field] = &[
    needed("country", Country),
    needed("treaty", Treaty),
    needed("article", Line),
    needed("degree", Choice("ImplementationDegree")),
    usual("provisions", Rows(PROVISION_REFERENCES)),
    usual("remark", Shape::Text),
    usual("mappedBy", Choice("MappedBy")),
    usual("asOf", Date),
];
const COURT_DECISION: &[Field] = &[
    needed("country", Country),
    needed("titles", Rows(NAMES)),
    usual("court", Line),
    usual("number", Line),
    usual("decidedOn", Date),
    usual("treaty", Treaty),
    usual("articles", WordList),
    usual("outcome", Shape::Text),
    usual("summary", Markdown),
    usual("provisions", Rows(PROVISION_REFERENCES)),
    usual("url", Address),
    further("ecli", Line),
    further("institution", Record),
    further("relatesTo", Record),
];
const SOURCE: &[Field] = &[
    needed("title", Line),
    needed("kind", Choice("SourceKind")),
    usual("url", Address),
    usual("publisher", Line),
    usual("publishedOn", Date),
    usual("retrievedOn", Day),
    usual("language", Language),
    further("archivedUrl", Address),
    further("licence", Line),
];

/// The kinds of record.
pub const KINDS: &[Kind] = &[
    Kind {
        name: "PolicyDocument",
        value: "POLICY_DOCUMENT",
        fields: POLICY_DOCUMENT,
        needs_source: true,
    },
    Kind {
        name: "CybersecurityBody",
        value: "CYBERSECURITY_BODY",
        fields: CYBERSECURITY_BODY,
        needs_source: true,
    },
    Kind {
        name: "OperationalUnit",
        value: "OPERATIONAL_UNIT",
        fields: OPERATIONAL_UNIT,
        needs_source: true,
    },
    Kind {
        name: "CoverageAssertion",
        value: "COVERAGE_ASSERTION",
        fields: COVERAGE_ASSERTION,
        needs_source: true,
    },
    Kind {
        name: "ProfileSection",
        value: "PROFILE_SECTION",
        fields: PROFILE_SECTION,
        needs_source: true,
    },
    Kind {
        name: "TreatyEvent",
        value: "TREATY_EVENT",
        fields: TREATY_EVENT,
        needs_source: true,
    },
    Kind {
        name: "ArticleImplementation",
        value: "ARTICLE_IMPLEMENTATION",
        fields: ARTICLE_IMPLEMENTATION,
        needs_source: true,
    },
    Kind {
        name: "CourtDecision",
        value: "COURT_DECISION",
        fields: COURT_DECISION,
        needs_source: true,
    },
    Kind {
        name: "Treaty",
        value: "TREATY",
        fields: TREATY,
        needs_source: true,
    },
    Kind {
        name: "Country",
        value: "COUNTRY",
        fields: COUNTRY,
        needs_source: false,
    },
    Kind {
        name: "Source",
        value: "SOURCE",
        fields: SOURCE,
        needs_source: false,
    },
];

/// The kind with a name.
pub fn kind(name: &str) -> Option<&'static Kind> {
    KINDS.iter().find(|kind| kind.name == name)
}

/// The fields of a citation: one of three ways to name the source, and the place in it.
pub const CITATION: &[Field] = &[
    part("source", Words::known_source, Source),
    part("sourceUrl", Words::source_address, Address),
    part("newSource", Words::new_source, One(NEW_SOURCE)),
    part("locator", Words::locator, Line),
    part("quote", Words::quote, Line),
    part("certainty", Words::certainty, Choice("Certainty")),
    part("fields", Words::cited_fields, FieldList),
];
const NEW_SOURCE: &[Field] = &[
    usual("title", Line),
    usual("kind", Choice("SourceKind")),
    usual("url", Address),
    usual("publisher", Line),
    usual("publishedOn", Date),
    usual("retrievedOn", Day),
    usual("language", Language),
    usual("archivedUrl", Address),
    usual("licence", Line),
];
