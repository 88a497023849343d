//! A checked change.

use std::borrow::Cow;

use super::operation::Operation;
use crate::check::{Finding, Path};
use crate::citation::{CheckedCitation, OpenCitation};
use crate::date::Date;
use crate::evaluation::Evaluation;
use crate::field::Content;
use crate::merge;
use crate::record::{Kind, RecordField, RecordId};

/// A change that passed the checks which need no stored data. Records to which it refers may not exist.
#[derive(Clone, Debug)]
pub struct Proposed {
    /// `Create`, `Update`, `Retire` or `Restore`.
    pub operation: Operation,
    /// Kind of the record.
    pub kind: Kind,
    /// Id of the record; `None` for a new record whose key is not derived yet.
    pub id: Option<RecordId>,
    /// Version of the record on which the change is based; `None` for a create, and for an update that leaves it to
    /// the store.
    pub base_version: Option<i32>,
    /// New value of each field that the change names.
    pub fields: merge::Proposal,
    /// Citations of the change.
    pub cites: Vec<CheckedCitation>,
    /// Citations whose sources have to be found or created first.
    pub open_cites: Vec<OpenCitation>,
    /// True for a source that a citation creates: its fields are at `path` itself.
    pub is_inline: bool,
    /// Reason for retiring or restoring the record.
    pub reason: Option<String>,
    /// True if the citations of the change replace all those of the record, for fields that nobody has changed since
    /// the base version.
    pub is_whole: bool,
    /// Current values that the authors decided to replace: each counts as the value in the base version.
    pub overruled: merge::Proposal,
    /// Path of the change in the input.
    pub path: Path,
    /// The noun's evaluation of the content of a new record; `None` for other changes, and before the check.
    pub(super) evaluation: Option<Box<Evaluation>>,
}

impl Proposed {
    /// Returns the path at which the input names the record.
    pub fn at_target(&self) -> Path {
        if self.is_inline {
            return self.path.clone();
        }
        self.path.then(if self.operation == Operation::Create {
            "key"
        } else {
            "id"
        })
    }

    /// Returns the path at which the input contains the values.
    pub fn at_fields(&self) -> Path {
        if self.is_inline {
            return self.path.clone();
        }
        self.path.then(if self.operation == Operation::Create {
            "fields"
        } else {
            "set"
        })
    }

    /// Adds the citation of a source that was found or created.
    pub fn settle(&mut self, open: OpenCitation, source: RecordId) {
        let position = open.position.min(self.cites.len());
        self.cites.insert(position, open.of(source));
    }

    /// Returns the path of a conflict: the field in the values of an update, whether it sets or clears the field; the
    /// base version of a change that retires or restores the record, which names no field.
    pub fn at_conflict(&self, field: RecordField) -> Path {
        if self.operation == Operation::Update {
            self.at_fields().then(field.camel())
        } else {
            self.path.then("baseVersion")
        }
    }

    /// Returns the noun's evaluation of the content of a new record.
    ///
    /// # Errors
    /// All findings of the noun; their paths start at a field.
    pub fn evaluated(&self) -> Result<Evaluation, Vec<Finding>> {
        match &self.evaluation {
            Some(evaluation) => Ok(Evaluation::clone(evaluation)),
            None => self.kind.evaluate(&self.content()),
        }
    }

    /// Returns the content of a new record.
    pub fn content(&self) -> Content {
        let set = self.fields.iter();
        set.filter_map(|(field, value)| Some((field.camel(), value.clone()?)))
            .collect()
    }
}

impl Proposed {
    /// Returns the content with which the record is compared: that of the base version, with the values that the
    /// authors decided to replace.
    pub(crate) fn compared<'a>(&self, base: &'a Content) -> Cow<'a, Content> {
        if self.overruled.is_empty() {
            return Cow::Borrowed(base);
        }
        let mut base = base.clone();
        for (field, value) in &self.overruled {
            match value {
                Some(value) => base.insert(field.camel(), value.clone()),
                None => base.remove(&field.camel()),
            };
        }
        Cow::Owned(base)
    }

    /// Returns the new value of each field, compared with the base version. A value that readers see in place of the
    /// stored one counts as the stored one, so writing back what was read changes nothing.
    pub fn intended_values(&self, base: &Content, today: Date) -> merge::Proposal {
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
