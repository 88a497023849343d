//! The texts of a record that a search finds, with their classes.

use std::borrow::Cow;

use domain::country_name::other_names;
use domain::field::Content;
use domain::label;
use domain::record::{Kind, RecordField};
use serde_json::Value;

/// The part of a text in identifying its record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    /// A name, an acronym or a code.
    Name,
    /// A title, a number, or the kind of the record in words.
    Title,
    /// Any other text.
    Text,
}

/// One text of a record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Piece<'a> {
    /// The class.
    pub class: Class,
    /// The text.
    pub text: Cow<'a, str>,
    /// True if it stands in the record as it is here.
    pub is_verbatim: bool,
    /// True if it is a whole name or title.
    pub is_whole: bool,
}

/// The texts that a field gives to the index.
enum Found {
    /// The text itself, or the texts in its elements.
    Text,
    /// The labels of its enum values.
    Labels(&'static str),
    /// The texts after a word.
    After(&'static str),
    /// The host in its address.
    Host,
    /// The years of its date.
    Years,
}

/// The members of structured values that contain text.
const MEMBERS: [&str; 5] = ["text", "number", "heading", "summary", "quote"];

fn found(kind: Kind, field: RecordField) -> Option<(Class, Found)> {
    use Class::{Name, Text, Title};
    Some(match field {
        RecordField::Acronym
        | RecordField::Alpha3
        | RecordField::Code
        | RecordField::Ecli
        | RecordField::Names
        | RecordField::Reference
        | RecordField::ShortTitle => (Name, Found::Text),
        RecordField::NamedAs | RecordField::Number | RecordField::Title | RecordField::Titles => {
            (Title, Found::Text)
        }
        RecordField::Article => (Title, Found::After("Article")),
        RecordField::Kind => (Title, Found::Labels(kind_enum(kind)?)),
        RecordField::Topic => (Title, Found::Labels(topic_enum(kind)?)),
        RecordField::Articles => (Text, Found::After("Article")),
        RecordField::Degree => (Text, Found::Labels("ImplementationDegree")),
        RecordField::Functions | RecordField::DesignatedFunction => {
            (Text, Found::Labels("InstitutionFunction"))
        }
        RecordField::Subjects => (Text, Found::Labels("DocumentSubject")),
        RecordField::Value => (Text, Found::Labels("CoverageValue")),
        RecordField::ReportingUrl | RecordField::Url | RecordField::Website => (Text, Found::Host),
        RecordField::AdoptedOn
        | RecordField::Date
        | RecordField::DecidedOn
        | RecordField::InForceFrom
        | RecordField::Period
        | RecordField::PublishedOn => (Text, Found::Years),
        RecordField::Body
        | RecordField::Court
        | RecordField::DesignationNote
        | RecordField::EntryIntoForceCondition
        | RecordField::Instrument
        | RecordField::IssuerNamedAs
        | RecordField::Mandate
        | RecordField::NumericCode
        | RecordField::Objectives
        | RecordField::OpenedAt
        | RecordField::Organisation
        | RecordField::Outcome
        | RecordField::Provisions
        | RecordField::Publication
        | RecordField::Publisher
        | RecordField::Region
        | RecordField::Remark
        | RecordField::ReportedLabel
        | RecordField::Statement
        | RecordField::Subdivision
        | RecordField::Subregion
        | RecordField::Summary
        | RecordField::Text => (Text, Found::Text),
        _ => return None,
    })
}

fn kind_enum(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::Country => "CountryKind",
        Kind::CybersecurityBody => "BodyKind",
        Kind::OperationalUnit => "UnitKind",
        Kind::PolicyDocument => "PolicyDocumentKind",
        Kind::TreatyEvent => "TreatyEventKind",
        Kind::Source => "SourceKind",
        _ => return None,
    })
}

fn topic_enum(kind: Kind) -> Option<&'static str> {
    Some(match kind {
        Kind::CoverageAssertion => "CoverageTopic",
        Kind::ProfileSection => "ProfileTopic",
        _ => return None,
    })
}

