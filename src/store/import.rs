//! Data files: JSON Lines of changes, read whole or not at all, and as often as one likes.

use std::collections::{HashMap, HashSet};
use std::io;

use sea_orm::entity::prelude::*;
use sea_orm::sea_query::{Condition, ExprTrait};

use super::clock::Clock;
use super::error::Error;
use super::record::{self, Current};
use super::references::{self, Missing};
use super::write::Write;
use super::{Store, change, connect, plan, treaty_event};
use crate::domain::change::{ChangeInput, Operation, Proposed};
use crate::domain::check::{Code, Finding, Path};
use crate::domain::record::{Kind, RecordField, RecordId};
use crate::domain::viewer::Actor;

/// What an import came to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Lines that were read.
    pub lines: usize,
    /// Records that are new.
    pub created: usize,
    /// Records that have a new version, left the lists or came back.
    pub updated: usize,
    /// Lines that changed nothing.
    pub unchanged: usize,
}

/// What an import says while it reads.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Heard {
    /// So many lines were taken over.
    Lines(usize),
    /// A record stands with other content, and was left as it is; with the number of the line.
    Differing(String, RecordId),
    /// Something was taken over that deserves a look.
    Warning(String),
}

/// How many lines are taken over together.
const BATCH: usize = 1_000;
/// The most findings that are gathered before an import gives up.
const MAX_FINDINGS: usize = 100;
/// The most references to what is yet to come that are kept before they are looked up again.
const MAX_MISSING: usize = 10_000;

/// Reads one line of a data file. The path of each finding begins with its number.
///
/// # Errors
/// All that was found.
fn read(number: usize, line: io::Result<String>) -> Result<Option<Proposed>, Vec<Finding>> {
    let path = Path::default().then(number);
    let line = line.map_err(|error| vec![path.finding(Code::Invalid, error.to_string())])?;
    if line.trim().is_empty() {
        return Ok(None);
    }
    let mut json = serde_json::Deserializer::from_str(&line);
    let change: ChangeInput = serde_path_to_error::deserialize(&mut json).map_err(|error| {
        let inner = error.path().to_string();
        let at = if inner == "." {
            path.clone()
        } else {
            path.then(inner)
        };
        // Where in the line: the library would name every line the first.
        let message = error
            .into_inner()
            .to_string()
            .replace(" at line 1 column ", " at column ");
        vec![at.finding(Code::Invalid, message)]
    })?;
    let rest = json.end().map_err(|_| {
        let message = "expected one change, and nothing after it";
        vec![path.finding(Code::Invalid, message)]
    });
    rest?;
    Ok(Some(change.checked(&path)?.into_inner()))
}

impl Store {
    /// Takes over a data file, line by line: all of it or, where a line is bad, nothing. What stands
    /// already with the same content, now or earlier, changes nothing; what stands with other content
    /// is reported or, with `update`, updated where nobody but an import has touched it. A line may
    /// refer to what a later one creates. `hear` is told how it goes.
    ///
    /// # Errors
    /// [`Error::Refused`] with the number of the line first in each path.
    pub async fn import(
        &self,
        lines: impl Iterator<Item = io::Result<String>> + Send,
        update: bool,
        hear: &mut (dyn FnMut(Heard) + Send),
    ) -> Result<Report, Error> {
        let tx = self.begin().await?;
        connect::prepare_bulk(&tx).await?;
        let first = super::head::read(&tx).await?.sequence.saturating_add(1);
        let mut import = Import {
            tx: &tx,
            clock: self.clock(),
            update,
            hear,
            report: Report::default(),
            findings: Vec::new(),
            missing: Vec::new(),
        };
        let mut batch: Vec<Proposed> = Vec::new();
        let mut named: HashSet<RecordId> = HashSet::new();
        for (number, line) in (1..).zip(lines) {
            import.report.lines = number;
            match read(number, line) {
                Ok(None) => {}
                Ok(Some(line)) => {
                    // What the file says of a record in two lines, it says one after the other.
                    let again = line.id.as_ref().is_some_and(|id| named.contains(id));
                    if again || batch.len() >= BATCH {
                        import.take_over(std::mem::take(&mut batch)).await?;
                        named.clear();
                    }
                    named.extend(line.id.clone());
                    batch.push(line);
                }
                Err(found) => import.findings.extend(found),
            }
            if import.findings.len() >= MAX_FINDINGS {
                break;
            }
        }
        import.take_over(batch).await?;
        import.look_up_missing().await?;
        let (report, mut findings) = (import.report, import.findings);
        findings.extend(import.missing.into_iter().map(|one| one.finding));
        if !findings.is_empty() {
            findings.truncate(MAX_FINDINGS);
            return Err(Error::Refused(findings));
        }
        for id in treaty_event::in_force_before_consent(&tx, first).await? {
            let message = format!("{id}: enters into force before any consent that is known");
            hear(Heard::Warning(message));
        }
        self.commit(tx).await?;
        Ok(report)
    }
}

