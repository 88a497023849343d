//! The other records that a record refers to, and the words by which it can be found.

use super::date::Day;
use super::record::{Kind, RecordField, RecordId};
use super::text::{CountryCode, TreatyReference};

/// Something that a record refers to, which must exist.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Reference {
    /// A country by its code.
    Country(CountryCode),
    /// A treaty by its reference.
    Treaty(TreatyReference),
    /// A record by its id.
    Record {
        /// Of one of these kinds.
        kinds: &'static [Kind],
        /// Which.
        id: RecordId,
        /// The country it must belong to, where it must.
        within: Option<CountryCode>,
    },
}

impl Reference {
    /// The record with an id, of one of some kinds.
    pub fn record(kinds: &'static [Kind], id: &RecordId) -> Self {
        Self::Record {
            kinds,
            id: id.clone(),
            within: None,
        }
    }

    /// The record with an id, of one of some kinds and of a country.
    pub fn within(country: &CountryCode, kinds: &'static [Kind], id: &RecordId) -> Self {
        Self::Record {
            kinds,
            id: id.clone(),
            within: Some(country.clone()),
        }
    }

    /// The noun of what is referred to.
    pub fn kind(&self) -> Kind {
        match self {
            Self::Country(_) => Kind::Country,
            Self::Treaty(_) => Kind::Treaty,
            Self::Record { id, .. } => id.kind(),
        }
    }

    /// How the record names it.
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
pub struct Upward {
    /// The field.
    pub field: RecordField,
    /// References of one line are followed, those of others are not.
    pub line: &'static str,
    /// To what.
    pub to: Reference,
    /// Whether only the record itself is barred, and others may refer to each other.
    pub is_mutual: bool,
}

impl Upward {
    /// A reference whose line is its field.
    pub fn of(field: RecordField, to: Reference) -> Self {
        Self {
            field,
            line: field.snake(),
            to,
            is_mutual: false,
        }
    }
}

/// Something that a record names in a field, by which the record can be found.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Mention {
    /// The field.
    pub field: RecordField,
    /// A record, code or word.
    pub value: String,
    /// The first day on which it is so in the world.
    pub begins: Day,
    /// The last.
    pub ends: Day,
}

impl Mention {
    /// One that does not depend on the day.
    pub fn always(field: RecordField, value: impl Into<String>) -> Self {
        Self {
            field,
            value: value.into(),
            begins: Day::FIRST,
            ends: Day::LAST,
        }
    }

    /// The words of a list.
    pub fn words<E: sea_orm::ActiveEnum<Value = String>>(
        field: RecordField,
        words: &[E],
    ) -> impl Iterator<Item = Self> {
        words
            .iter()
            .map(move |word| Self::always(field, word.to_value()))
    }
}
