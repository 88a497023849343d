//! The command `import`.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use futures_util::future::{BoxFuture, FutureExt};

use super::output::{Failure, STANDARD_STREAM, open, print};
use super::page::{PageInput, import_page};
use super::progress::{LINES_PER_REPORT, report_progress};
use crate::bundle;
use crate::config::Config;
use crate::domain::text_file::Lines;
use crate::store::import::{Files, ImportProgress, Importing, Report};
use crate::store::{self, ClaimMode, Store};

/// The arguments of `import`.
#[derive(Args)]
pub(super) struct Import {
    #[command(flatten)]
    input: Input,
    #[command(flatten)]
    page: PageInput,
    /// Update existing records whose content or citations differ from their line, if only imports have changed them
    /// before. They become exactly what the line contains. Default: report and skip them.
    #[arg(long)]
    update: bool,
    /// Check the files and report what an import would do, but store nothing. The exit code is that of the import.
    /// Other writers wait while it runs.
    #[arg(long)]
    dry_run: bool,
}

/// The lines or the page to import: exactly one of the three.
#[derive(Args)]
#[group(required = true, multiple = false)]
struct Input {
    /// Files to import, in this order. `-` is standard input, at most once. Example: `sources.jsonl events.jsonl`.
    files: Vec<PathBuf>,
    /// Import the data set that is bundled with this program, all of it in one transaction. With `--update`, a database
    /// that an earlier release has filled takes the data of this release.
    #[arg(long)]
    bundled: bool,
    /// Make a contribution from a profile page, as text or saved HTML. `-` is standard input. The contribution is
    /// submitted: an editor reviews it. Nothing that the page names is fetched. Example: `azerbaijan.html`.
    #[arg(
        long,
        value_name = "FILE",
        requires = "country",
        conflicts_with = "update"
    )]
    page: Option<PathBuf>,
}

/// The lines of one import: of a file, or of the bundled data set.
struct Lot<'a> {
    /// Name of the file or the data set in messages.
    name: String,
    /// The beginning of messages on a line.
    at: String,
    files: Files,
    lines: &'a mut (dyn Iterator<Item = io::Result<String>> + Send),
}

fn is_standard(file: &Path) -> bool {
    file.as_os_str() == STANDARD_STREAM
}

/// Name of an input file in messages.
fn input_name(file: &Path) -> String {
    if is_standard(file) {
        "standard input".to_owned()
    } else {
        file.display().to_string()
    }
}

pub(super) async fn import(config: &Config, import: &Import) -> Result<(), Failure> {
    if let Some(file) = &import.input.page {
        let (_claim, store) = open(config, ClaimMode::AlongsideServer).await?;
        return import_page(&store, &import.page, file, import.dry_run).await;
    }
    let files = &import.input.files;
    if files.iter().filter(|file| is_standard(file)).count() > 1 {
        let message = "`-` is given twice: standard input can be read only once";
        return Err(Failure(vec![message.to_owned()]));
    }
    let (_claim, store) = open(config, ClaimMode::AlongsideServer).await?;
    // Later files may refer to records of earlier ones. A dry run imports all of them in one transaction and rolls it
    // back.
    let trial = if import.dry_run {
        Some(store.begin_import().await?)
    } else {
        None
    };
    if import.input.bundled {
        let done = import_bundled(&store, trial.as_ref(), import.update).await;
        let message = done.map_err(|Failure(lines)| {
            Failure(with_unread_files(lines, BUNDLED_DATA, &[], import))
        })?;
        print(&message)?;
    }
    let mut before: Vec<String> = Vec::new();
    for file in files {
        let name = input_name(file);
        let taken = import_file(&store, trial.as_ref(), file, import.update).await;
        match taken {
            Ok(message) => print(&message)?,
            Err(Failure(lines)) => {
                return Err(Failure(with_unread_files(lines, &name, &before, import)));
            }
        }
        before.push(name);
    }
    if let Some(trial) = trial {
        trial.roll_back().await?;
        print("dry run: nothing was stored\n")?;
    }
    Ok(())
}

/// Name of the bundled data set in messages.
const BUNDLED_DATA: &str = "the bundled data";

/// Imports the bundled data set, in the given transaction or in one of its own. Returns the lines to print.
async fn import_bundled(
    store: &Store,
    trial: Option<&Importing<'_>>,
    update: bool,
) -> Result<String, Failure> {
    let lot = Lot {
        name: BUNDLED_DATA.to_owned(),
        at: "bundled".to_owned(),
        files: bundle::files(),
        lines: &mut bundle::lines(),
    };
    import_lot(store, trial, lot, update).await
}

