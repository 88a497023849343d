//! Data files: JSON Lines of changes, read whole or not at all, and as often as one likes.

use std::collections::{HashMap, HashSet};

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};

use super::error::Error;
use super::record::{self, Current};
use super::{Store, change, plan};
use crate::domain::change::{ChangeInput, Operation, Proposed};
use crate::domain::check::{Code, Finding, Path};
use crate::domain::record::{Kind, RecordField, RecordId};
use crate::domain::viewer::Actor;

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Records that are new.
    pub created: usize,
    /// Records that have a new version.
    pub updated: usize,
    /// Lines that changed nothing.
    pub unchanged: usize,
    /// Records that stand with other content, and were left as they are; with the line.
    pub differing: Vec<(String, RecordId)>,
}

/// Reads the lines of a data file. The path of each finding begins with the number of its line.
///
/// # Errors
/// All that was found, line by line.
fn read(text: &str) -> Result<Vec<Proposed>, Vec<Finding>> {
    let mut proposed = Vec::new();
    let mut found = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        if line.trim().is_empty() {
            continue;
        }
        let path = Path::default().then(number);
        let mut json = serde_json::Deserializer::from_str(line);
        let change: ChangeInput = match serde_path_to_error::deserialize(&mut json) {
            Ok(change) => change,
            Err(error) => {
                let inner = error.path().to_string();
                let at = if inner == "." { path } else { path.then(inner) };
                // Where in the line: the library would name every line the first.
                let message = error
                    .into_inner()
                    .to_string()
                    .replace(" at line 1 column ", " at column ");
                found.push(at.finding(Code::Invalid, message));
                continue;
            }
        };
        match change.checked(&path) {
            Ok(change) => proposed.push(change.into_inner()),
            Err(more) => found.extend(more),
        }
    }
    if found.is_empty() {
        Ok(proposed)
    } else {
        Err(found)
    }
}

impl Store {
    /// Takes over a data file: all of it or, where a line is bad, nothing. What stands already with
    /// the same content, now or earlier, changes nothing; what stands with other content is reported
    /// or, with `update`, updated where nobody but an import has touched it.
    ///
    /// # Errors
    /// [`Error::Refused`] with the number of the line first in each path.
    pub async fn import(&self, text: &str, update: bool) -> Result<Report, Error> {
        let mut lines = read(text).map_err(Error::Refused)?;
        let (tx, _turn) = self.begin().await?;
        let mut report = Report::default();
        let known = known(&tx, &mut lines).await?;
        let touched = if update {
            touched(&tx, &known).await?
        } else {
            HashSet::new()
        };
        let mut wanted = Vec::new();
        for line in lines {
            let versions = line.id.as_ref().and_then(|id| known.get(id));
            if versions.is_some_and(|versions| is_done(&line, versions)) {
                report.unchanged = report.unchanged.saturating_add(1);
                continue;
            }
            let (Some(versions), Operation::Create, Some(id)) =
                (versions, line.operation, &line.id)
            else {
                wanted.push(line);
                continue;
            };
            let content = line.content();
            if versions.iter().any(|row| row.content == content) {
                report.unchanged = report.unchanged.saturating_add(1);
            } else if update && !touched.contains(id) {
                wanted.push(as_update(line, versions));
            } else {
                let number = line.path.0.first().cloned().unwrap_or_default();
                report.differing.push((number, id.clone()));
            }
        }
        plan::name(&tx, &mut wanted, |_| true).await?;
        let creates = wanted
            .iter()
            .filter(|line| line.operation == Operation::Create)
            .count();
        let lines = wanted.len();
        let plan = plan::plan(&tx, &wanted).await?.sound()?;
        let committed = plan.carry_out(&tx, &Actor::system(), None).await?;
        tx.commit().await?;
        self.publish(committed.moment);
        report.created = creates;
        report.updated = committed.size.saturating_sub(creates);
        report.unchanged = report
            .unchanged
            .saturating_add(lines.saturating_sub(committed.size));
        Ok(report)
    }
}

/// Every version of the records that the lines would create. A line without a key takes the id of the
/// record that has its content already, where there is one.
async fn known<C: ConnectionTrait>(
    db: &C,
    lines: &mut [Proposed],
) -> Result<HashMap<RecordId, Vec<Current>>, Error> {
    let mut known: HashMap<RecordId, Vec<Current>> = HashMap::new();
    for kind in Kind::ALL {
        let of_kind = lines.iter().filter(|line| line.kind == kind);
        let ids: Vec<&RecordId> = of_kind.filter_map(|line| line.id.as_ref()).collect();
        for some in ids.chunks(5_000) {
            let rows = record::rows(db, kind, |column| {
                let ids = some.iter().map(|id| (*id).clone());
                Condition::all().add(column("id").is_in(ids))
            });
            for (id, row) in rows.await? {
                known.entry(id).or_default().push(row);
            }
        }
    }
    for line in lines.iter_mut().filter(|line| line.id.is_none()) {
        let content = line.content();
        let Ok(judgement) = line.kind.judge(&content) else {
            continue;
        };
        let Ok(base) = RecordId::new(line.kind, &judgement.key) else {
            continue;
        };
        let same = plan::alike(db, &base).await?;
        if let Some((id, row)) = same.into_iter().find(|(_, row)| row.content == content) {
            line.id = Some(id.clone());
            known.entry(id).or_default().push(row);
        }
    }
    Ok(known)
}

/// The records that somebody other than an import has changed.
async fn touched<C: ConnectionTrait>(
    db: &C,
    known: &HashMap<RecordId, Vec<Current>>,
) -> Result<HashSet<RecordId>, Error> {
    let ids: Vec<&RecordId> = known.keys().collect();
    let mut touched = HashSet::new();
    for some in ids.chunks(5_000) {
        let rows = change::Entity::find()
            .filter(change::Column::Record.is_in(some.iter().map(|id| (*id).clone())))
            .filter(change::Column::Actor.ne(Actor::system().id))
            .all(db)
            .await?;
        touched.extend(rows.into_iter().map(|row| row.record));
    }
    Ok(touched)
}

/// Whether an update was taken over already: a version after the one it was written against has all
/// that it sets and nothing that it clears.
fn is_done(line: &Proposed, versions: &[Current]) -> bool {
    let Some(base) = line.base_version else {
        return false;
    };
    let has = |row: &Current| {
        let mut fields = line.fields.iter();
        fields.all(|(field, value)| row.content.get(&field.camel()) == value.as_ref())
    };
    !line.fields.is_empty() && versions.iter().any(|row| row.version > base && has(row))
}

/// The create as an update that leaves the record with exactly its content.
fn as_update(mut line: Proposed, versions: &[Current]) -> Proposed {
    let newest = versions.iter().max_by_key(|row| row.version);
    let named: Vec<RecordField> = line.fields.iter().map(|(field, _)| *field).collect();
    let others = line
        .kind
        .fields()
        .iter()
        .filter(|field| !named.contains(&field.name));
    line.fields.extend(others.map(|field| (field.name, None)));
    line.operation = Operation::Update;
    line.base_version = newest.map(|row| row.version);
    line
}
