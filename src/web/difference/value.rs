//! Single values of fields as readers see them.

use serde_json::Value;

use super::words::Words;
use super::{Line, Link, Names, Part};
use crate::frame::Frame;
use crate::markdown;
use crate::word_diff::Fate;

/// The kinds of records, as they stand before the colon of a record id.
const KINDS: [&str; 11] = [
    "ArticleImplementation",
    "Country",
    "CourtDecision",
    "CoverageAssertion",
    "CybersecurityBody",
    "OperationalUnit",
    "PolicyDocument",
    "ProfileSection",
    "Source",
    "Treaty",
    "TreatyEvent",
];

/// The enum of each field whose values are of an enum: kind of record (`*` for all), path of the field, enum.
const ENUMS: [(&str, &str, &str); 25] = [
    ("Country", "kind", "CountryKind"),
    ("CybersecurityBody", "kind", "BodyKind"),
    ("OperationalUnit", "kind", "UnitKind"),
    ("PolicyDocument", "kind", "PolicyDocumentKind"),
    ("Source", "kind", "SourceKind"),
    ("TreatyEvent", "kind", "TreatyEventKind"),
    ("CybersecurityBody", "status", "InstitutionStatus"),
    ("OperationalUnit", "status", "InstitutionStatus"),
    ("PolicyDocument", "status", "PolicyDocumentStatus"),
    (
        "PolicyDocument",
        "provisions.status",
        "PolicyDocumentStatus",
    ),
    ("PolicyDocument", "relations.kind", "DocumentRelationKind"),
    ("PolicyDocument", "subjects", "DocumentSubject"),
    ("CoverageAssertion", "topic", "CoverageTopic"),
    ("CoverageAssertion", "value", "CoverageValue"),
    ("ProfileSection", "topic", "ProfileTopic"),
    ("ProfileSection", "state", "SectionState"),
    ("ArticleImplementation", "degree", "ImplementationDegree"),
    ("ArticleImplementation", "mappedBy", "MappedBy"),
    ("TreatyEvent", "designatedFunction", "InstitutionFunction"),
    ("*", "functions", "InstitutionFunction"),
    ("*", "memberships.organisation", "InternationalOrganisation"),
    ("*", "memberships.role", "MembershipRole"),
    ("*", "certainty", "Certainty"),
    ("*", "fields", "RecordField"),
    ("*", "step", "ContributionStep"),
];

/// The last parts of paths whose values are EDTF dates or days.
const DATES: [&str; 16] = [
    "adoptedOn",
    "asOf",
    "date",
    "decidedOn",
    "effectiveDate",
    "endsOn",
    "entryIntoForceOn",
    "eventsCompleteAsOf",
    "inForceFrom",
    "openedOn",
    "period",
    "promulgatedOn",
    "publishedOn",
    "repealedOn",
    "since",
    "until",
];
/// More of them, which only sources and treaties have.
const MORE_DATES: [&str; 2] = ["retrievedOn", "signatureClosesOn"];

/// The last parts of paths whose values are running text, which is compared word by word.
const TEXTS: [&str; 20] = [
    "body",
    "countsNote",
    "court",
    "designationNote",
    "disclaimer",
    "entryIntoForceCondition",
    "heading",
    "issuerNamedAs",
    "mandate",
    "namedAs",
    "outcome",
    "publication",
    "publisher",
    "quote",
    "remark",
    "statement",
    "summary",
    "text",
    "title",
    "shortTitle",
];

/// A record whose values are shown, with the language and the labels for them.
pub struct Context<'a> {
    frame: &'a Frame,
    names: &'a Names,
    kind: &'a str,
    words: Words,
}

impl<'a> Context<'a> {
    /// Makes the context of a record.
    pub fn new(frame: &'a Frame, names: &'a Names, record_id: &'a str) -> Self {
        Self {
            frame,
            names,
            kind: record_id.split(':').next().unwrap_or_default(),
            words: Words(frame.language),
        }
    }

