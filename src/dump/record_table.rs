//! The CSV file of one kind of records. Its columns follow from the declaration of the noun.

use chrono::{DateTime, SecondsFormat, Utc};
use serde_json::Value;

use super::column::{CellForm, Column};
use super::rows::Rows;
use crate::domain::date::PartialDate;
use crate::domain::field::Field;
use crate::domain::language::LanguageRange;
use crate::domain::localized_text::{LocalizedText, localized};
use crate::domain::record::Kind;
use crate::domain::value_form::ValueForm;
use crate::store::export::ExportedRecord;

/// The languages whose texts have a column.
const LANGUAGES: [(&str, &str); 2] = [("en", "English"), ("fr", "French")];

/// The cells that a field has.
enum Shape {
    /// One cell with the value.
    Plain,
    /// Three cells: text, earliest and latest day.
    Date,
    /// The best text for readers of English, the text in each of [`LANGUAGES`], and all texts as a JSON list.
    Texts,
    /// One cell with values joined by `;`.
    Joined,
    /// One cell with JSON.
    Json,
}

impl Shape {
    fn of(form: &ValueForm) -> Self {
        match form {
            ValueForm::PartialDate => Self::Date,
            ValueForm::LocalizedText | ValueForm::Structure => Self::Json,
            ValueForm::List(of) => match **of {
                ValueForm::LocalizedText => Self::Texts,
                // Their values contain no semicolon.
                ValueForm::Country
                | ValueForm::Treaty
                | ValueForm::Language
                | ValueForm::Record
                | ValueForm::Word(_) => Self::Joined,
                _ => Self::Json,
            },
            _ => Self::Plain,
        }
    }
}

/// The columns of a kind.
pub fn columns(kind: Kind) -> Vec<Column> {
    let mut columns = vec![
        Column::new("id", CellForm::Text, "Id of the record; it never changes.").required(),
        Column::new(
            "version",
            CellForm::Integer,
            "Number of the version, counted from 1.",
        )
        .required(),
        Column::new(
            "sequence",
            CellForm::Integer,
            "Sequence number of the change that wrote this version.",
        )
        .required(),
        Column::new(
            "updated_at",
            CellForm::Instant,
            "Instant at which that change was committed.",
        )
        .required(),
    ];
    for field in kind.fields() {
        columns.extend(columns_of(kind, field));
    }
    columns.push(Column::new(
        "sources",
        CellForm::Joined,
        "Ids of the sources that the record cites, joined by `;`: see citations.csv.",
    ));
    columns
}

fn columns_of(kind: Kind, field: &Field) -> Vec<Column> {
    let (name, form) = (field.name.snake(), field.form());
    let one = |form: CellForm, description: &str| {
        let column = Column::new(name, form, description);
        if field.required {
            column.required()
        } else {
            column
        }
    };
    let described = |form: CellForm| one(form, field.description);
    match (Shape::of(&form), form) {
        (Shape::Date, _) => {
            let mut columns = Column::of_date(name, field.description);
            let [text, ..] = &mut columns;
            text.required = field.required;
            columns.into()
        }
        (Shape::Texts, _) => {
            let single = singular(name);
            let best = "The text in English; if there is none, the original, else the first.";
            let mut columns = vec![Column::new(single, CellForm::Text, best)];
            columns.extend(LANGUAGES.map(|(tag, language)| {
                let description = format!("The text in {language}.");
                Column::new(&format!("{single}_{tag}"), CellForm::Text, &description)
            }));
            let all = format!("{} A JSON list.", field.description);
            columns.push(one(CellForm::List, &all));
            columns
        }
        (Shape::Joined, _) => {
            let description = format!("{} Joined by `;`.", field.description);
            vec![one(CellForm::Joined, &description)]
        }
        (Shape::Json, ValueForm::List(_)) => {
            let description = format!("{} A JSON list.", field.description);
            vec![one(CellForm::List, &description)]
        }
        (Shape::Json, _) => {
            let description = format!("{} A JSON object.", field.description);
            vec![one(CellForm::Object, &description)]
        }
        (Shape::Plain, form) => vec![match form {
            ValueForm::Boolean => described(CellForm::Boolean),
            ValueForm::Integer => described(CellForm::Integer),
            ValueForm::Day => described(CellForm::Day),
            ValueForm::Word(words) => described(CellForm::Word(words)),
            ValueForm::Country => refer(described(CellForm::Text), kind, Kind::Country),
            ValueForm::Treaty => refer(described(CellForm::Text), kind, Kind::Treaty),
            _ => described(CellForm::Text),
        }],
    }
}

