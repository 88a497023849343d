//! The command `backup`.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::time::Instant;

use futures_util::future::FutureExt;
use tempfile::NamedTempFile;

use super::output::{Failure, STANDARD_STREAM, print, refuse_database_file};
use super::progress::{LINES_PER_REPORT, report};
use super::report::report_progress;
use super::signal::unless_stopped;
use crate::config::Config;
use crate::store::backup::{BackupProgress, EmptyFile, Trailer};
use crate::store::new_file::{NewFile, Readers};
use crate::store::{self, ClaimMode};

/// Writes a backup to a file, or to standard output.
pub(super) async fn backup(config: &Config, file: &Path) -> Result<(), Failure> {
    let is_standard = file.as_os_str() == STANDARD_STREAM;
    let name = if is_standard {
        "standard output".to_owned()
    } else {
        file.display().to_string()
    };
    let unwritten = |error: io::Error| Failure(vec![format!("cannot write {name}: {error}")]);
    let new_file = if is_standard {
        None
    } else {
        refuse_database_file(config, file)?;
        NewFile::open(file, "backup", Readers::Owner).map_err(unwritten)?
    };
    if let Some(new_file) = new_file {
        let trailer = write(config, &new_file.path(), &name).await?;
        new_file.finish().map_err(unwritten)?;
        return print(&summary(&name, &trailer));
    }
    // A pipe cannot be written by a database: the backup is made in the folder for temporary files first.
    let temporary = NamedTempFile::new().map_err(unwritten)?;
    let trailer = write(config, temporary.path(), &name).await?;
    let mut backup = temporary.reopen().map_err(unwritten)?;
    if is_standard {
        let mut out = io::stdout().lock();
        io::copy(&mut backup, &mut out)?;
        out.flush()?;
    } else {
        let mut out = File::options().write(true).open(file).map_err(unwritten)?;
        io::copy(&mut backup, &mut out).map_err(unwritten)?;
    }
    report_progress(summary(&name, &trailer).trim_end());
    Ok(())
}

fn summary(name: &str, trailer: &Trailer) -> String {
    let (bytes, sequence) = (trailer.size, trailer.sequence);
    format!("{name}: {bytes} bytes, the log up to change {sequence}\n")
}

/// Writes a backup into an empty file.
async fn write(config: &Config, path: &Path, name: &str) -> Result<Trailer, Failure> {
    let url = config.database_url.expose();
    let _claim = store::claim(url, ClaimMode::Existing)?;
    let begun = Instant::now();
    let mut progress = |progress| match progress {
        BackupProgress::Bytes(bytes) => {
            let bytes = usize::try_from(bytes).unwrap_or(usize::MAX);
            report("backup", bytes, "bytes", begun);
        }
        BackupProgress::Rows(rows) if rows.is_multiple_of(LINES_PER_REPORT) => {
            report("backup", rows, "rows", begun);
        }
        BackupProgress::Rows(_) => {}
    };
    let file = EmptyFile { path, name };
    let written = store::backup::backup(url, file, &mut progress);
    Ok(unless_stopped(written.boxed_local()).await??)
}
