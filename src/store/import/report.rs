//! The report of an import, and its progress messages.

use std::fmt::{self, Display};

use super::place::Place;
use domain::record::{RecordField, RecordId};

/// The result of an import, in numbers.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines read.
    pub lines: usize,
    /// Records created.
    pub created: usize,
    /// Records that were updated, retired or restored.
    pub updated: usize,
    /// Lines that changed nothing.
    pub unchanged: usize,
    /// Lines that were skipped because their record differs or is retired.
    pub differing: usize,
}

/// A progress message of an import.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ImportProgress {
    /// The number of lines imported so far.
    Lines(usize),
    /// A line was skipped because its record differs or is retired.
    Differing(Differing),
    /// One sentence on data for an editor to look at, with its line if it is a single one. It stops nothing.
    Warning(Option<Place>, String),
}

/// A record that has other content or citations than a line, and was left unchanged.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// The line.
    pub place: Place,
    /// The record.
    pub id: RecordId,
    /// The fields with other values.
    pub fields: Vec<RecordField>,
    /// The other fields, whose citations differ.
    pub citations: Vec<RecordField>,
    /// The reason why the record was left unchanged.
    pub why: SkipReason,
}

/// The reason why a record was left unchanged.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SkipReason {
    /// The import does not update existing records.
    NotAsked,
    /// A person has changed or verified the record.
    Touched,
    /// The record is retired.
    Retired,
}

impl Display for Differing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |fields: &[RecordField]| {
            let names: Vec<String> = fields.iter().map(|field| field.screaming()).collect();
            names.join(", ")
        };
        let beginning = match self.why {
            SkipReason::Retired => "is retired, and has",
            SkipReason::NotAsked | SkipReason::Touched => "has",
        };
        write!(f, "{} {beginning}", self.id)?;
        if !self.fields.is_empty() {
            write!(f, " other content in {}", names(&self.fields))?;
        }
        if !self.fields.is_empty() && !self.citations.is_empty() {
            write!(f, " and")?;
        }
        if !self.citations.is_empty() {
            write!(f, " other citations of {}", names(&self.citations))?;
        }
        f.write_str(match self.why {
            SkipReason::NotAsked => ": left unchanged; `--update` would import the line",
            SkipReason::Touched => ": left unchanged, because not only imports have changed it",
            SkipReason::Retired => ": left unchanged; only a restore brings it back",
        })
    }
}
