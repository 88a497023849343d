//! An outline of a data file: the lines that create and retire records.
//! With it, a finding on a line that comes too early can name the line that it needs.

use std::collections::{HashMap, HashSet};

use serde_json::Value;

use super::place::Files;
use crate::draft::Missing;
use crate::integrity;
use domain::change::{Operation, Proposed};
use domain::check::{Code, Finding};
use domain::field::Content;
use domain::record::{Kind, RecordField, RecordId};

/// The lines of a file, by the records that they create, retire or change.
#[derive(Default)]
pub struct Outline {
    /// The lines that create records: by id, and by the value that is unique within the kind.
    created: HashMap<(Kind, String), usize>,
    /// The lines that retire records, without those that a later line restored.
    retired: HashMap<RecordId, usize>,
    /// The records that lines update, retire or restore, by line number.
    targets: HashMap<usize, RecordId>,
    /// The lines that are valid by themselves; their references are checked later.
    sound: HashSet<usize>,
}

impl Outline {
    /// Notes the record that an invalid line would create, as far as it can be read.
    pub fn note_bad(&mut self, number: usize, line: &str) {
        let Ok(Value::Object(members)) = serde_json::from_str::<Value>(line) else {
            return;
        };
        for (name, body) in &members {
            let noun = name.strip_prefix("create");
            let kind = noun.and_then(|noun| Kind::all().find(|kind| kind.to_string() == noun));
            let Some(kind) = kind else { continue };
            let key = body.get("key").and_then(Value::as_str);
            let fields = body.get("fields").and_then(Value::as_object);
            self.note_created(number, kind, key.map(|key| format!("{kind}:{key}")), fields);
        }
    }

    fn note_created(
        &mut self,
        number: usize,
        kind: Kind,
        id: Option<String>,
        content: Option<&Content>,
    ) {
        let unique = kind.unique().map(RecordField::camel);
        let value = unique.and_then(|field| content?.get(&field)?.as_str().map(str::to_owned));
        for name in [id, value].into_iter().flatten() {
            self.created.entry((kind, name)).or_insert(number);
        }
    }

    /// Notes a valid line.
    ///
    /// # Errors
    /// A finding if the line creates a record that an earlier line of the file retired.
    pub fn note(
        &mut self,
        number: usize,
        line: &Proposed,
        files: &Files,
    ) -> Result<(), Vec<Finding>> {
        self.sound.insert(number);
        if line.operation == Operation::Create {
            let id = line.id.as_ref().map(ToString::to_string);
            self.note_created(number, line.kind, id, Some(&line.content()));
        }
        let Some(id) = &line.id else { return Ok(()) };
        if line.operation == Operation::Create {
            let Some(retired) = self.retired.get(id) else {
                return Ok(());
            };
            let place = files.place(*retired);
            let message = format!("{place} retires {id}: only a restore brings it back");
            return Err(vec![line.at_target().finding(Code::Duplicate, message)]);
        }
        self.targets.insert(number, id.clone());
        if line.operation == Operation::Retire {
            self.retired.insert(id.clone(), number);
        } else {
            self.retired.remove(id);
        }
        Ok(())
    }

    /// Adds findings for missing references, and names in each finding the line that creates the missing record.
    /// A record that a valid line creates counts as missing only if the file has no other findings.
    /// Keeps at most `most` findings, sorted by line.
    pub fn explain(
        &self,
        files: &Files,
        findings: &mut Vec<Finding>,
        missing: Vec<Missing>,
        most: usize,
    ) {
        let is_taken = findings.is_empty();
        for finding in findings.iter_mut() {
            let number = finding.path.0.first().and_then(|first| first.parse().ok());
            let target = number.and_then(|number: usize| self.targets.get(&number));
            let is_target = finding.path.0.last().is_some_and(|last| last == "id");
            let Some(target) = target.filter(|_| is_target && finding.code == Code::NotFound)
            else {
                continue;
            };
            let created = (target.kind(), target.to_string());
            let later = self.created.get(&created).copied();
            if let Some(later) = later.filter(|later| Some(*later) > number) {
                let later = files.place(later);
                finding.message =
                    format!("{target} does not exist before this line: it is created in {later}");
            }
        }
        for mut one in missing {
            let name = match integrity::named(&one.reference) {
                Ok(named) => named,
                Err(id) => (id.kind(), id.to_string()),
            };
            let line = self.created.get(&name);
            let is_sound = line.is_some_and(|line| self.sound.contains(line));
            if let Some(line) = line {
                let place = files.place(*line);
                let more = if is_sound {
                    format!(": it is created in {place}, but is not current at the end of the file")
                } else {
                    format!(": it is created in {place}, which is refused")
                };
                one.finding.message.push_str(&more);
            }
            if is_taken || !is_sound {
                findings.push(one.finding);
            }
        }
        let number = |finding: &Finding| finding.path.0.first()?.parse::<usize>().ok();
        findings.truncate(most);
        findings.sort_by_key(number);
    }
}