/// An import that is under way.
struct Import<'a> {
    tx: &'a Write<'a>,
    clock: &'a Clock,
    update: bool,
    hear: &'a mut (dyn FnMut(Heard) + Send),
    report: Report,
    findings: Vec<Finding>,
    missing: Vec<Missing>,
}

impl Import<'_> {
    /// Takes over some lines, no two of which name the same record.
    async fn take_over(&mut self, mut lines: Vec<Proposed>) -> Result<(), Error> {
        if !self.findings.is_empty() || lines.is_empty() {
            return Ok(());
        }
        let count = lines.len();
        let known = known(self.tx, &mut lines).await?;
        let touched = if self.update {
            touched(self.tx, &known).await?
        } else {
            HashSet::new()
        };
        let mut wanted = Vec::new();
        for line in lines {
            if let Some(line) = self.wanted(line, &known, &touched) {
                wanted.push(line);
            }
        }
        plan::name(self.tx, &mut wanted, |_| true).await?;
        let mut plan = plan::plan(self.tx, &wanted).await?;
        self.missing.append(&mut plan.missing);
        let plan = match plan.sound() {
            Ok(plan) => plan,
            Err(Error::Refused(found)) => {
                self.findings.extend(found);
                return Ok(());
            }
            Err(error) => return Err(error),
        };
        let created = wanted
            .iter()
            .filter(|line| line.operation == Operation::Create)
            .count();
        let committed = plan
            .carry_out(self.tx, &Actor::system(), None, self.clock.now())
            .await?;
        let updated = committed.size.saturating_sub(created);
        let report = &mut self.report;
        report.created = report.created.saturating_add(created);
        report.updated = report.updated.saturating_add(updated);
        let unchanged = wanted.len().saturating_sub(committed.size);
        report.unchanged = report.unchanged.saturating_add(unchanged);
        if count >= BATCH {
            (self.hear)(Heard::Lines(report.lines));
        }
        if self.missing.len() > MAX_MISSING {
            self.look_up_missing().await?;
        }
        Ok(())
    }

    /// The line, where it is to be carried out.
    fn wanted(
        &mut self,
        line: Proposed,
        known: &HashMap<RecordId, Vec<Current>>,
        touched: &HashSet<RecordId>,
    ) -> Option<Proposed> {
        let versions = line.id.as_ref().and_then(|id| known.get(id));
        let (Some(versions), Some(id)) = (versions, &line.id) else {
            return Some(line);
        };
        let stands = versions.iter().any(|row| row.content == line.content());
        if is_done(&line, versions) || (line.operation == Operation::Create && stands) {
            self.report.unchanged = self.report.unchanged.saturating_add(1);
            return None;
        }
        if line.operation != Operation::Create {
            return Some(line);
        }
        if self.update && !touched.contains(id) {
            return Some(as_update(line, versions));
        }
        let number = line.path.0.first().cloned().unwrap_or_default();
        (self.hear)(Heard::Differing(number, id.clone()));
        None
    }

    async fn look_up_missing(&mut self) -> Result<(), Error> {
        let missing = std::mem::take(&mut self.missing);
        if !missing.is_empty() && self.findings.is_empty() {
            self.missing = references::resolve(self.tx, missing, &mut self.findings).await?;
        }
        Ok(())
    }
}

/// Every version of the records that the lines name. A line without a key takes the id of the record
/// that has its content already, where there is one.
async fn known<C: ConnectionTrait>(
    db: &C,
    lines: &mut [Proposed],
) -> Result<HashMap<RecordId, Vec<Current>>, Error> {
    let mut known: HashMap<RecordId, Vec<Current>> = HashMap::new();
    for kind in Kind::all() {
        let of_kind = lines.iter().filter(|line| line.kind == kind);
        let ids: Vec<RecordId> = of_kind.filter_map(|line| line.id.clone()).collect();
        if ids.is_empty() {
            continue;
        }
        let rows = record::rows(db, kind, |column| {
            Condition::all().add(column("id").is_in(ids.clone()))
        });
        for (id, row) in rows.await? {
            known.entry(id).or_default().push(row);
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
    let rows = change::Entity::find()
        .filter(change::Column::Record.is_in(known.keys().cloned()))
        .filter(change::Column::Actor.ne(Actor::system().id))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.record).collect())
}

/// Whether a line was taken over already: a version after the one it was written against has all that
/// it sets and nothing that it clears, or is retired or back again.
fn is_done(line: &Proposed, versions: &[Current]) -> bool {
    let Some(base) = line.base_version else {
        return false;
    };
    let mut versions = versions.iter();
    match line.operation {
        Operation::Retire => versions.any(|row| row.version == base && row.until.is_some()),
        Operation::Restore => versions.any(|row| row.version > base),
        _ => {
            let has = |row: &Current| {
                let mut fields = line.fields.iter();
                fields.all(|(field, value)| row.content.get(&field.camel()) == value.as_ref())
            };
            !line.fields.is_empty() && versions.any(|row| row.version > base && has(row))
        }
    }
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