/// The column as one that refers to records of a kind, unless it is theirs: it is then what others refer to.
fn refer(column: Column, of: Kind, to: Kind) -> Column {
    let is_own = of == to
        && of
            .unique()
            .is_some_and(|field| field.snake() == column.name);
    if is_own {
        column
    } else {
        column.referring_to(to)
    }
}

/// The name of one text of a list: `name` of `names`.
fn singular(name: &str) -> &str {
    name.strip_suffix('s').unwrap_or(name)
}

/// Writes records of one kind as rows.
pub struct RecordWriter {
    fields: Vec<(String, Shape)>,
    languages: Vec<(&'static str, LanguageRange)>,
}

impl RecordWriter {
    /// A writer for a kind.
    pub fn new(kind: Kind) -> Self {
        let fields = kind.fields().iter();
        let range = |tag: &'static str| Some((tag, tag.parse().ok()?));
        Self {
            fields: fields
                .map(|field| (field.name.camel(), Shape::of(&field.form())))
                .collect(),
            languages: LANGUAGES.iter().filter_map(|(tag, _)| range(tag)).collect(),
        }
    }

    /// Adds a record. `updated_at` is the time of its change.
    pub fn write(
        &self,
        record: &ExportedRecord,
        updated_at: Option<DateTime<Utc>>,
        rows: &mut Rows,
    ) {
        rows.plain(&record.id);
        rows.plain(record.version);
        rows.plain(record.since);
        rows.option(updated_at.map(instant));
        for (name, shape) in &self.fields {
            let value = record.content.get(name);
            match shape {
                Shape::Plain => plain(value, rows),
                Shape::Date => {
                    let text = value.and_then(Value::as_str);
                    rows.date(text.and_then(|text| text.parse::<PartialDate>().ok()));
                }
                Shape::Texts => self.texts(value, rows),
                Shape::Joined => {
                    let values = value.and_then(Value::as_array).into_iter().flatten();
                    rows.joined(values.filter_map(Value::as_str));
                }
                Shape::Json => rows.option(value),
            }
        }
        let mut sources: Vec<&str> = Vec::new();
        for citation in &record.citations {
            let source = citation.source.as_str();
            if !sources.contains(&source) {
                sources.push(source);
            }
        }
        rows.joined(sources);
        rows.end();
    }

    fn texts(&self, value: Option<&Value>, rows: &mut Rows) {
        let texts = value.and_then(|value| serde_json::from_value(value.clone()).ok());
        let texts: Vec<LocalizedText> = texts.unwrap_or_default();
        let text = |found: Option<&LocalizedText>, rows: &mut Rows| {
            rows.text(found.map_or("", |found| found.text.as_str()));
        };
        text(localized(&texts, &[]), rows);
        for (tag, range) in &self.languages {
            let best = localized(&texts, std::slice::from_ref(range));
            text(best.filter(|best| is_in(best, tag)), rows);
        }
        rows.option(value);
    }
}

/// True if the text is in the language with this primary tag.
fn is_in(text: &LocalizedText, tag: &str) -> bool {
    let primary = text.language.as_str().split('-').next();
    primary.is_some_and(|primary| primary.eq_ignore_ascii_case(tag))
}

fn plain(value: Option<&Value>, rows: &mut Rows) {
    match value {
        Some(Value::String(text)) => rows.text(text),
        other => rows.option(other),
    }
}

/// An instant in UTC, with as many digits as it has.
pub fn instant(at: DateTime<Utc>) -> String {
    at.to_rfc3339_opts(SecondsFormat::AutoSi, true)
}