/// The texts of a record, in the order of its fields.
pub fn pieces(kind: Kind, content: &Content) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    for field in kind.fields() {
        let Some((class, found)) = found(kind, field.name) else {
            continue;
        };
        let Some(value) = content.get(&field.name.camel()) else {
            continue;
        };
        each_text(value, &mut |text| {
            let (text, is_verbatim) = match found {
                Found::Text => (Cow::Borrowed(text), true),
                Found::After(word) => (format!("{word} {text}").into(), true),
                Found::Labels(of) => (labels(of, text).into(), false),
                Found::Host => (host(text).into(), false),
                Found::Years => (years(text).into(), false),
            };
            pieces.push(Piece {
                class,
                text,
                is_verbatim,
                is_whole: is_verbatim && class < Class::Text,
            });
        });
    }
    pieces.extend(other_names_of(kind, content));
    pieces
}

/// Common and former names of a country that are not in its record.
fn other_names_of(kind: Kind, content: &Content) -> impl Iterator<Item = Piece<'_>> {
    let code = content
        .get(&RecordField::Code.camel())
        .filter(|_| kind == Kind::Country);
    let code = code.and_then(Value::as_str).unwrap_or_default().to_owned();
    let names = other_names().filter(move |(of, _)| *of == code);
    names.map(|(_, name)| Piece {
        class: Class::Name,
        text: name.into(),
        is_verbatim: false,
        is_whole: true,
    })
}

/// The labels of an enum value in all languages, divided so that no two form a compound.
fn labels(of: &str, value: &str) -> String {
    let labels = label::LANGUAGES.iter();
    let labels = labels.filter_map(|language| label::of(of, value, language));
    labels.collect::<Vec<_>>().join(", ")
}

/// The host in an address.
fn host(address: &str) -> &str {
    let (_, rest) = address.split_once("://").unwrap_or(("", address));
    let host = rest.split(['/', '?', '#', ':']).next().unwrap_or(rest);
    host.strip_prefix("www.").unwrap_or(host)
}

/// The years in the text of a date.
fn years(date: &str) -> String {
    let numbers = date.split(|letter: char| !letter.is_ascii_digit());
    let years: Vec<&str> = numbers.filter(|number| number.len() == 4).collect();
    years.join(" ")
}

fn each_text<'a>(value: &'a Value, take: &mut dyn FnMut(&'a str)) {
    match value {
        Value::String(text) => take(text),
        Value::Array(elements) => elements.iter().for_each(|element| each_text(element, take)),
        Value::Object(members) => {
            let texts = MEMBERS.iter().filter_map(|member| members.get(*member));
            texts.for_each(|text| each_text(text, take));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn texts(kind: Kind, content: Value) -> Vec<(Class, String)> {
        let Value::Object(content) = content else {
            panic!("expected an object");
        };
        let pieces = pieces(kind, &content);
        pieces
            .into_iter()
            .map(|piece| (piece.class, piece.text.into_owned()))
            .collect()
    }

    #[test]
    fn names_titles_and_texts_of_a_record_are_told_apart() {
        let body = json!({
            "names": [{ "text": "State Agency", "language": "en" }],
            "acronym": "SA",
            "country": "AZ",
            "website": "https://www.agency.example/path",
            "parent": "CybersecurityBody:az-ministry",
        });
        let found = texts(Kind::CybersecurityBody, body);
        assert!(found.contains(&(Class::Name, "State Agency".to_owned())));
        assert!(found.contains(&(Class::Name, "SA".to_owned())));
        assert!(found.contains(&(Class::Text, "agency.example".to_owned())));
        assert_eq!(found.len(), 3);
    }

    #[test]
    fn articles_and_years_are_texts() {
        let event = json!({ "articles": ["9(1)(d)"], "date": "2010-03-15", "treaty": "ETS 185" });
        let found = texts(Kind::TreatyEvent, event);
        let expected = [
            (Class::Text, "2010".to_owned()),
            (Class::Text, "Article 9(1)(d)".to_owned()),
        ];
        assert_eq!(found, expected);
    }
}
