//! Proposed changes on their way into the change log: drafts and the plan.

use std::collections::HashSet;

use super::citation;
use super::error::Error;
use super::record::StoredVersion;
use domain::change::{Operation, Proposed};
use domain::check::Finding;
use domain::citation::CheckedCitation;
use domain::confirmation::Confirmation;
use domain::date::Date;
use domain::effect::Effect;
use domain::evaluation::Evaluation;
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};
use domain::reference::{IndexedReference, Reference};
use domain::text::CountryCode;

/// The result of checking proposed changes against the current records.
#[derive(Debug, Default)]
pub struct Plan {
    /// The changes that can be carried out.
    pub changes: Vec<Planned>,
    /// The faults that prevent the plan from being carried out, conflicts included.
    pub findings: Vec<Finding>,
    /// References to records that do not exist. During an import a later line may still create them.
    pub missing: Vec<Missing>,
    /// The records whose changes were held back, because they refer to records that do not exist yet.
    pub held_back: HashSet<RecordId>,
    /// The records with a conflict, which a person must resolve.
    pub contested: HashSet<RecordId>,
    /// The records that the plan may retire only if the changes with a conflict are carried out, too: these would end
    /// references to them.
    pub blocked: HashSet<RecordId>,
}

/// A change that can be carried out.
#[derive(Debug)]
pub struct Planned {
    /// The operation.
    pub operation: Operation,
    /// The record.
    pub id: RecordId,
    /// The content after the change with its derived columns; `None` if the change writes no row.
    pub whole: Option<Content>,
    /// The change that wrote the current row, which this change closes; `None` if there is no row to close.
    pub replaces: Option<i64>,
    /// The version number of the new row.
    pub version: i32,
    /// The fields that get another value.
    pub changed: Vec<RecordField>,
    /// Changed list fields whose value combines the proposal with edits made since the base version.
    pub joined: Vec<RecordField>,
    /// List fields that combine in the same way, and whose result is the newest value.
    pub absorbed: Vec<RecordField>,
    /// Fields that the proposal leaves as in its base version and that others have changed since.
    pub outdated: Vec<RecordField>,
    /// The mentions of the record before the change.
    pub indexed_before: Vec<IndexedReference>,
    /// The mentions of the record after the change.
    pub indexed_after: Vec<IndexedReference>,
    /// The new citations.
    pub cites: Vec<CheckedCitation>,
    /// The citations that end although their fields keep their values.
    pub ended: Vec<citation::Model>,
    /// The fields that the change cites as `CONFIRMED`.
    pub confirmations: Vec<Confirmation>,
    /// The countries to which the record belongs before and after, and those whose answers the change affects.
    pub countries: Vec<CountryCode>,
    /// The reason, for operations that take one.
    pub reason: Option<String>,
    /// The day on which the record was confirmed, for the operation VERIFY only.
    pub verified_on: Option<Date>,
    /// The effect, for the operation EFFECT only.
    pub effect: Option<Effect>,
}

/// A proposed change whose record and content are known, and whose references are still to be checked.
pub struct Draft<'a> {
    /// The change as it was proposed.
    pub proposed: &'a Proposed,
    /// The record.
    pub id: &'a RecordId,
    /// The noun's evaluation of the content after the change.
    pub evaluation: Evaluation,
    /// The content of the record after the change.
    pub content: Content,
    /// The current row before the change; `None` for a new or restored record.
    pub before: Option<StoredVersion>,
    /// The number of the last version before the change; 0 for a new record.
    pub last_version: i32,
    /// The fields that get another value.
    pub changed: Vec<RecordField>,
    /// Changed list fields whose value combines the proposal with edits made since the base version.
    pub joined: Vec<RecordField>,
    /// List fields that combine in the same way, and whose result is the newest value.
    pub absorbed: Vec<RecordField>,
    /// Fields that the proposal leaves as in its base version and that others have changed since.
    pub outdated: Vec<RecordField>,
    /// Fields with a conflict, which keep their current value.
    pub contested: Vec<RecordField>,
    /// The new citations.
    pub cites: Vec<CheckedCitation>,
    /// The citations that end although their fields keep their values.
    pub ended: Vec<citation::Model>,
    /// The fields that the change cites as `CONFIRMED`.
    pub confirmations: Vec<Confirmation>,
}

/// A reference to a record that does not exist, with the finding that reports it.
#[derive(Clone, Debug)]
pub struct Missing {
    /// The reference.
    pub reference: Reference,
    /// The kind, content and field that contain the reference; `None` for a citation.
    pub from: Option<(Kind, Content, RecordField)>,
    /// The finding.
    pub finding: Finding,
}

impl Draft<'_> {
    /// True if the record is current after the change.
    pub fn record_is_current(&self) -> bool {
        self.proposed.operation != Operation::Retire
    }

    /// The content before the change, if there is any, and the content after it.
    pub fn contents(&self) -> impl Iterator<Item = &Content> {
        let before = self.before.iter().map(|row| &row.content);
        before.chain([&self.content])
    }

    /// The content of the record after the change.
    pub fn content(&self) -> &Content {
        &self.content
    }

    /// The content before the change; `None` for a new or restored record.
    pub fn before(&self) -> Option<&Content> {
        self.before.as_ref().map(|row| &row.content)
    }

    /// True if the record is current after the change and at least one of the given fields has a new value.
    /// For a new or restored record every field counts as new.
    pub fn renews(&self, fields: &[RecordField]) -> bool {
        let mut changed = self.changed.iter();
        let is_update = self.proposed.operation == Operation::Update;
        self.record_is_current() && (!is_update || changed.any(|field| fields.contains(field)))
    }
}

impl Planned {
    /// The fields whose citations end. A joined field keeps its citations: they still support the part of the value that
    /// others added.
    pub fn replaced_fields(&self) -> Vec<RecordField> {
        let mut anew = self.changed.clone();
        anew.retain(|field| !self.joined.contains(field));
        anew
    }

    /// A change that only adds a line to the log and leaves the record as it is.
    pub fn line(
        operation: Operation,
        id: RecordId,
        countries: impl IntoIterator<Item = CountryCode>,
    ) -> Self {
        Self {
            operation,
            id,
            whole: None,
            replaces: None,
            version: 0,
            changed: Vec::new(),
            joined: Vec::new(),
            absorbed: Vec::new(),
            outdated: Vec::new(),
            indexed_before: Vec::new(),
            indexed_after: Vec::new(),
            cites: Vec::new(),
            ended: Vec::new(),
            confirmations: Vec::new(),
            countries: countries.into_iter().collect(),
            reason: None,
            verified_on: None,
            effect: None,
        }
    }
}

impl Plan {
    /// Returns the plan if it has no findings and no missing references.
    ///
    /// # Errors
    /// [`Error::Refused`] with all findings, those of missing references included.
    pub fn sound(mut self) -> Result<Self, Error> {
        let missing = std::mem::take(&mut self.missing);
        self.findings
            .extend(missing.into_iter().map(|missing| missing.finding));
        if self.findings.is_empty() {
            Ok(self)
        } else {
            Err(Error::Refused(self.findings))
        }
    }
}
