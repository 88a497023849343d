//! Imports data files: JSON Lines with one change per line. A file is imported whole or not at all, and can be
//! imported again without effect.

use std::collections::{HashMap, HashSet};
use std::io;

use futures_util::future::{BoxFuture, FutureExt, join};
use sea_orm::entity::prelude::*;

use super::clock::Clock;
use super::draft::{Missing, Planned};
use super::error::Error;
use super::plan::{self, Incomplete};
use super::write::Write;
use super::{Store, backend, change, integrity, new_keys, treaty_event};
use domain::change::{Operation, Proposed};
use domain::check::{Code, Finding, Path};
use domain::record::RecordId;
use domain::viewer::Actor;

mod confirmations;
mod json_message;
mod known;
mod line;
mod outline;
mod place;
mod reader;
mod report;

use confirmations::Confirmations;
use known::Version;
pub use place::{Files, Place};
use reader::{Line, Lines, Reader};
pub use report::{Differing, ImportProgress, Report, SkipReason};

/// The most lines that are imported together.
const LINES_PER_BATCH: usize = 1_000;
/// The number of findings after which an import stops.
const MAX_FINDINGS: usize = 100;
/// The most unresolved references that are collected before they are looked up again, and the most lines that wait.
const MAX_MISSING: usize = 10_000;

impl Store {
    /// Imports a data file: all of its lines, or none if a line has a finding. A line changes nothing if its record
    /// has, or once had, exactly its content and citations. A line with other content is reported and skipped. With
    /// `update` it becomes an update, unless a person has changed or verified the record. A line may refer to records
    /// that later lines create. `report_progress` receives progress messages.
    ///
    /// # Errors
    /// [`Error::Refused`]; the path of each finding begins with the line number.
    pub async fn import(
        &self,
        mut lines: impl Iterator<Item = io::Result<String>> + Send,
        update: bool,
        report_progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<Report, Error> {
        let files = Files::default();
        self.import_files(&files, &mut lines, update, report_progress)
            .await
    }

    /// Imports several files together, as one; see [`Importing::import_files`].
    ///
    /// # Errors
    /// [`Error::Refused`]; nothing is stored then.
    pub async fn import_files(
        &self,
        files: &Files,
        lines: &mut Lines<'_>,
        update: bool,
        report_progress: &mut (dyn FnMut(ImportProgress) + Send),
    ) -> Result<Report, Error> {
        let importing = self.begin_import().await?;
        let report = importing
            .import_files(files, lines, update, report_progress)
            .await?;
        importing.commit().await?;
        Ok(report)
    }

    /// Begins an import of data files in one transaction. Nothing is stored before [`Importing::commit`].
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn begin_import(&self) -> Result<Importing<'_>, Error> {
        let tx = self.begin_alone().await?;
        backend::prepare_bulk(&tx).await?;
        Ok(Importing { store: self, tx })
    }
}

/// An import of data files in one transaction.
pub struct Importing<'a> {
    store: &'a Store,
    tx: Write,
}

impl Importing<'_> {
    /// Imports one file or several into the transaction, as [`Store::import`] does. `lines` are those of all `files`; a
    /// line may refer to records of later files.
    ///
    /// # Errors
    /// [`Error::Refused`]; the path of each finding begins with the number of the line in the import, of which
    /// [`Files::place_of`] makes a place. The transaction may then contain a part of the files and must not be committed.
    pub fn import_files<'a>(
        &'a self,
        files: &'a Files,
        lines: &'a mut Lines<'a>,
        update: bool,
        report_progress: &'a mut (dyn FnMut(ImportProgress) + Send),
    ) -> BoxFuture<'a, Result<Report, Error>> {
        async move {
            let tx = &self.tx;
            let first = tx.head().await?.sequence.saturating_add(1);
            let mut import = Import {
                tx,
                clock: self.store.clock(),
                files,
                update,
                report_progress,
                report: Report::default(),
                findings: Vec::new(),
                missing: Vec::new(),
                waiting: Vec::new(),
                shifts: HashMap::new(),
                confirmations: Confirmations::default(),
            };
            let mut reader = Reader::new(files, lines);
            import.import_all(&mut reader).await?;
            let Import {
                report,
                mut findings,
                missing,
                confirmations,
                report_progress,
                ..
            } = import;
            let outline = reader.outline;
            outline.explain(files, &mut findings, missing, MAX_FINDINGS);
            if !findings.is_empty() {
                return Err(Error::Refused(findings));
            }
            for (id, warning) in confirmations.warnings(tx).await? {
                let number = warning.path.0.first().map_or("", String::as_str);
                let message = format!("{id}: {}", warning.message);
                report_progress(ImportProgress::Warning(files.place_of(number), message));
            }
            for id in treaty_event::in_force_before_consent(tx, first).await? {
                let message = format!("{id}: enters into force before any consent that is known");
                report_progress(ImportProgress::Warning(None, message));
            }
            Ok(report)
        }
        .boxed()
    }

    /// Commits the imported files.
    ///
    /// # Errors
    /// [`Error::Database`]; nothing is stored then.
    pub async fn commit(self) -> Result<(), Error> {
        backend::end_bulk(&self.tx).await?;
        self.tx.commit().await
    }

    /// Discards the imported files.
    ///
    /// # Errors
    /// [`Error::Database`]; nothing is stored then, either.
    pub async fn roll_back(self) -> Result<(), Error> {
        backend::end_bulk(&self.tx).await?;
        self.tx.rollback().await
    }
}

