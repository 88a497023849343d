//! Choices between current and proposed values where a contribution conflicts with its records.

use std::collections::HashSet;

use async_graphql::{ID, InputObject};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::change::{ChangeInput, Operation, Proposed};
use crate::check::{Code, Finding, Path, Validated};
use crate::merge::Conflict;
use crate::record::{RecordField, RecordId};
use crate::text::Malformed;

/// Maximum number of choices in one request.
const MAX_CHOICES: usize = 1_000;

/// Returns the finding on a conflict of a contribution, with the step that resolves it.
#[must_use]
pub fn to_resolve(mut conflict: Finding) -> Finding {
    let message = &mut conflict.message;
    message.push_str("; an author chooses between the values with resolveConflicts");
    conflict
}

/// The value that a choice takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, async_graphql::Enum)]
pub enum ConflictChoice {
    /// The value in the record now: the field leaves the change, with the citations of the change for it.
    Current,
    /// The proposed value: it replaces the value that the record has now.
    Proposed,
}

/// Decides on conflicts of a contribution, field by field.
#[derive(Clone, Debug, InputObject)]
pub struct ResolveConflictsInput {
    /// The `id` of the contribution.
    pub id: ID,
    /// The revision on which the choices are based. If it is not the newest, the answer is `STALE_REVISION`.
    pub revision: i32,
    /// One choice for each field, 1 to 1,000, for fields in `Contribution.conflicts`. A conflict that is not named
    /// stays.
    pub choices: Vec<ConflictChoiceInput>,
}

/// A choice between the current and the proposed value of one field.
#[derive(Clone, Debug, InputObject)]
pub struct ConflictChoiceInput {
    /// The record: `FieldConflict.recordId`.
    pub record_id: ID,
    /// The field: `FieldConflict.field`.
    pub field: RecordField,
    /// The value to take. A change that retires or restores a record is taken as a whole: CURRENT for a field removes
    /// the change, and CURRENT for one field with PROPOSED for another is `INVALID`.
    pub take: ConflictChoice,
}

/// A choice whose record id is well-formed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    /// The record.
    pub record: RecordId,
    /// The field.
    pub field: RecordField,
    /// The value to take.
    pub take: ConflictChoice,
    /// Path of the choice in the input.
    pub path: Path,
}

/// A value of a record that the authors of a contribution have seen, and decided to replace by the proposed value. The
/// field conflicts again only if the record gets yet another value.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Overruled {
    /// The record.
    pub record: RecordId,
    /// The field.
    pub field: RecordField,
    /// The value that is replaced; `None` if the field was empty.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<Value>,
}

impl Overruled {
    /// Returns the values that the authors decided to replace by those of a change.
    pub fn of(change: &Proposed) -> impl Iterator<Item = Self> {
        let values = change.overruled.iter().cloned();
        values.filter_map(|(field, value)| {
            Some(Self {
                record: change.id.clone()?,
                field,
                value,
            })
        })
    }
}

/// Gives changes the values that their authors decided to replace.
pub fn overrule(changes: &mut [Proposed], overruled: &[Overruled]) {
    for change in changes {
        let own = overruled.iter();
        let own = own.filter(|one| change.id.as_ref() == Some(&one.record));
        change.overruled = own.map(|one| (one.field, one.value.clone())).collect();
    }
}

/// The changes of a contribution after choices.
#[derive(Clone, Debug, PartialEq)]
pub struct Resolved {
    /// The changes that are left, each with its place before the choices.
    pub changes: Vec<(usize, ChangeInput)>,
    /// The values that the choices replace.
    pub overruled: Vec<Overruled>,
}

impl ResolveConflictsInput {
    /// Runs the checks that need no contribution.
    ///
    /// # Errors
    /// All findings.
    pub fn checked(&self) -> Validated<Vec<Choice>> {
        let root = Path::default().then("choices");
        let mut found = Vec::new();
        if self.choices.is_empty() {
            let message =
                "name at least one field of Contribution.conflicts, and the value to take";
            found.push(root.finding(Code::Required, message));
        }
        if self.choices.len() > MAX_CHOICES {
            let message = format!("has more than {MAX_CHOICES} elements");
            return Err(vec![root.finding(Code::Invalid, message)]);
        }
        let mut seen = HashSet::new();
        let mut choices = Vec::new();
        for (at, choice) in self.choices.iter().enumerate() {
            let path = root.then(at);
            let record: RecordId = match choice.record_id.parse() {
                Ok(record) => record,
                Err(error) => {
                    let error: Malformed = error;
                    found.push(
                        path.then("recordId")
                            .finding(Code::Invalid, error.to_string()),
                    );
                    continue;
                }
            };
            if !seen.insert((record.clone(), choice.field)) {
                let message = format!(
                    "{} of {record} is named twice: choose once",
                    choice.field.screaming()
                );
                found.push(path.finding(Code::Duplicate, message));
            }
            choices.push(Choice {
                record,
                field: choice.field,
                take: choice.take,
                path,
            });
        }
        if found.is_empty() {
            Ok(choices)
        } else {
            Err(found)
        }
    }
}