/// Imports one file, in the given transaction or in one of its own. Returns the lines to print.
async fn import_file(
    store: &Store,
    trial: Option<&Importing<'_>>,
    file: &Path,
    update: bool,
) -> Result<String, Failure> {
    let name = input_name(file);
    let unreadable = |error| Failure(vec![format!("cannot read {name}: {error}")]);
    let lot = Lot {
        lines: &mut Lines::new(BufReader::new(opened(file).map_err(unreadable)?)),
        at: name.clone(),
        name,
        files: Files::default(),
    };
    import_lot(store, trial, lot, update).await
}

/// Imports lines, in the given transaction or in one of their own. Returns the lines to print.
fn import_lot<'a>(
    store: &'a Store,
    trial: Option<&'a Importing<'_>>,
    lot: Lot<'a>,
    update: bool,
) -> BoxFuture<'a, Result<String, Failure>> {
    async move {
        let Lot {
            name,
            at,
            files,
            lines,
        } = lot;
        let begun = Instant::now();
        let mut remarks = Vec::new();
        let mut report = |progress| match progress {
            ImportProgress::Lines(lines)
                if lines / LINES_PER_REPORT > lines.saturating_sub(1_000) / LINES_PER_REPORT =>
            {
                report_progress(&name, lines, begun);
            }
            ImportProgress::Lines(_) => {}
            ImportProgress::Differing(differing) => {
                remarks.push(format!("{at} {}: {differing}\n", differing.place));
            }
            ImportProgress::Warning(Some(place), message) => {
                remarks.push(format!("{at} {place}: warning: {message}\n"));
            }
            ImportProgress::Warning(None, message) => {
                remarks.push(format!("{name}: warning: {message}\n"));
            }
        };
        let report = match trial {
            Some(trial) => trial.import_files(&files, lines, update, &mut report).await,
            None => store.import_files(&files, lines, update, &mut report).await,
        };
        let report = report.map_err(|error| refused(&at, &files, error))?;
        report_progress(&name, report.lines, begun);
        remarks.insert(0, format!("{name}: {}\n", summary(&report)));
        Ok(remarks.concat())
    }
    .boxed()
}

/// Opens an input file. Standard input is copied first, so that other writers do not wait for the program that feeds
/// it.
fn opened(file: &Path) -> io::Result<Box<dyn Read + Send>> {
    if !is_standard(file) {
        return Ok(Box::new(File::open(file)?));
    }
    let mut copy = tempfile::tempfile()?;
    io::copy(&mut io::stdin().lock(), &mut copy)?;
    copy.rewind()?;
    Ok(Box::new(copy))
}

fn summary(report: &Report) -> String {
    let (created, updated, unchanged) = (report.created, report.updated, report.unchanged);
    let mut summary = format!("{created} created, {updated} updated, {unchanged} unchanged");
    if report.differing > 0 {
        let more = format!(", {} different and skipped", report.differing);
        summary.push_str(&more);
    }
    summary
}

/// Makes one error line per finding of refused lines. `at` is the beginning of messages on a line.
fn refused(at: &str, files: &Files, error: store::Error) -> Failure {
    let store::Error::Refused(found) = error else {
        return error.into();
    };
    let lines = found.iter().map(|finding| {
        let (place, path) = match finding.path.0.split_first() {
            Some((number, path)) => (files.place_of(number), path.join(".")),
            None => (None, String::new()),
        };
        let place = place.map_or_else(|| "line ?".to_owned(), |place| place.to_string());
        let path = if path.is_empty() {
            path
        } else {
            format!(" {path}:")
        };
        format!("{at} {place}:{path} {}", finding.message)
    });
    Failure(lines.collect())
}

/// Adds to the errors of a failed file which files were imported before it and which were not read.
fn with_unread_files(
    mut lines: Vec<String>,
    name: &str,
    before: &[String],
    import: &Import,
) -> Vec<String> {
    let (was, taken) = if import.dry_run {
        ("would be imported", "would be imported before it")
    } else {
        ("was imported", "imported before it")
    };
    let mut message = format!("nothing of {name} {was}");
    let read = before.len().saturating_add(1);
    let after = import
        .input
        .files
        .iter()
        .skip(read)
        .map(|file| input_name(file));
    let after: Vec<String> = after.collect();
    for (what, files) in [(taken, before), ("not read", &after)] {
        if !files.is_empty() {
            let more = format!("; {what}: {}", files.join(", "));
            message.push_str(&more);
        }
    }
    if let Some(last) = lines.last_mut() {
        last.push('\n');
        last.push_str(&message);
    }
    lines
}
