//! The command `export`.

use std::fs::File;
use std::io::{self, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::time::Instant;

use clap::{Args, ValueEnum};
use futures_util::stream::TryStreamExt;

use super::export_folder::NewFolder;
use super::output::{Failure, STANDARD_STREAM, open, refuse_database_file};
use super::progress::{LINES_PER_REPORT, report_progress};
use crate::config::Config;
use crate::domain::date::Date;
use crate::dump::{self, Dump, Table, View, ViewError};
use crate::store::new_file::{NewFile, Readers};
use crate::store::{ClaimMode, Store};

/// Arguments of the command `export`.
#[derive(Args)]
pub(super) struct Export {
    /// The file to write; standard output if it is `-` or omitted. An existing file is replaced only when the export is
    /// complete. With `--format csv` and without `--table`: the folder to write, which must not exist yet, or be empty.
    /// Example: `profiles.jsonl`.
    file: Option<PathBuf>,
    /// Form of the export.
    #[arg(long, value_enum, default_value_t = Format::Jsonl)]
    format: Format,
    /// Write one CSV file instead of a folder. Example: `treaty-status`, `treaty-events`.
    #[arg(long, alias = "noun", value_name = "NAME", value_parser = table)]
    table: Option<Table>,
    /// Export the data as it was known at this cursor of the change log, instead of now.
    #[arg(long, value_name = "CURSOR")]
    at: Option<String>,
    /// Day for which treaty statuses are computed, instead of today: only with `--format csv`, for all tables or for
    /// `treaty-status`. Example: `2020-12-31`.
    #[arg(long, value_name = "DAY")]
    as_of: Option<Date>,
    /// Begin a JSON Lines file with a line of cursor, terms and disclaimer, as the server does. An import skips it.
    #[arg(long)]
    describe: bool,
}

/// Form of an export.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// JSON Lines, one record per line, which `import` reads.
    Jsonl,
    /// CSV files, and `datapackage.json`, which describes them.
    Csv,
}

fn table(name: &str) -> Result<Table, String> {
    Table::named(name).ok_or_else(|| {
        let names = Table::all().map(Table::name);
        let names: Vec<&str> = names.collect();
        format!("expected one of {}", names.join(", "))
    })
}

pub(super) async fn export(config: &Config, wanted: &Export) -> Result<(), Failure> {
    let file = wanted.file.as_deref();
    let file = file.filter(|file| file.as_os_str() != STANDARD_STREAM);
    let failure = |text: &str| Failure(vec![text.to_owned()]);
    let one = match (wanted.format, wanted.table) {
        (Format::Jsonl, Some(_)) => return Err(failure("--table needs --format csv")),
        (Format::Csv, _) if wanted.describe => {
            let message = "--describe needs --format jsonl: datapackage.json describes CSV files";
            return Err(failure(message));
        }
        (Format::Jsonl, None) => Some(Dump::Lines {
            with_description: wanted.describe,
        }),
        (Format::Csv, Some(table)) => Some(Dump::Table(table)),
        (Format::Csv, None) => None,
    };
    if wanted.as_of.is_some() && one.is_some_and(|dump| !dump.depends_on_day()) {
        let message = "--as-of is the day of treaty statuses, which this export does not contain: \
                       use it with --format csv, for all tables or with --table treaty-status";
        return Err(failure(message));
    }
    if one.is_none() && file.is_none() {
        let message = "CSV files need a folder: name one, or choose one file by --table";
        return Err(failure(message));
    }
    if let Some(file) = file {
        refuse_database_file(config, file)?;
    }
    let (_claim, store) = open(config, ClaimMode::Existing).await?;
    let view = View::read(&store, wanted.at.as_deref(), wanted.as_of).await;
    let view = view.map_err(|error| match error {
        ViewError::Cursor(_, message) => Failure(vec![format!("--at: {message}")]),
        ViewError::Store(error) => error.into(),
    })?;
    let exporting = Exporting {
        store: &store,
        view,
        begun: Instant::now(),
    };
    match (one, file) {
        (Some(dump), file) => exporting.file(dump, file).await,
        (None, Some(folder)) => exporting.folder(folder).await,
        (None, None) => Ok(()),
    }
}

