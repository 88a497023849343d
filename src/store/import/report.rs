//! What an import tells of itself.

use std::fmt::{self, Display};

use domain::record::{RecordField, RecordId};

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines that were read.
    pub lines: usize,
    /// Records that are new.
    pub created: usize,
    /// Records that have a new version, left the lists or came back.
    pub updated: usize,
    /// Lines that changed nothing.
    pub unchanged: usize,
    /// Lines whose records stand otherwise, and were left as they are.
    pub differing: usize,
}

/// What an import says while it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// So many lines were taken over.
    Lines(usize),
    /// A record stands otherwise than a line has it, and was left as it is.
    Differing(Differing),
    /// Something was taken over that deserves a look.
    Warning(String),
}

/// A record that stands otherwise than a line has it, and was left as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Differing {
    /// The number of the line.
    pub line: String,
    /// The record.
    pub id: RecordId,
    /// The fields whose values differ.
    pub fields: Vec<RecordField>,
    /// The other fields whose citations differ.
    pub citations: Vec<RecordField>,
    /// Why it was left.
    pub why: Left,
}

/// Why a record was left as it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    /// No updates were asked for.
    NotAsked,
    /// Somebody other than an import has changed it.
    Touched,
    /// It is retired.
    Retired,
}

impl Display for Differing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let names = |fields: &[RecordField]| {
            let names: Vec<String> = fields.iter().map(|field| field.screaming()).collect();
            names.join(", ")
        };
        let stands = match self.why {
            Left::Retired => "is retired, with",
            Left::NotAsked | Left::Touched => "stands with",
        };
        write!(f, "{} {stands}", self.id)?;
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
            Left::NotAsked => ": left as it is; `--update` would take the line",
            Left::Touched => ": left as it is, for not only imports have changed it",
            Left::Retired => ": left as it is; only a restore brings it back",
        })
    }
}
