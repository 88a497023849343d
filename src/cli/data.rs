//! The commands for data files: reading them in, and writing the data out.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use super::{Failure, open, say};
use crate::config::Config;
use crate::store::import::Heard;
use crate::store::{self, Use};

/// Says on standard error how far a long command has come.
fn report_progress(what: &str, done: usize, since: Instant) {
    let micros = since.elapsed().as_micros().max(1);
    let lines = u128::try_from(done).unwrap_or_default();
    let rate = lines.saturating_mul(1_000_000) / micros;
    let line = format!("{what}: {done} lines, {rate} lines per second");
    // Nobody is left to tell where standard error is closed.
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// After how many lines a long command says how far it has come.
const PROGRESS: usize = 20_000;

pub(super) async fn import(
    config: &Config,
    files: &[PathBuf],
    update: bool,
) -> Result<(), Failure> {
    let (_claim, store) = open(config, Use::Beside).await?;
    for file in files {
        let name = file.display().to_string();
        let unreadable = |error| Failure(vec![format!("cannot read {name}: {error}")]);
        let lines = BufReader::new(File::open(file).map_err(unreadable)?).lines();
        let begun = Instant::now();
        let mut remarks = Vec::new();
        let mut hear = |heard| match heard {
            Heard::Lines(lines) if lines / PROGRESS > lines.saturating_sub(1_000) / PROGRESS => {
                report_progress(&name, lines, begun);
            }
            Heard::Lines(_) => {}
            Heard::Differing(line, id) => remarks.push(format!(
                "{name} line {line}: {id} stands with other content: left as it is\n"
            )),
            Heard::Warning(message) => remarks.push(format!("{name}: warning: {message}\n")),
        };
        let report = store
            .import(lines, update, &mut hear)
            .await
            .map_err(|error| refused(&name, error))?;
        let (created, updated) = (report.created, report.updated);
        say(&format!(
            "{name}: {created} created, {updated} updated, {} unchanged\n",
            report.unchanged
        ))?;
        report_progress(&name, report.lines, begun);
        say(&remarks.concat())?;
    }
    Ok(())
}

/// Why a file was not taken over: a line for each finding.
fn refused(name: &str, error: store::Error) -> Failure {
    let store::Error::Refused(found) = error else {
        return error.into();
    };
    let lines = found.iter().map(|finding| {
        let (line, path) = finding.path.0.split_first().map_or_else(
            || ("?", String::new()),
            |(line, path)| (line.as_str(), path.join(".")),
        );
        format!("{name} line {line}: {path}: {}", finding.message)
    });
    Failure(lines.collect())
}

pub(super) async fn export(config: &Config, file: Option<&Path>) -> Result<(), Failure> {
    let (_claim, store) = open(config, Use::Existing).await?;
    let mut out: Box<dyn Write> = match file {
        Some(file) => {
            let unwritable =
                |error| Failure(vec![format!("cannot write {}: {error}", file.display())]);
            Box::new(BufWriter::new(File::create(file).map_err(unwritable)?))
        }
        None => Box::new(BufWriter::new(std::io::stdout())),
    };
    let begun = Instant::now();
    let mut lines = 0_usize;
    let moment = store.head().await?.moment;
    store
        .export(moment, |line| -> Result<(), Failure> {
            writeln!(out, "{line}")?;
            lines = lines.saturating_add(1);
            if lines.is_multiple_of(PROGRESS) {
                report_progress("export", lines, begun);
            }
            Ok(())
        })
        .await?;
    out.flush()?;
    report_progress("export", lines, begun);
    Ok(())
}