/// A change of a contribution, in both forms, with its conflicts.
#[derive(Clone, Debug)]
pub struct Contested<'a> {
    /// The change as it is stored.
    pub input: &'a ChangeInput,
    /// The checked change.
    pub proposed: &'a Proposed,
    /// Its conflicts with the record as it is now.
    pub conflicts: Vec<Conflict>,
}

/// Applies choices to the changes of a contribution.
///
/// # Errors
/// A finding for each choice that names no conflict, or that contradicts another choice.
pub fn resolve(changes: &[Contested<'_>], choices: &[Choice]) -> Validated<Resolved> {
    let mut found = Vec::new();
    for choice in choices {
        let of_record = changes.iter().find(|change| change.is_of(&choice.record));
        found.extend(if let Some(change) = of_record {
            change.fault(choice, choices)
        } else {
            let message = format!("the contribution has no change of {}", choice.record);
            let at = choice.path.then("recordId");
            Some(at.finding(Code::NotFound, message))
        });
    }
    if !found.is_empty() {
        return Err(found);
    }
    let mut resolved = Resolved {
        changes: Vec::new(),
        overruled: Vec::new(),
    };
    for (at, change) in changes.iter().enumerate() {
        let taken = |take| {
            let own = choices.iter().filter(move |choice| choice.take == take);
            own.filter(|choice| change.is_of(&choice.record))
                .map(|choice| choice.field)
        };
        let dropped: Vec<RecordField> = taken(ConflictChoice::Current).collect();
        let left = if dropped.is_empty() {
            Some(change.input.clone())
        } else if change.proposed.operation == Operation::Update {
            change.input.without(&dropped)
        } else {
            None
        };
        let Some(left) = left else { continue };
        let replaced = taken(ConflictChoice::Proposed).filter_map(|field| {
            let mut conflicts = change.conflicts.iter();
            let conflict = conflicts.find(|conflict| conflict.field == field)?;
            Some(Overruled {
                record: change.proposed.id.clone()?,
                field,
                value: conflict.current.clone(),
            })
        });
        resolved.overruled.extend(replaced);
        resolved.changes.push((at, left));
    }
    if resolved.changes.is_empty() {
        let message = "no change would be left: use withdrawContribution instead";
        let at = Path::default().then("choices");
        return Err(vec![at.finding(Code::Invalid, message)]);
    }
    Ok(resolved)
}

impl Contested<'_> {
    fn is_of(&self, record: &RecordId) -> bool {
        self.proposed.id.as_ref() == Some(record)
    }

    /// The fault of a choice for this change.
    fn fault(&self, choice: &Choice, choices: &[Choice]) -> Option<Finding> {
        let record = &choice.record;
        let is_conflict = |field| self.conflicts.iter().any(|one| one.field == field);
        if !is_conflict(choice.field) {
            let names = self.conflicts.iter().map(|one| one.field.screaming());
            let names: Vec<String> = names.collect();
            let others = if names.is_empty() {
                format!("no field of {record} does")
            } else {
                format!("of {record} these do: {}", names.join(", "))
            };
            let message = format!("{} does not conflict; {others}", choice.field.screaming());
            return Some(choice.path.then("field").finding(Code::Invalid, message));
        }
        if self.proposed.operation == Operation::Update {
            return None;
        }
        let mut own = choices.iter().filter(|one| one.record == *record);
        let first = own.next()?;
        (first.take != choice.take).then(|| {
            let message = format!(
                "the contribution proposes to retire or restore {record} as a whole: take the same for each of its fields"
            );
            choice.path.then("take").finding(Code::Invalid, message)
        })
    }
}

#[cfg(test)]
mod tests;
