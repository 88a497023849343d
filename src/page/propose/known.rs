//! Known records, as the store has them.

use domain::date::{Date, PartialDate};
use domain::field::Content;
use domain::record::{Kind, RecordId};
use serde_json::Value;

use crate::fold::name_key;

/// A current record.
#[derive(Clone, Debug)]
pub struct KnownRecord {
    /// Its id.
    pub id: RecordId,
    /// Its version.
    pub version: i32,
    /// Its content by public field names, as `domain` stores it.
    pub content: Content,
}

/// The current records that a page is compared with: treaty events, documents, bodies, units, coverage assertions and
/// profile sections of its country, and sources.
#[derive(Clone, Debug, Default)]
pub struct Known {
    /// The records, in the order of their ids.
    pub records: Vec<KnownRecord>,
}

impl Known {
    /// Returns the records of one kind.
    pub(super) fn of(&self, kind: Kind) -> impl Iterator<Item = &KnownRecord> {
        self.records
            .iter()
            .filter(move |record| record.id.kind() == kind)
    }

    /// True if a record has the id.
    pub(super) fn has(&self, id: &str) -> bool {
        self.records.iter().any(|record| record.id.as_str() == id)
    }
}

impl KnownRecord {
    /// Returns a field that is text.
    pub(super) fn text(&self, field: &str) -> Option<&str> {
        self.content.get(field).and_then(Value::as_str)
    }

    /// Returns a field that is a date.
    pub(super) fn date(&self, field: &str) -> Option<PartialDate> {
        self.text(field)?.parse().ok()
    }

    /// True if a date of the record can be one of the days.
    pub(super) fn overlaps(&self, field: &str, days: &PartialDate) -> bool {
        let first = |date: &PartialDate| date.earliest().unwrap_or(Date::FIRST);
        let last = |date: &PartialDate| date.latest().unwrap_or(Date::LAST);
        let own = self.date(field);
        own.is_some_and(|own| first(&own) <= last(days) && first(days) <= last(&own))
    }

    /// Returns the texts of a field that is a list of texts by language, or of texts.
    pub(super) fn texts(&self, field: &str) -> Vec<&str> {
        let list = self.content.get(field).and_then(Value::as_array);
        let texts = list.into_iter().flatten();
        texts
            .filter_map(|one| one.get("text").unwrap_or(one).as_str())
            .collect()
    }

    /// Returns the names in the field, in the form of [`name_key`].
    pub(super) fn name_keys(&self, field: &str) -> Vec<String> {
        self.texts(field).into_iter().map(name_key).collect()
    }
}
