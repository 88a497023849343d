//! Turns one proposed change into a draft: the record as it would be after the change.

use super::citation;
use super::draft::Draft;
use super::known_records::KnownRecords;
use super::record::StoredVersion;
use domain::change::Proposed;
use domain::check::{Code, Finding, Path};
use domain::citation::FieldCitation;
use domain::confirmation::Confirmation;
use domain::date::Date;
use domain::evaluation::Evaluation;
use domain::record::{RecordField, RecordId};

/// Drafts the creation of a record.
pub fn created<'a>(
    known_records: &KnownRecords,
    change: &'a Proposed,
    id: &'a RecordId,
    is_leaving: bool,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let is_current = known_records.current.contains_key(id);
    if is_current || known_records.retired.contains_key(id) {
        let message = if is_leaving || !is_current {
            format!("{id} is retired: restore it")
        } else {
            format!("{id} exists already: expected another key, or an update of that record")
        };
        return Err(vec![change.at_target().finding(Code::Duplicate, message)]);
    }
    let content = change.content();
    let evaluation = change.evaluated().map_err(|found| below(change, found))?;
    let changed: Vec<RecordField> = change.fields.iter().map(|(field, _)| *field).collect();
    check_new(change, &evaluation, &changed)?;
    let citing = change.citing_only(&[]);
    Ok(Some(Draft {
        proposed: change,
        id,
        evaluation,
        content,
        before: None,
        last_version: 0,
        changed,
        joined: Vec::new(),
        absorbed: Vec::new(),
        outdated: Vec::new(),
        contested: Vec::new(),
        confirmations: Confirmation::of(change, &citing.valid),
        cites: citing.brought,
        ended: Vec::new(),
    }))
}

/// Drafts an update of content or citations; `None` if the update changes nothing. Adds conflicts to `findings`.
pub fn updated<'a>(
    known_records: &KnownRecords,
    change: &'a Proposed,
    id: &'a RecordId,
    today: Date,
    findings: &mut Vec<Finding>,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let current = standing(known_records, change, id)?;
    let Some(base) = known_records.base(change) else {
        let at = change.path.then("baseVersion");
        return Err(vec![no_such_version(&at, id, current)]);
    };
    let mut found = Vec::new();
    for (field, value) in &change.fields {
        let is_identity =
            change.kind.unique() == Some(*field) || change.kind.key_fields().contains(field);
        if is_identity && current.content.get(&field.camel()) != value.as_ref() {
            let message = format!(
                "{} identifies the record and never changes",
                field.screaming()
            );
            found.push(
                change
                    .at_fields()
                    .then(field.camel())
                    .finding(Code::Invalid, message),
            );
        }
    }
    let merged = change.merged(base, &current.content, today);
    let conflicts = merged.conflicts.iter();
    findings.extend(conflicts.filter_map(|conflict| change.conflict_finding(conflict)));
    if !found.is_empty() {
        return Err(found);
    }
    let evaluation = change
        .kind
        .evaluate(&merged.content)
        .map_err(|found| below(change, found))?;
    check_new(change, &evaluation, &merged.changed)?;
    let (rows, standing) = standing_citations(known_records, id);
    let citing = change.citing(base, &current.content, &merged, &standing);
    if merged.changed.is_empty() && citing.brought.is_empty() && citing.ended.is_empty() {
        return Ok(None);
    }
    let contested = merged.conflicts.iter().map(|conflict| conflict.field);
    Ok(Some(Draft {
        proposed: change,
        id,
        evaluation,
        contested: contested.collect(),
        content: merged.content,
        before: Some(current.clone()),
        last_version: current.version,
        changed: merged.changed,
        joined: merged.joined,
        absorbed: merged.absorbed,
        confirmations: Confirmation::of(change, &citing.valid),
        outdated: citing.outdated,
        cites: citing.brought,
        ended: ended(&rows, &citing.ended),
    }))
}

