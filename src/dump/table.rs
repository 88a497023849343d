//! The CSV files: their names, contents and columns.

use super::column::{CellForm, Column};
use super::{record_table, treaty_status};
use crate::domain::citation::Certainty;
use crate::domain::record::Kind;
use crate::domain::value_form::ValueForm;
use crate::domain::value_type::FieldValue;

/// A CSV file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Table {
    /// The records of one kind, one row each.
    Records(Kind),
    /// The citations of all records, one row for each field.
    Citations,
    /// The status of every country under every treaty.
    TreatyStatus,
}

impl Table {
    /// All tables: the records, kinds to which others refer first; citations; treaty status.
    pub fn all() -> impl Iterator<Item = Self> {
        let records = Kind::all().map(Self::Records);
        records.chain([Self::Citations, Self::TreatyStatus])
    }

    /// The table with a name.
    pub fn named(name: &str) -> Option<Self> {
        Self::all().find(|table| table.name() == name)
    }

    /// Name of the table; that of its file without `.csv`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Records(Kind::Source) => "sources",
            Self::Records(Kind::Country) => "countries",
            Self::Records(Kind::Treaty) => "treaties",
            Self::Records(Kind::CybersecurityBody) => "cybersecurity-bodies",
            Self::Records(Kind::OperationalUnit) => "operational-units",
            Self::Records(Kind::PolicyDocument) => "policy-documents",
            Self::Records(Kind::TreatyEvent) => "treaty-events",
            Self::Records(Kind::CoverageAssertion) => "coverage-assertions",
            Self::Records(Kind::ArticleImplementation) => "article-implementations",
            Self::Records(Kind::CourtDecision) => "court-decisions",
            Self::Records(Kind::ProfileSection) => "profile-sections",
            Self::Citations => "citations",
            Self::TreatyStatus => "treaty-status",
        }
    }

    /// Description of a row and of the order of the rows.
    pub fn description(self) -> String {
        match self {
            Self::Records(kind) => format!("{} One row per record, by id.", kind.description()),
            Self::Citations => "The links from fields of records to sources. One row per record, field and citation; \
                by kind and id of the record, then in the order in which they were added."
                .to_owned(),
            Self::TreatyStatus => "The status of every country under every treaty on the as-of date, computed from \
                treaty events. By reference of the treaty, then by code of the country."
                .to_owned(),
        }
    }

    /// The columns, in order.
    pub fn columns(self) -> Vec<Column> {
        match self {
            Self::Records(kind) => record_table::columns(kind),
            Self::Citations => citation_columns(),
            Self::TreatyStatus => treaty_status::columns(),
        }
    }

    /// The columns by which a row is identified.
    pub fn primary_key(self) -> &'static [&'static str] {
        match self {
            Self::Records(_) => &["id"],
            Self::Citations => &["record", "field", "sequence", "position"],
            Self::TreatyStatus => &["country", "treaty"],
        }
    }
}

fn citation_columns() -> Vec<Column> {
    let certainty = match Certainty::form() {
        ValueForm::Word(words) => CellForm::Word(words),
        _ => CellForm::Text,
    };
    vec![
        Column::new("record", CellForm::Text, "Id of the record.").required(),
        Column::new(
            "field",
            CellForm::Text,
            "The field, by the name of its column.",
        )
        .required(),
        Column::new("source", CellForm::Text, "Id of the source.")
            .required()
            .referring_to(Kind::Source),
        Column::new("locator", CellForm::Text, "Place in the source."),
        Column::new("quote", CellForm::Text, "Short quotation, word for word."),
        Column::new("certainty", certainty, "Certainty of the value.").required(),
        Column::new(
            "sequence",
            CellForm::Integer,
            "Sequence number of the change that brought the citation.",
        )
        .required(),
        Column::new(
            "position",
            CellForm::Integer,
            "Position of the citation within that change, counted from 0.",
        )
        .required(),
    ]
}
