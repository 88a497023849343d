//! The stored fields of a record as facts with their sources.

use std::collections::BTreeSet;

use serde_json::Value;

use super::document::{Citation, FieldChange, NamesDocument, NamesVariables, Record};
use crate::ask::Ask;
use crate::difference::{self, Difference, Names};
use crate::frame::Frame;
use crate::markdown;
use crate::refused::Refused;

/// Number of records whose labels one query reads.
const MAX_NAMES: usize = 250;
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

/// The labels of the records that values name, beside the names of countries by their codes.
///
/// # Errors
/// [`Refused`] if they cannot be read.
pub async fn names<'a>(
    frame: &Frame,
    ask: &mut dyn Ask,
    countries: impl Iterator<Item = (String, String)>,
    values: impl Iterator<Item = &'a Value>,
) -> Result<Names, Refused> {
    let mut found = BTreeSet::new();
    values.for_each(|value| difference::references(value, &mut found));
    let mut names: Names = countries.collect();
    let ids: Vec<String> = found.into_iter().take(MAX_NAMES).collect();
    if ids.is_empty() {
        return Ok(names);
    }
    let variables = NamesVariables {
        ids,
        on: frame.on(),
        at: frame.at(),
        languages: frame.languages(),
    };
    let data = frame.execute::<NamesDocument>(ask, variables).await?;
    let labels = data.at.nodes.into_iter().flatten();
    names.extend(labels.map(|one| (one.record_id, one.label)));
    Ok(names)
}