/// Reports faults in the values that a change sets. Faults in values that it leaves as they are do not count.
fn check_new(
    change: &Proposed,
    evaluation: &Evaluation,
    changed: &[RecordField],
) -> Result<(), Vec<Finding>> {
    let found = evaluation.new_value_faults.iter().filter_map(|fault| {
        let field = fault.of.iter().find(|field| changed.contains(field))?;
        let at = change.at_fields().then(field.camel());
        Some(at.finding(Code::Invalid, fault.message.clone()))
    });
    let found: Vec<Finding> = found.collect();
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Returns the valid citations of a record: the rows, and their contents.
fn standing_citations<'a>(
    known_records: &'a KnownRecords,
    id: &RecordId,
) -> (Vec<&'a citation::Model>, Vec<FieldCitation>) {
    let rows = known_records.citations.get(id).into_iter().flatten();
    rows.map(|row| (row, row.field_citation())).unzip()
}

/// The rows at these places.
fn ended(rows: &[&citation::Model], places: &[usize]) -> Vec<citation::Model> {
    let ended = places.iter().filter_map(|at| rows.get(*at));
    ended.map(|row| citation::Model::clone(row)).collect()
}

/// Returns the current row of a record, or the finding that there is none.
fn standing<'a>(
    known_records: &'a KnownRecords,
    change: &Proposed,
    id: &RecordId,
) -> Result<&'a StoredVersion, Vec<Finding>> {
    known_records.current.get(id).ok_or_else(|| {
        let message = if known_records.retired.contains_key(id) {
            format!("{id} is retired: restore it first")
        } else {
            format!("{id} does not exist: expected the `recordId` of a current record")
        };
        vec![change.at_target().finding(Code::NotFound, message)]
    })
}

fn no_such_version(at: &Path, id: &RecordId, now: &StoredVersion) -> Finding {
    let message = format!(
        "{id} has no such version: expected one from 1 to {}",
        now.version
    );
    at.finding(Code::Invalid, message)
}

/// Reports the fields of the record that have other values than in the base version of the change.
fn stale(
    known_records: &KnownRecords,
    change: &Proposed,
    id: &RecordId,
    now: &StoredVersion,
    today: Date,
) -> Result<(), Vec<Finding>> {
    if change.base_version == Some(now.version) {
        return Ok(());
    }
    let Some(base) = known_records.base(change) else {
        let at = change.path.then("baseVersion");
        return Err(vec![no_such_version(&at, id, now)]);
    };
    let conflicts = change.conflicts(base, (now.version, &now.content), today);
    let conflicts = conflicts.iter();
    let found = conflicts.filter_map(|conflict| change.conflict_finding(conflict));
    let found: Vec<Finding> = found.collect();
    if found.is_empty() { Ok(()) } else { Err(found) }
}

/// Drafts the retirement of a record.
pub fn retired<'a>(
    known_records: &KnownRecords,
    change: &'a Proposed,
    id: &'a RecordId,
    today: Date,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let current = standing(known_records, change, id)?;
    stale(known_records, change, id, current, today)?;
    unchanged_draft(known_records, change, id, current, Some(current.clone()))
}

/// Drafts the restoration of a retired record.
pub fn restored<'a>(
    known_records: &KnownRecords,
    change: &'a Proposed,
    id: &'a RecordId,
    today: Date,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let Some(last) = known_records.retired.get(id) else {
        let message = format!("{id} is not retired: expected the `recordId` of a retired record");
        return Err(vec![change.at_target().finding(Code::NotFound, message)]);
    };
    stale(known_records, change, id, last, today)?;
    unchanged_draft(known_records, change, id, last, None)
}

fn unchanged_draft<'a>(
    known_records: &KnownRecords,
    change: &'a Proposed,
    id: &'a RecordId,
    row: &StoredVersion,
    before: Option<StoredVersion>,
) -> Result<Option<Draft<'a>>, Vec<Finding>> {
    let evaluation = change
        .kind
        .evaluate(&row.content)
        .map_err(|found| below(change, found))?;
    let (rows, standing) = standing_citations(known_records, id);
    let citing = change.citing_only(&standing);
    Ok(Some(Draft {
        proposed: change,
        id,
        evaluation,
        content: row.content.clone(),
        before,
        last_version: row.version,
        changed: Vec::new(),
        joined: Vec::new(),
        absorbed: Vec::new(),
        confirmations: Confirmation::of(change, &citing.valid),
        outdated: Vec::new(),
        contested: Vec::new(),
        cites: citing.brought,
        ended: ended(&rows, &citing.ended),
    }))
}

fn below(change: &Proposed, found: Vec<Finding>) -> Vec<Finding> {
    found
        .into_iter()
        .map(|finding| finding.below(&change.at_fields()))
        .collect()
}
