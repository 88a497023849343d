//! Columns of CSV files.

use crate::domain::record::Kind;

/// Form of the cells of a column. A cell without a value is empty.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CellForm {
    /// Text; `Rows::text` makes the only change to it.
    Text,
    /// One of these words.
    Word(Vec<String>),
    /// `true` or `false`.
    Boolean,
    /// A whole number.
    Integer,
    /// A day, as in `2010-03-15`.
    Day,
    /// An instant in UTC, as in `2010-03-15T12:00:00Z`.
    Instant,
    /// Values that contain no semicolon, joined by `;`.
    Joined,
    /// A JSON list.
    List,
    /// A JSON object.
    Object,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Name in the header row.
    pub name: String,
    /// Form of the cells.
    pub form: CellForm,
    /// One paragraph for readers.
    pub description: String,
    /// True if no cell is empty.
    pub required: bool,
    /// The kind of the records that the cells name by their code or reference.
    pub refers_to: Option<Kind>,
}

impl Column {
    /// A column whose cells can be empty.
    pub fn new(name: &str, form: CellForm, description: &str) -> Self {
        Self {
            name: name.to_owned(),
            form,
            description: description.to_owned(),
            required: false,
            refers_to: None,
        }
    }

    /// The same column without empty cells.
    pub fn required(self) -> Self {
        Self {
            required: true,
            ..self
        }
    }

    /// The same column with cells that name records of a kind.
    pub fn referring_to(self, kind: Kind) -> Self {
        Self {
            refers_to: Some(kind),
            ..self
        }
    }

    /// The columns of a partial date: the text in EDTF, and the first and the last day that it can mean.
    pub fn of_date(name: &str, description: &str) -> [Self; 3] {
        let day = |end: &str, which: &str| {
            let description = format!("{which} day that `{name}` can mean; empty if it is open.");
            Self::new(&format!("{name}_{end}"), CellForm::Day, &description)
        };
        let text = format!("{description} EDTF, as exact as the source.");
        [
            Self::new(name, CellForm::Text, &text),
            day("earliest", "First"),
            day("latest", "Last"),
        ]
    }
}
