//! The commands `import` and `export`.

use std::fs::File;
use std::io::{self, BufReader, BufWriter, ErrorKind, Read, Seek, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::Args;
use tempfile::NamedTempFile;

use super::output::{Failure, open, print};
use super::progress::{LINES_PER_REPORT, report_progress};
use crate::config::Config;
use crate::domain::text_file::Lines;
use crate::store::import::{ImportProgress, Importing, Report};
use crate::store::{self, ClaimMode, Store};

/// The arguments of `import`.
#[derive(Args)]
pub(super) struct Import {
    /// Files to import, in this order. `-` is standard input, at most once. Example: `sources.jsonl events.jsonl`.
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// Update existing records whose content or citations differ from their line, if only imports have changed them
    /// before. They become exactly what the line contains. Default: report and skip them.
    #[arg(long)]
    update: bool,
    /// Check the files and report what an import would do, but store nothing. The exit code is that of the import.
    /// Other writers wait while it runs.
    #[arg(long)]
    dry_run: bool,
}

/// File name that stands for standard input or standard output.
const STANDARD_STREAM: &str = "-";

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
    if import.files.iter().filter(|file| is_standard(file)).count() > 1 {
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
    let mut before: Vec<String> = Vec::new();
    for file in &import.files {
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

/// Imports one file, in the given transaction or in one of its own. Returns the lines to print.
async fn import_file(
    store: &Store,
    trial: Option<&Importing<'_>>,
    file: &Path,
    update: bool,
) -> Result<String, Failure> {
    let name = input_name(file);
    let unreadable = |error| Failure(vec![format!("cannot read {name}: {error}")]);
    let lines = Lines::new(BufReader::new(opened(file).map_err(unreadable)?));
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
            remarks.push(format!("{name} line {}: {differing}\n", differing.line));
        }
        ImportProgress::Warning(message) => remarks.push(format!("{name}: warning: {message}\n")),
    };
    let report = match trial {
        Some(trial) => trial.import_file(lines, update, &mut report).await,
        None => store.import(lines, update, &mut report).await,
    };
    let report = report.map_err(|error| refused(&name, error))?;
    report_progress(&name, report.lines, begun);
    remarks.insert(0, format!("{name}: {}\n", summary(&report)));
    Ok(remarks.concat())
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

/// Makes one error line per finding of a refused file.
fn refused(name: &str, error: store::Error) -> Failure {
    let store::Error::Refused(found) = error else {
        return error.into();
    };
    let lines = found.iter().map(|finding| {
        let (line, path) = finding.path.0.split_first().map_or_else(
            || ("?", String::new()),
            |(line, path)| (line.as_str(), path.join(".")),
        );
        let path = if path.is_empty() {
            path
        } else {
            format!(" {path}:")
        };
        format!("{name} line {line}:{path} {}", finding.message)
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
    let after = import.files.iter().skip(read).map(|file| input_name(file));
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

pub(super) async fn export(config: &Config, file: Option<&Path>) -> Result<(), Failure> {
    let (_claim, store) = open(config, ClaimMode::Existing).await?;
    let file = file.filter(|file| !is_standard(file));
    let unwritten = |error: io::Error| match file {
        Some(file) => Failure(vec![format!("cannot write {}: {error}", file.display())]),
        None => error.into(),
    };
    let mut out = Output::open(file).map_err(unwritten)?;
    let begun = Instant::now();
    let mut lines = 0_usize;
    let moment = store.head().await?.moment;
    store
        .export(moment, |line| -> Result<(), Failure> {
            writeln!(out, "{line}").map_err(unwritten)?;
            lines = lines.saturating_add(1);
            if lines.is_multiple_of(LINES_PER_REPORT) {
                report_progress("export", lines, begun);
            }
            Ok(())
        })
        .await?;
    out.finish().map_err(unwritten)?;
    report_progress("export", lines, begun);
    Ok(())
}

/// Target of an export.
enum Output {
    /// Standard output, a pipe or a device.
    Stream(BufWriter<Box<dyn Write>>),
    /// A temporary file in the folder of the target file; it replaces that file once the export is complete.
    NewFile {
        out: BufWriter<NamedTempFile>,
        file: PathBuf,
    },
}

impl Output {
    fn open(file: Option<&Path>) -> io::Result<Self> {
        let Some(file) = file else {
            return Ok(Self::Stream(BufWriter::new(Box::new(io::stdout()))));
        };
        let there = match std::fs::metadata(file) {
            Ok(there) => Some(there),
            Err(error) if error.kind() == ErrorKind::NotFound => None,
            Err(error) => return Err(error),
        };
        if there.as_ref().is_some_and(|there| !there.is_file()) {
            let out = File::options().write(true).open(file)?;
            return Ok(Self::Stream(BufWriter::new(Box::new(out))));
        }
        // A symbolic link stays a link: the file to which it leads is replaced.
        let file = match &there {
            Some(_) => std::fs::canonicalize(file)?,
            None => file.to_owned(),
        };
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        let mut temporary = tempfile::Builder::new();
        temporary.prefix(".export-").suffix(".tmp");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            // The permissions of any new file: the umask takes its part away.
            temporary.permissions(std::fs::Permissions::from_mode(0o666));
        }
        let temporary = temporary.tempfile_in(folder.unwrap_or(Path::new(".")))?;
        if let Some(there) = there {
            temporary.as_file().set_permissions(there.permissions())?;
        }
        let out = BufWriter::new(temporary);
        Ok(Self::NewFile { out, file })
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Stream(mut out) => out.flush(),
            Self::NewFile { out, file } => {
                let temporary = out.into_inner()?;
                temporary.as_file().sync_all()?;
                temporary.persist(&file)?;
                Ok(())
            }
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(out) => out.write(bytes),
            Self::NewFile { out, .. } => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(out) => out.flush(),
            Self::NewFile { out, .. } => out.flush(),
        }
    }
}
