//! Changes that are derived from other changes: rebased on another version, or inverted.

use serde_json::{Map, Value, json};

use super::change::{ChangeInput, Operation, Proposed};
use super::check::{Code, Finding};
use super::citation::CitationInput;
use super::date::Date;
use super::field::Content;
use super::merge::{self, Conflict};
use super::record::{RecordField, RecordId};

/// A version of a record: its number and its content.
pub type Version<'a> = (i32, &'a Content);

impl Proposed {
    /// Returns the fields on which a person must decide before the change can be accepted: those changed to
    /// something else between the base version and `last`, the newest version.
    pub fn conflicts(&self, base: &Content, last: Version<'_>, today: Date) -> Vec<Conflict> {
        match self.operation {
            Operation::Update => self.merged(base, last.1, today).conflicts,
            Operation::Retire | Operation::Restore if self.base_version != Some(last.0) => {
                // Retiring and restoring concern the whole record, which has changed since.
                let base = &*self.compared(base);
                let changes = merge::diff(self.kind.fields(), base, last.1).into_iter();
                let conflict = |change: merge::FieldChange| Conflict {
                    field: change.field,
                    proposed: change.before.clone(),
                    base: change.before,
                    current: change.after,
                };
                changes.map(conflict).collect()
            }
            _ => Vec::new(),
        }
    }

    /// Returns the finding on a conflict. Its path leads to the field.
    pub fn conflict_finding(&self, conflict: &Conflict) -> Option<Finding> {
        let message = conflict.message(self.id.as_ref()?, self.operation);
        Some(
            self.at_conflict(conflict.field)
                .finding(Code::Conflict, message),
        )
    }
}

impl ChangeInput {
    /// Returns the same update based on another version, with the values of `joined` in place of its own: lists
    /// merged with those of that version.
    #[must_use]
    pub fn rebased(self, version: i32, joined: &[(RecordField, Option<Value>)]) -> Self {
        let Ok(Value::Object(mut whole)) = serde_json::to_value(&self) else {
            return self;
        };
        let Some(body) = whole.values_mut().next().and_then(Value::as_object_mut) else {
            return self;
        };
        body.insert("baseVersion".to_owned(), json!(version));
        if let Some(set) = body.get_mut("set").and_then(Value::as_object_mut) {
            for (field, value) in joined {
                let value = value.clone().unwrap_or_else(|| json!([]));
                set.insert(field.camel(), value);
            }
        }
        serde_json::from_value(Value::Object(whole)).unwrap_or(self)
    }
}

impl ChangeInput {
    /// Returns the update without some of its fields, and without its citations for them; `None` if nothing is left.
    pub fn without(&self, dropped: &[RecordField]) -> Option<Self> {
        let Ok(Value::Object(mut whole)) = serde_json::to_value(self) else {
            return None;
        };
        let body = whole.values_mut().next()?.as_object_mut()?;
        let is_dropped = |field: &RecordField| dropped.contains(field);
        let mut is_setting = false;
        if let Some(set) = body.get_mut("set").and_then(Value::as_object_mut) {
            for field in dropped {
                set.remove(&field.camel());
            }
            is_setting = !set.is_empty();
        }
        if !is_setting {
            body.remove("set");
        }
        let mut is_clearing = false;
        if let Some(clear) = body.remove("clear") {
            let mut clear: Vec<RecordField> = serde_json::from_value(clear).ok()?;
            clear.retain(|field| !is_dropped(field));
            is_clearing = !clear.is_empty();
            if is_clearing {
                body.insert("clear".to_owned(), json!(clear));
            }
        }
        let mut is_citing = false;
        if let Some(cites) = body.remove("cite") {
            let mut cites: Vec<CitationInput> = serde_json::from_value(cites).ok()?;
            cites.retain_mut(|cite| match &mut cite.fields {
                Some(fields) => {
                    fields.retain(|field| !is_dropped(field));
                    !fields.is_empty()
                }
                // It supports all fields that the change sets.
                None => is_setting,
            });
            is_citing = !cites.is_empty();
            if is_citing {
                body.insert("cite".to_owned(), json!(cites));
            }
        }
        if !(is_setting || is_clearing || is_citing) {
            return None;
        }
        serde_json::from_value(Value::Object(whole)).ok()
    }
}

/// An accepted change, with the versions of the record before and after it.
#[derive(Debug)]
pub struct AppliedChange<'a> {
    /// Operation of the change.
    pub operation: Operation,
    /// Id of the record.
    pub id: &'a RecordId,
    /// Version before the change; `None` if there was none or the record was retired.
    pub before: Option<Version<'a>>,
    /// Version after the change; `None` if the record was retired.
    pub after: Option<Version<'a>>,
    /// Citations of its fields before the change.
    pub cites: Vec<CitationInput>,
}

impl AppliedChange<'_> {
    /// Returns the change that reverts it, with the citations that were valid before; `None` if it changed no value.
    pub fn inverse(self, reason: &str) -> Option<ChangeInput> {
        let id = self.id.to_string();
        let (name, body) = match (self.operation, self.before, self.after) {
            (Operation::Create | Operation::Restore, _, Some((version, _))) => (
                "retire".to_owned(),
                json!({ "id": id, "baseVersion": version, "reason": reason }),
            ),
            (Operation::Retire, Some((version, _)), _) => (
                "restore".to_owned(),
                json!({ "id": id, "baseVersion": version, "reason": reason }),
            ),
            (Operation::Update, Some((_, before)), Some((version, after))) => {
                let changes = merge::diff(self.id.kind().fields(), after, before);
                if changes.is_empty() {
                    return None;
                }
                let clear: Vec<RecordField> = changes
                    .iter()
                    .filter(|change| change.after.is_none())
                    .map(|change| change.field)
                    .collect();
                let set: Map<String, Value> = changes
                    .into_iter()
                    .filter_map(|change| Some((change.field.camel(), change.after?)))
                    .collect();
                let is_set = |field: &RecordField| set.contains_key(&field.camel());
                let cites: Vec<CitationInput> = self
                    .cites
                    .into_iter()
                    .filter_map(|mut cite| {
                        let mut fields = cite.fields.take()?;
                        fields.retain(is_set);
                        cite.fields = (!fields.is_empty()).then_some(fields);
                        cite.fields.is_some().then_some(cite)
                    })
                    .collect();
                (
                    format!("update{}", self.id.kind()),
                    json!({ "id": id, "baseVersion": version, "set": set, "clear": clear, "cite": cites }),
                )
            }
            _ => return None,
        };
        serde_json::from_value(Value::Object(Map::from_iter([(name, body)]))).ok()
    }
}