/// The import of one file, or of several together.
struct Import<'a> {
    tx: &'a Write,
    clock: &'a Clock,
    files: &'a Files,
    update: bool,
    report_progress: &'a mut (dyn FnMut(ImportProgress) + Send),
    report: Report,
    findings: Vec<Finding>,
    missing: Vec<Missing>,
    /// Lines that refer to records that no line has created yet. They are written with those records or after them, so
    /// that a record never appears in the log before a record to which it leads.
    waiting: Vec<Proposed>,
    /// The records that an earlier line of this import rewrote: how many versions later than a line's base version is
    /// the version that now has its place. Without it, a later update of the record would count as done, because a
    /// version before the rewriting has its values.
    shifts: HashMap<RecordId, i32>,
    confirmations: Confirmations,
}

impl Import<'_> {
    /// Reads and imports all lines.
    async fn import_all(&mut self, reader: &mut Reader<'_>) -> Result<(), Error> {
        let mut batch: Vec<Proposed> = Vec::new();
        let mut named: HashSet<RecordId> = HashSet::new();
        while let Some(Line { number, read }) = reader.next() {
            self.report.lines = number;
            match read {
                Ok(None) => {}
                Ok(Some(line)) => {
                    // A second line for the same record builds on the result of the first.
                    let is_named = |named: &HashSet<RecordId>| {
                        line.id.as_ref().is_some_and(|id| named.contains(id))
                    };
                    if is_named(&named) || batch.len() >= LINES_PER_BATCH {
                        let lines = std::mem::take(&mut batch);
                        let import = self.import_lines(lines, Incomplete::HoldBack);
                        let (imported, ()) = join(import, reader.read_ahead()).await;
                        imported?;
                        if is_named(&self.waiting_ids()) || self.waiting.len() > MAX_MISSING {
                            self.import_lines(Vec::new(), Incomplete::Report).await?;
                        }
                        named = self.waiting_ids();
                    }
                    named.extend(line.id.clone());
                    batch.push(line);
                }
                Err(found) => self.findings.extend(found),
            }
            if self.findings.len() >= MAX_FINDINGS {
                break;
            }
        }
        self.import_lines(batch, Incomplete::Report).await?;
        self.look_up_missing().await
    }

    fn waiting_ids(&self) -> HashSet<RecordId> {
        let waiting = self.waiting.iter();
        waiting.filter_map(|line| line.id.clone()).collect()
    }

    /// Imports some lines, and those that wait. No two of them name the same record. A line that is held back waits.
    fn import_lines(
        &mut self,
        mut lines: Vec<Proposed>,
        incomplete: Incomplete,
    ) -> BoxFuture<'_, Result<(), Error>> {
        async move {
            if !self.findings.is_empty() || lines.is_empty() && self.waiting.is_empty() {
                return Ok(());
            }
            let count = lines.len();
            let known = known::known(self.tx, &mut lines).await?;
            let touched = if self.update {
                touched(self.tx, &known).await?
            } else {
                HashSet::new()
            };
            let mut wanted = std::mem::take(&mut self.waiting);
            for line in lines {
                if let Some(line) = self.line_to_import(line, &known, &touched) {
                    wanted.push(line);
                }
            }
            new_keys::assign_keys(self.tx, &mut wanted, async |_| Ok(HashSet::new())).await?;
            let today = self.clock.today();
            let mut plan = plan::plan(self.tx, &wanted, today, incomplete).await?;
            let is_held = |line: &Proposed| {
                let id = line.id.as_ref();
                id.is_some_and(|id| plan.held_back.contains(id))
            };
            (self.waiting, wanted) = wanted.into_iter().partition(is_held);
            self.missing.append(&mut plan.missing);
            plan.findings
                .extend(merged_list_conflicts(&plan.changes, &wanted));
            let mut plan = match plan.sound() {
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
            let confirmations = Confirmations::of(&mut plan.changes);
            let committed = plan
                .carry_out(self.tx, &Actor::system(), None, self.clock.now())
                .await?;
            self.confirmations.add(self.tx, confirmations).await?;
            let updated = committed.size.saturating_sub(created);
            let report = &mut self.report;
            report.created = report.created.saturating_add(created);
            report.updated = report.updated.saturating_add(updated);
            let unchanged = wanted.len().saturating_sub(committed.size);
            report.unchanged = report.unchanged.saturating_add(unchanged);
            if count >= LINES_PER_BATCH {
                (self.report_progress)(ImportProgress::Lines(report.lines));
            }
            if self.missing.len() > MAX_MISSING {
                self.look_up_missing().await?;
            }
            Ok(())
        }
        .boxed()
    }

    /// Returns the line as it is to be carried out; counts or reports it otherwise.
    fn line_to_import(
        &mut self,
        mut line: Proposed,
        known: &HashMap<RecordId, Vec<Version>>,
        touched: &HashSet<RecordId>,
    ) -> Option<Proposed> {
        let versions = line.id.as_ref().and_then(|id| known.get(id));
        let newest = versions.and_then(|versions| versions.iter().max_by_key(|one| one.row.since));
        let (Some(versions), Some(newest), Some(id)) = (versions, newest, line.id.clone()) else {
            return Some(line);
        };
        let last = newest.row.version;
        if let (Some(shift), Some(base)) = (self.shifts.get(&id), line.base_version) {
            line.base_version = Some(base.saturating_add(*shift).min(last));
        }
        if known::is_done(&line, versions) {
            self.report.unchanged = self.report.unchanged.saturating_add(1);
            return None;
        }
        let is_retired = newest.row.until.is_some();
        let is_contested = match line.operation {
            Operation::Create => true,
            Operation::Update if self.update => {
                is_retired || known::is_contested(&line, versions, newest, self.clock.today())
            }
            _ => false,
        };
        if !is_contested {
            return Some(line);
        }
        let why = if is_retired {
            SkipReason::Retired
        } else if !self.update {
            SkipReason::NotAsked
        } else if touched.contains(&id) {
            SkipReason::Touched
        } else {
            let base = line.base_version.unwrap_or_default();
            self.shifts.insert(id, last.saturating_sub(base));
            return Some(known::as_update(line, versions, newest));
        };
        let (fields, citations) = known::differences(&line, newest);
        let place = self.place(&line.path);
        self.report.differing = self.report.differing.saturating_add(1);
        (self.report_progress)(ImportProgress::Differing(Differing {
            place,
            id,
            fields,
            citations,
            why,
        }));
        None
    }

    /// The place of the line to whose input a path belongs.
    fn place(&self, path: &Path) -> Place {
        let first = path.0.first().map_or("", String::as_str);
        let place = self.files.place_of(first);
        place.unwrap_or_else(|| self.files.place(self.report.lines))
    }

    fn look_up_missing(&mut self) -> BoxFuture<'_, Result<(), Error>> {
        async move {
            let missing = std::mem::take(&mut self.missing);
            if !missing.is_empty() && self.findings.is_empty() {
                self.missing = integrity::resolve(self.tx, missing, &mut self.findings).await?;
            }
            Ok(())
        }
        .boxed()
    }
}

/// The records with a change whose actor is not an import.
async fn touched<C: ConnectionTrait>(
    db: &C,
    known: &HashMap<RecordId, Vec<Version>>,
) -> Result<HashSet<RecordId>, Error> {
    let rows = change::Entity::find()
        .filter(change::Column::Record.is_in(known.keys().cloned()))
        .filter(change::Column::Actor.ne(Actor::system().id))
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.record).collect())
}

/// Conflicts of lines whose lists would be merged with edits of others: a list in a data file is the whole list.
fn merged_list_conflicts(changes: &[Planned], lines: &[Proposed]) -> Vec<Finding> {
    let mixed = changes.iter().filter(|change| !change.joined.is_empty());
    let findings = mixed.flat_map(|change| {
        let line = lines
            .iter()
            .find(|line| line.id.as_ref() == Some(&change.id));
        let at = line.map(Proposed::at_fields).unwrap_or_default();
        change.joined.iter().map(move |field| {
            let message = format!(
                "{} of {} was changed since: write the whole list against version {}",
                field.screaming(),
                change.id,
                change.version.saturating_sub(1)
            );
            at.then(field.camel()).finding(Code::Conflict, message)
        })
    });
    findings.collect()
}
