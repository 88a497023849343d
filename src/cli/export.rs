//! The command `export`.

use std::fs::File;
use std::io::{self, BufWriter, ErrorKind, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use tempfile::NamedTempFile;

use super::output::{Failure, STANDARD_STREAM, open};
use super::progress::{LINES_PER_REPORT, report_progress};
use crate::config::Config;
use crate::store::ClaimMode;

pub(super) async fn export(config: &Config, file: Option<&Path>) -> Result<(), Failure> {
    let (_claim, store) = open(config, ClaimMode::Existing).await?;
    let file = file.filter(|file| file.as_os_str() != STANDARD_STREAM);
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
