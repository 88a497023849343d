//! References of a record to others, and the values by which the record can be found.

use super::date::Date;
use super::record::{Kind, RecordField, RecordId};
use super::text::{CountryCode, TreatyReference};

/// A reference to a record, which must exist.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A country, by its code.
    Country(CountryCode),
    /// A treaty, by its reference.
    Treaty(TreatyReference),
    /// A record, by its id.
    Record {
        /// Possible kinds of the record.
        kinds: &'static [Kind],
        /// Id of the record.
        id: RecordId,
        /// Countries to one of which the record must belong; empty for any.
        within: Vec<CountryCode>,
    },
}

impl Reference {
    /// Returns a reference to a record of one of `kinds`.
    pub fn record(kinds: &'static [Kind], id: &RecordId) -> Self {
        Self::Record {
            kinds,
            id: id.clone(),
            within: Vec::new(),
        }
    }

    /// Returns a reference to a record of one of `kinds` that must belong to `country`.
    pub fn within(country: &CountryCode, kinds: &'static [Kind], id: &RecordId) -> Self {
        Self::Record {
            kinds,
            id: id.clone(),
            within: vec![country.clone()],
        }
    }

    /// Returns a reference to a policy document of `country`, or of the European Union, whose acts are law in several
    /// countries.
    pub fn document_of(country: &CountryCode, id: &RecordId) -> Self {
        let mut within = vec![country.clone(), CountryCode::european_union()];
        within.dedup();
        Self::Record {
            kinds: &[Kind::PolicyDocument],
            id: id.clone(),
            within,
        }
    }

    /// Returns the kind of the referenced record.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Country(_) => Kind::Country,
            Self::Treaty(_) => Kind::Treaty,
            Self::Record { id, .. } => id.kind(),
        }
    }

    /// Returns the code, reference or id by which the record names the other.
    pub fn named(&self) -> String {
        match self {
            Self::Country(code) => code.to_string(),
            Self::Treaty(treaty) => treaty.to_string(),
            Self::Record { id, .. } => id.to_string(),
        }
    }
}

/// A reference that must not lead back to the record itself, however many steps away.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AcyclicReference {
    /// Field with the reference.
    pub field: RecordField,
    /// Name of the line: only references of one line are followed together.
    pub line: &'static str,
    /// The reference.
    pub to: Reference,
    /// True if only a reference to the record itself is an error, and two records can refer to each other.
    pub is_mutual: bool,
}

impl AcyclicReference {
    /// Returns a reference whose line is its field.
    pub fn of(field: RecordField, to: Reference) -> Self {
        Self {
            field,
            line: field.snake(),
            to,
            is_mutual: false,
        }
    }
}

/// A value in a field by which the record can be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct IndexedReference {
    /// Field with the value.
    pub field: RecordField,
    /// Id, code, reference or enum value.
    pub value: String,
    /// First day in the world on which the value is valid.
    pub begins: Date,
    /// Last day on which it is valid.
    pub ends: Date,
}

impl IndexedReference {
    /// Returns a mention that is valid on every day.
    pub fn always(field: RecordField, value: impl Into<String>) -> Self {
        Self {
            field,
            value: value.into(),
            begins: Date::FIRST,
            ends: Date::LAST,
        }
    }

    /// Returns a mention for each enum value of a list.
    pub fn words<E: sea_orm::ActiveEnum<Value = String>>(
        field: RecordField,
        words: &[E],
    ) -> impl Iterator<Item = Self> {
        words
            .iter()
            .map(move |word| Self::always(field, word.to_value()))
    }
}
