//! Compares one line of the log with its link and with the versions of its record.

use std::collections::HashMap;

use super::entity::Link;
use super::read::{Columns, ReadLine};
use crate::error::Error;
use crate::moment::Moment;
use crate::reference_index;
use domain::change::Operation;
use domain::record::{Kind, RecordId};
use domain::reference::IndexedReference;

/// Compares a line with its link and with the versions.
pub fn faults_of(line: &ReadLine, links: &HashMap<i64, Link>) -> Result<Vec<String>, Error> {
    let change = &line.change;
    let (sequence, record) = (change.sequence, &change.record);
    let mut faults = version_faults(line, record);
    let Some(stored) = links.get(&sequence) else {
        faults.push(format!("line {sequence} has no hash"));
        return Ok(faults);
    };
    let Some(before) = links.get(&sequence.saturating_sub(1)) else {
        return Ok(faults);
    };
    let ended = line.ended.and_then(|since| links.get(&since));
    let link = line
        .covered(ended.and_then(|link| link.digest))
        .link(*before)?;
    if link.digest != stored.digest {
        faults.push(format!(
            "line {sequence}: the version of {record} or its citations do not have the digest in the chain"
        ));
    } else if link.hash != stored.hash {
        faults.push(format!(
            "line {sequence}: its content and the line before do not have the hash in the chain"
        ));
    }
    let columns = line.columns.as_ref();
    if columns.is_some_and(|columns| !is_derived_well(record.kind(), columns)) {
        faults.push(format!(
            "line {sequence}: the columns by which lists sort and filter do not fit the version of {record}"
        ));
    }
    if link.state != stored.state {
        faults.push(format!(
            "line {sequence}: the sum of the digests of the records is another one in the chain"
        ));
    }
    Ok(faults)
}

/// True if the derived columns of a version are those of its content. They sort and filter lists.
fn is_derived_well(kind: Kind, columns: &Columns) -> bool {
    // Rules that were added later may refuse an old content; its columns were derived by the rules of their time.
    let Ok(evaluation) = kind.evaluate(&columns.content) else {
        return true;
    };
    let mut derived = evaluation.derived_columns.iter();
    derived.all(|(name, value)| columns.others.get(name) == Some(value))
}

/// Compares the reference index with the version that a line wrote, or with its absence after a retirement.
pub fn index_fault(line: &ReadLine, rows: &[reference_index::Model]) -> Option<String> {
    let (sequence, record) = (line.change.sequence, &line.change.record);
    let expected = match &line.columns {
        Some(columns) => record
            .kind()
            .evaluate(&columns.content)
            .ok()?
            .indexed_references(),
        None if line.ended.is_some() => Vec::new(),
        None => return None,
    };
    let valid = rows
        .iter()
        .filter(|row| Moment(sequence).holds(row.since, row.until));
    let mut found: Vec<IndexedReference> = valid.map(reference_index::Model::reference).collect();
    found.sort_unstable();
    (found != expected).then(|| {
        format!("line {sequence}: the table mention does not have the values that {record} names")
    })
}

/// Compares the operation of a line with the versions that begin and end with it.
fn version_faults(line: &ReadLine, record: &RecordId) -> Vec<String> {
    let change = &line.change;
    let sequence = change.sequence;
    let (writes, ends) = match change.operation {
        Operation::Create | Operation::Restore => (true, false),
        Operation::Update => (true, true),
        Operation::Retire => (false, true),
        Operation::Verify | Operation::Effect => (false, false),
    };
    let should = |has: bool| if has { "should" } else { "should not" };
    let mut faults = Vec::new();
    if line.written.is_some() != writes {
        faults.push(format!(
            "line {sequence} {} begin a version of {record}",
            should(writes)
        ));
    }
    if line.ended.is_some() != ends {
        faults.push(format!(
            "line {sequence} {} end a version of {record}",
            should(ends)
        ));
    }
    faults
}
