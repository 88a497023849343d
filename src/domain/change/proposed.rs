//! A change that was checked.

use super::operation::Operation;
use crate::check::Path;
use crate::citation::Cite;
use crate::date::Day;
use crate::field::Content;
use crate::merge;
use crate::record::{Kind, RecordField, RecordId};

/// A change that was checked by itself; what it refers to may still be missing.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// `Create`, `Update`, `Retire` or `Restore`.
    pub operation: Operation,
    /// The noun.
    pub kind: Kind,
    /// The record; `None` for a new one whose key is still to be derived.
    pub id: Option<RecordId>,
    /// The version that an update was written against.
    pub base_version: Option<i32>,
    /// What it makes of each field that it names.
    pub fields: merge::Proposal,
    /// Where that comes from.
    pub cites: Vec<Cite>,
    /// Why a record is retired or restored.
    pub reason: Option<String>,
    /// Whether its citations are all that the record has afterwards, of the fields that nobody has changed
    /// since.
    pub is_whole: bool,
    /// Where in the input it is.
    pub path: Path,
}

impl Proposed {
    /// Where the input names the record.
    pub fn at_target(&self) -> Path {
        self.path.then(if self.operation == Operation::Create {
            "key"
        } else {
            "id"
        })
    }

    /// Where the input holds the values.
    pub fn at_fields(&self) -> Path {
        self.path.then(if self.operation == Operation::Create {
            "fields"
        } else {
            "set"
        })
    }

    /// The content of a new record.
    pub fn content(&self) -> Content {
        let set = self.fields.iter();
        set.filter_map(|(field, value)| Some((field.camel(), value.clone()?)))
            .collect()
    }
}

impl Proposed {
    /// What it makes of each field, beside the version that it was written against. A value that the
    /// field reads as already stands for the one that is kept: to write back what was read changes nothing.
    pub fn meant(&self, base: &Content, today: Day) -> merge::Proposal {
        let is_same = |field: RecordField| {
            let mut named = self.fields.iter().filter(|(name, _)| *name == field);
            named.all(|(_, value)| base.get(&field.camel()) == value.as_ref())
        };
        let fields = self.fields.iter().map(|(field, given)| {
            let read = given
                .as_ref()
                .filter(|_| !is_same(*field))
                .and_then(|given| self.kind.read_back(base, *field, given, &is_same, today));
            (*field, read.or_else(|| given.clone()))
        });
        fields.collect()
    }
}
