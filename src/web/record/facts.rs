//! The stored fields of a record as facts with their sources.

use serde_json::Value;

use super::document::{Citation, FieldChange, Record};
use crate::difference::{self, Difference, Names};
use crate::frame::Frame;
use crate::markdown;

/// Kind of record and field of each text in Markdown.
const MARKDOWN: [(&str, &str); 3] = [
    ("CourtDecision", "summary"),
    ("PolicyDocument", "summary"),
    ("ProfileSection", "body"),
];

/// A stored field.
pub struct Fact {
    /// The value, in words.
    pub value: Difference,
    /// The value as HTML, if it is Markdown.
    pub html: Option<String>,
    /// The language of the text in Markdown, if it is another one than that of the page.
    pub language: Option<String>,
    /// The citations of the field.
    pub citations: Vec<Citation>,
}

impl Fact {
    /// True if sources disagree on the value.
    pub fn is_disputed(&self) -> bool {
        let mut certainties = self.citations.iter().map(|one| &one.certainty);
        certainties.any(|certainty| *certainty == "DISPUTED")
    }
}

/// The stored fields of a record, in the order of its kind.
pub fn facts(frame: &Frame, names: &Names, record: &Record) -> Vec<Fact> {
    let fields = record.fields();
    let language = fields.iter().find(|(name, _)| name == "language");
    let language = language.and_then(|(_, value)| value.as_str().map(str::to_owned));
    let language = language.filter(|language| language != frame.language.code());
    let fact = |(name, value): &(String, Value)| {
        let cited = difference::screaming(name);
        let of_field =
            |citation: &&Citation| citation.fields.iter().any(|field| *field == cited.as_str());
        let is_markdown = MARKDOWN.contains(&(record.typename.as_str(), name.as_str()));
        let html = value.as_str().filter(|_| is_markdown).map(markdown::render);
        Fact {
            value: difference::compare(
                frame,
                names,
                &record.record_id,
                name,
                Some(value),
                Some(value),
            ),
            language: language.clone().filter(|_| html.is_some()),
            html,
            citations: record.citations.iter().filter(of_field).cloned().collect(),
        }
    };
    fields.iter().map(fact).collect()
}

/// A changed field.
pub fn changed(frame: &Frame, names: &Names, record_id: &str, one: &FieldChange) -> Difference {
    difference::compare(
        frame,
        names,
        record_id,
        &one.name,
        one.before.as_ref(),
        one.after.as_ref(),
    )
}