    /// The code of the language of the page.
    pub fn language(&self) -> &'static str {
        self.frame.language.code()
    }

    /// The label of a field, or of a field of its elements.
    pub fn label(&self, name: &str) -> String {
        let words = self.words;
        let own = match name {
            "role" => words.role(),
            "since" => words.since(),
            "until" => words.until(),
            "quote" => words.quote(),
            "heading" => words.heading(),
            "days" => words.days(),
            "months" => words.months(),
            "denunciationMonths" => words.denunciation_months(),
            "firstDayOfMonth" => words.first_day_of_month(),
            "notBeforeTreaty" => words.not_before_treaty(),
            "requiresPartyTo" => words.requires_party_to(),
            _ => return self.frame.label_of("RecordField", &screaming(name)),
        };
        own.to_owned()
    }

    /// A value as parts that share one fate.
    pub fn parts(&self, name: &str, value: &Value, fate: Fate) -> Line {
        match value {
            Value::Object(fields) => {
                let parts = super::object(self, name, fields, fields).into_iter();
                let mut line = Line::new();
                for part in parts {
                    // One mark for the whole element: its parts without links and languages join.
                    match line.last_mut() {
                        Some(Part {
                            text,
                            link: None,
                            language: None,
                            ..
                        }) if part.link.is_none() && part.language.is_none() => {
                            text.push_str(&part.text);
                        }
                        _ => line.push(Part { fate, ..part }),
                    }
                }
                line
            }
            Value::Array(elements) => {
                let mut line = Line::new();
                for element in elements {
                    if !line.is_empty() {
                        line.push(Part::plain(", ", fate));
                    }
                    line.extend(self.parts(name, element, fate));
                }
                line
            }
            Value::String(text) => vec![self.text(name, text, fate)],
            Value::Bool(flag) => vec![Part::plain(self.flag(name, *flag), fate)],
            Value::Null => Line::new(),
            Value::Number(number) => vec![Part::plain(number.to_string(), fate)],
        }
    }

    fn flag(&self, name: &str, flag: bool) -> &'static str {
        match (last(name), flag) {
            ("isOriginal", true) => self.words.original(),
            ("isTranslation", true) => self.words.translation(),
            (_, true) => self.frame.words.yes(),
            (_, false) => self.frame.words.no(),
        }
    }

    fn text(&self, name: &str, text: &str, fate: Fate) -> Part {
        let is_enum = |(kind, path, _): &&(&str, &str, &str)| {
            *path == name && (*kind == "*" || *kind == self.kind)
        };
        if let Some((_, _, of)) = ENUMS.iter().find(is_enum) {
            return Part::plain(self.frame.label_of(of, text), fate);
        }
        let end = last(name);
        if DATES.contains(&end) || MORE_DATES.contains(&end) {
            return Part::plain(self.frame.date(text), fate);
        }
        let link = if is_record_id(text) {
            path_of(self.frame, text).map(Link::Inner)
        } else if markdown::is_web_address(text) {
            Some(Link::Outer(text.to_owned()))
        } else {
            match end {
                "country" | "administeredBy" => Some(format!("/countries/{text}")),
                "treaty" | "treaties" | "parent" | "requiresPartyTo" => {
                    Some(self.frame.treaty_path(text))
                }
                _ => None,
            }
            .map(Link::Inner)
        };
        let shown = self.names.get(text).map_or(text, String::as_str);
        Part {
            link,
            ..Part::plain(shown, fate)
        }
    }
}

/// The path of the page of a record.
pub fn path_of(frame: &Frame, record_id: &str) -> Option<String> {
    let (kind, key) = record_id.split_once(':')?;
    Some(match kind {
        "Source" => format!("/sources/{}", frame.key(record_id)),
        "Country" => format!("/countries/{}", key.to_uppercase()),
        _ => format!("/records/{record_id}"),
    })
}

/// True for the id of a record: `PolicyDocument:az-decree-708`.
pub fn is_record_id(text: &str) -> bool {
    let is_key = |key: &str| {
        let is_known = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
        !key.is_empty() && key.bytes().all(is_known)
    };
    text.split_once(':')
        .is_some_and(|(kind, key)| KINDS.contains(&kind) && is_key(key))
}

/// True if a field is running text.
pub fn is_text(name: &str) -> bool {
    TEXTS.contains(&last(name))
}

/// The value that tells which element of a list is which, when the rest of it changes.
pub fn key(element: &Value) -> Option<&str> {
    let fields = element.as_object()?;
    let keys = [
        "language",
        "number",
        "document",
        "organisation",
        "url",
        "country",
    ];
    keys.into_iter()
        .find_map(|key| fields.get(key))
        .and_then(Value::as_str)
}

/// The place of a field in its element: the one that names the element comes first.
pub fn rank(field: &str) -> usize {
    let order = [
        "document",
        "organisation",
        "country",
        "article",
        "number",
        "heading",
        "text",
        "url",
        "summary",
    ];
    order
        .iter()
        .position(|one| *one == field)
        .unwrap_or(order.len())
}

/// True if a field of an element stands without its label.
pub fn is_plain(field: &str) -> bool {
    matches!(
        field,
        "text"
            | "document"
            | "organisation"
            | "country"
            | "url"
            | "language"
            | "isOriginal"
            | "isTranslation"
    )
}

/// True if a field of an element is in the language that the element names.
pub fn is_translated(field: &str) -> bool {
    field == "text"
}

/// The last part of a path: `text` for `names.text`.
fn last(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path)
}

/// The value of `RecordField` for the name of a field: `ADOPTED_ON` for `adoptedOn`.
pub fn screaming(name: &str) -> String {
    let mut value = String::with_capacity(name.len().saturating_add(4));
    for letter in name.chars() {
        if letter.is_uppercase() {
            value.push('_');
        }
        value.push(letter.to_ascii_uppercase());
    }
    value
}

/// The name of a value of `RecordKind` for the name of a type: `TREATY_EVENT` for `TreatyEvent`.
pub fn screaming_type(name: &str) -> String {
    screaming(name).trim_start_matches('_').to_owned()
}