struct Exporting<'a> {
    store: &'a Store,
    view: View,
    begun: Instant,
}

impl Exporting<'_> {
    /// Writes one file, or to standard output.
    async fn file(&self, dump: Dump, file: Option<&Path>) -> Result<(), Failure> {
        let unwritten = |error: io::Error| match file {
            Some(file) => unwritten(file, &error),
            None => error.into(),
        };
        let mut out = Output::open(file).map_err(unwritten)?;
        let rows = self.dump(dump, &mut out, 0, unwritten).await?;
        out.finish().map_err(unwritten)?;
        report_progress("export", rows, self.begun);
        Ok(())
    }

    /// Writes all CSV files and their description into a new folder.
    async fn folder(&self, folder: &Path) -> Result<(), Failure> {
        let new = NewFolder::beside(folder).map_err(|error| unwritten(folder, &error))?;
        let mut rows = 0;
        for table in Table::all() {
            let name = format!("{}.csv", table.name());
            let target = folder.join(&name);
            let unwritten = |error: io::Error| unwritten(&target, &error);
            let mut out = BufWriter::new(new.create(&name).map_err(unwritten)?);
            rows = self
                .dump(Dump::Table(table), &mut out, rows, unwritten)
                .await?;
            let out = out
                .into_inner()
                .map_err(|error| unwritten(error.into_error()))?;
            out.sync_all().map_err(unwritten)?;
        }
        let name = "datapackage.json";
        let target = folder.join(name);
        let package = dump::package(self.store, &self.view, "");
        let mut out = new
            .create(name)
            .map_err(|error| unwritten(&target, &error))?;
        let written = out
            .write_all(package.as_bytes())
            .and_then(|()| out.sync_all());
        written.map_err(|error| unwritten(&target, &error))?;
        new.rename(folder)
            .map_err(|error| unwritten(folder, &error))?;
        report_progress("export", rows, self.begun);
        Ok(())
    }

    /// Writes one dump. Returns the number of rows that were written, `before` included.
    async fn dump(
        &self,
        dump: Dump,
        out: &mut impl Write,
        before: usize,
        unwritten: impl Fn(io::Error) -> Failure,
    ) -> Result<usize, Failure> {
        let mut rows = before;
        let mut chunks = dump::chunks(self.store, dump, self.view);
        while let Some(chunk) = chunks.try_next().await? {
            out.write_all(&chunk.bytes).map_err(&unwritten)?;
            let reported = rows / LINES_PER_REPORT;
            rows = rows.saturating_add(chunk.rows);
            if rows / LINES_PER_REPORT > reported {
                report_progress("export", rows, self.begun);
            }
        }
        Ok(rows)
    }
}

fn unwritten(file: &Path, error: &io::Error) -> Failure {
    Failure(vec![format!("cannot write {}: {error}", file.display())])
}

/// Target of an export.
enum Output {
    /// Standard output, a pipe or a device.
    Stream(BufWriter<Box<dyn Write>>),
    /// A file that is replaced once the export is complete.
    File(BufWriter<NewFile>),
}

impl Output {
    fn open(file: Option<&Path>) -> io::Result<Self> {
        let Some(file) = file else {
            return Ok(Self::Stream(BufWriter::new(Box::new(io::stdout()))));
        };
        if let Some(new_file) = NewFile::open(file, "export", Readers::Usual)? {
            return Ok(Self::File(BufWriter::new(new_file)));
        }
        let out = File::options().write(true).open(file)?;
        Ok(Self::Stream(BufWriter::new(Box::new(out))))
    }

    fn finish(self) -> io::Result<()> {
        match self {
            Self::Stream(mut out) => out.flush(),
            Self::File(out) => out.into_inner()?.finish(),
        }
    }
}

impl Write for Output {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Stream(out) => out.write(bytes),
            Self::File(out) => out.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Stream(out) => out.flush(),
            Self::File(out) => out.flush(),
        }
    }
}
