//! Backups: one file with all of a database, from which a database of either kind can be restored.
//!
//! The file is an `SQLite` database, followed by a trailer that proves that it is complete and unchanged. `SQLite`
//! ignores the trailer, because the header of the file tells how many pages belong to the database.

mod trailer;

use std::fs::{File, OpenOptions};
use std::io::{Seek, SeekFrom, Write};
use std::path::Path;
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::{ConnectionTrait, DbBackend, Statement};

use super::address::Address;
use super::connect::{self, Access};
pub use super::copy::EmptyFile;
use super::copy::{self, Blueprint, Progress, Source};
use super::error::{Error, reason};
use super::migrate;
pub use trailer::Trailer;

/// The interval of reports on the size of a file that is being written.
const REPORT_INTERVAL: Duration = Duration::from_secs(2);

/// The progress of a backup.
#[derive(Clone, Copy, Debug)]
pub enum BackupProgress {
    /// The number of bytes that are written.
    Bytes(u64),
    /// The number of rows that are copied.
    Rows(usize),
}

/// Writes a backup of a database into an empty file, and synchronizes it with the disk. Servers and commands may use
/// the database meanwhile; the backup has what was committed when it began.
///
/// # Errors
/// [`Error::Unusable`]
pub fn backup<'a>(
    url: &'a str,
    file: EmptyFile<'a>,
    progress: &'a mut (dyn FnMut(BackupProgress) + Send),
) -> BoxFuture<'a, Result<Trailer, Error>> {
    async move {
        let address = Address::read(url)?;
        match &address {
            Address::Embedded(_) => snapshot(&address, file, progress).await?,
            Address::Shared(_) => copy_into(&address, file, progress).await?,
        }
        let unwritten = |error| file.unwritten(&error);
        let copied = Source::of_file(file.path).await?;
        let position = copied.position().await;
        let head_hash = copied.head_hash().await;
        let migration = migrate::name_of(copied.level());
        copied.close().await;
        let (database, sequence) = position?;
        let opened = OpenOptions::new().read(true).write(true).open(file.path);
        let mut pages = opened.map_err(&unwritten)?;
        let trailer = Trailer::of(&mut pages, migration, database, sequence).map_err(unwritten)?;
        let trailer = Trailer {
            head_hash: head_hash?,
            ..trailer
        };
        let mut append = || {
            pages.seek(SeekFrom::End(0))?;
            pages.write_all(&trailer.bytes())?;
            pages.sync_all()
        };
        append().map_err(unwritten)?;
        Ok(trailer)
    }
    .boxed()
}

/// Writes a snapshot of an `SQLite` database. It is complete and compact, and needs one read transaction: writers go on
/// meanwhile. (The page-wise backup of `SQLite` begins again after each commit of another process.)
pub(super) async fn snapshot(
    address: &Address,
    file: EmptyFile<'_>,
    progress: &mut (dyn FnMut(BackupProgress) + Send),
) -> Result<(), Error> {
    connect::reach(address).await?;
    let renewal = std::sync::Arc::default();
    let db = connect::connect(address, 1, Access::Snapshot, &renewal).await;
    let db = db.map_err(|error| connect::unreachable(&error))?;
    let path = file.path.to_str();
    let path = path.ok_or_else(|| file.unwritten(&"its name is not UTF-8"))?;
    let into = Statement::from_sql_and_values(DbBackend::Sqlite, "VACUUM INTO ?", [path.into()]);
    let written = {
        let mut written = std::pin::pin!(db.execute_raw(into));
        loop {
            if let Ok(written) = tokio::time::timeout(REPORT_INTERVAL, &mut written).await {
                break written;
            }
            let size = std::fs::metadata(path).map_or(0, |file| file.len());
            progress(BackupProgress::Bytes(size));
        }
    };
    let written = written.map_err(|error| file.unwritten(&reason(&error)));
    // Nothing was written to the database: a failed close loses nothing.
    drop(db.close().await);
    written.map(drop)
}

/// Copies all rows of a database into an empty `SQLite` file, and compares them.
async fn copy_into(
    address: &Address,
    file: EmptyFile<'_>,
    progress: &mut (dyn FnMut(BackupProgress) + Send),
) -> Result<(), Error> {
    let source = Source::beside_others(address).await?;
    let blueprint = Blueprint::of(source.level()).await?;
    let mut rows = |rows| progress(BackupProgress::Rows(rows));
    let written = copy::write_file(file, source.level(), async |tx| {
        copied(&source, &blueprint, tx, &mut rows).await.map(drop)
    });
    let written = written.await;
    source.close().await;
    written
}

/// Copies all rows of a source into a transaction, and compares them.
pub(super) async fn copied(
    source: &Source,
    blueprint: &Blueprint,
    to: &sea_orm::DatabaseTransaction,
    progress: Progress<'_>,
) -> Result<copy::Tally, Error> {
    let read = copy::copy(source.tx(), to, blueprint, progress).await?;
    read.check(&copy::tally(to, blueprint).await?)?;
    Ok(read)
}

/// Opens a backup, and checks that it is complete and unchanged.
///
/// # Errors
/// [`Error::Unusable`] says what does not fit.
pub(super) fn verified(path: &Path) -> Result<(File, Trailer), Error> {
    let name = path.display();
    // A pipe would be waited for, and its bytes can be read only once.
    if std::fs::metadata(path).is_ok_and(|file| !file.is_file()) {
        let message = format!("cannot read {name}: it is not a regular file");
        return Err(Error::Unusable(message));
    }
    let opened = File::open(path);
    let mut file =
        opened.map_err(|error| Error::Unusable(format!("cannot read {name}: {error}")))?;
    let trailer = Trailer::verify(&mut file).map_err(|fault| {
        let message = format!("{name} is not a complete backup of this program: {fault}");
        Error::Unusable(message)
    })?;
    Ok((file, trailer))
}
