//! The target of a copy. It has all of the copy in the end, or is as it was before.

use std::fs::File;
use std::io;
use std::os::unix::fs::MetadataExt;
use std::path::Path;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, Statement, TransactionTrait};

use super::blueprint::Blueprint;
use crate::address::{Address, Embedded};
use crate::claim::{ClaimMode, claim_file};
use crate::connect::{self, Access};
use crate::error::{Error, reason};
use crate::new_file::{NewFile, Readers};
use crate::{backend, lock, migrate};

/// The tables that have rows before anything was imported, proposed or granted. A database is empty if all others are.
const BOOKKEEPING: [&str; 5] = ["chain", "head", "lineage", "relay", "trial"];

/// The treatment of a target.
#[derive(Clone, Copy)]
pub struct Purpose {
    /// The first word of temporary files.
    pub name: &'static str,
    /// True if a database with content is replaced.
    pub replaces: bool,
    /// The advice for a database with content.
    pub advice: &'static str,
}

impl Purpose {
    fn refuse(self, target: &dyn std::fmt::Display, why: &str) -> Error {
        let advice = self.advice;
        Error::Unusable(format!("{target} is not empty: {why}. {advice}"))
    }
}

/// An empty file, and the name under which messages mention it.
#[derive(Clone, Copy)]
pub struct EmptyFile<'a> {
    /// The path, which may be that of a temporary file.
    pub path: &'a Path,
    /// The name of the file that is written in the end.
    pub name: &'a str,
}

impl EmptyFile<'_> {
    /// The error of a file that cannot be written.
    pub(crate) fn unwritten(&self, why: &dyn std::fmt::Display) -> Error {
        Error::Unusable(format!("cannot write {}: {why}", self.name))
    }

    /// An error on the way to the file, with its name.
    fn naming(&self, error: Error) -> Error {
        match error {
            Error::Unusable(why) => Error::Unusable(format!("{}: {why}", self.name)),
            other => other,
        }
    }
}

/// Fills a file: applies the first `level` migrations, then runs `fill`, all in one transaction.
///
/// # Errors
/// [`Error::Unusable`], and the errors of `fill`.
pub async fn write_file<T>(
    file: EmptyFile<'_>,
    level: usize,
    fill: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, Error>,
) -> Result<T, Error> {
    let unwritten = |error: DbErr| file.unwritten(&reason(&error));
    let db = connect::new_file(file.path).await.map_err(unwritten)?;
    let filled = async {
        let tx = db.begin().await.map_err(unwritten)?;
        migrate::up_to(&tx, level).await?;
        let filled = fill(&tx).await.map_err(|error| file.naming(error))?;
        tx.commit().await.map_err(unwritten)?;
        Ok(filled)
    };
    let filled = filled.await;
    let closed = db.close().await.map_err(unwritten);
    filled.and_then(|filled| closed.map(|()| filled))
}

/// Makes a file with a database, and puts it in place of the database file once it is complete and on the disk. `make`
/// fills an empty file. A server that opens the database meanwhile is refused.
///
/// # Errors
/// [`Error::Unusable`], and the errors of `make`.
pub async fn replace_file<T>(
    embedded: &Embedded,
    purpose: Purpose,
    make: impl AsyncFnOnce(EmptyFile<'_>) -> Result<T, Error>,
) -> Result<T, Error> {
    embedded.check()?;
    let file = embedded.file();
    let unwritten =
        |error: io::Error| Error::Unusable(format!("cannot write {}: {error}", file.display()));
    let is_there = file.exists();
    // Held until the new file is in place.
    let _claim = if is_there {
        let claim = claim_file(embedded, ClaimMode::Alone)?;
        if !purpose.replaces {
            refuse_content(embedded, purpose).await?;
        }
        Some(claim)
    } else {
        refuse_left_journal(embedded)?;
        None
    };
    let new_file = NewFile::open(file, purpose.name, Readers::Usual).map_err(unwritten)?;
    let Some(new_file) = new_file else {
        let message = format!("{} is not a regular file", file.display());
        return Err(Error::Unusable(message));
    };
    let empty = EmptyFile {
        path: &new_file.path(),
        name: &file.display().to_string(),
    };
    let made = make(empty).await?;
    if is_there {
        take_over(file, new_file.file()).map_err(unwritten)?;
        end_journal(embedded).await?;
        new_file.finish().map_err(unwritten)?;
    } else {
        new_file.finish_as_first().map_err(unwritten)?;
    }
    Ok(made)
}

/// Refuses a journal that a deleted database left: `SQLite` would take it for the journal of the new file.
fn refuse_left_journal(embedded: &Embedded) -> Result<(), Error> {
    for ending in ["-wal", "-journal"] {
        let journal = embedded.sibling(ending);
        if std::fs::metadata(&journal).is_ok_and(|journal| journal.len() > 0) {
            let message = format!(
                "{} is the journal of a database file that is not there: move it away, or put the database file back",
                journal.display()
            );
            return Err(Error::Unusable(message));
        }
    }
    Ok(())
}

/// Gives a new file the owner of the file that it will replace, so that a server can use it.
fn take_over(old: &Path, new: &File) -> io::Result<()> {
    let old = std::fs::metadata(old)?;
    let own = new.metadata()?;
    if (old.uid(), old.gid()) != (own.uid(), own.gid()) {
        std::os::unix::fs::fchown(new, Some(old.uid()), Some(old.gid()))?;
        // A change of the owner may take permissions away.
        new.set_permissions(old.permissions())?;
    }
    Ok(())
}

/// Refuses a file that contains anything.
async fn refuse_content(embedded: &Embedded, purpose: Purpose) -> Result<(), Error> {
    let name = embedded.file().display();
    if std::fs::metadata(embedded.file()).is_ok_and(|file| file.len() == 0) {
        return Ok(());
    }
    let address = Address::Embedded(Box::new(embedded.clone()));
    let opened = connect::connect(&address, 1, Access::Read, &std::sync::Arc::default()).await;
    let Ok(db) = opened else {
        return Err(purpose.refuse(&name, "it is not an SQLite database"));
    };
    let found = content(&db).await;
    drop(db.close().await);
    match found {
        Ok(None) => Ok(()),
        Ok(Some(why)) => Err(purpose.refuse(&name, &why)),
        Err(Error::Database(error)) => {
            let why = format!("it cannot be read as a database ({})", reason(&error));
            Err(purpose.refuse(&name, &why))
        }
        Err(error) => Err(error),
    }
}

/// Describes what a database contains; `None` if it is empty.
async fn content<C: ConnectionTrait>(db: &C) -> Result<Option<String>, Error> {
    let there = migrate::columns(db).await?;
    let known = Blueprint::of(migrate::newest()).await?;
    let is_known = |name: &String| known.tables.iter().any(|table| table.name == *name);
    let is_alone = backend::is_embedded(db);
    for table in there.keys() {
        if !is_known(table) {
            if is_alone {
                return Ok(Some(format!("it has the table {table} of another program")));
            }
            continue;
        }
        let name = table.replace('"', "\"\"");
        let ask = format!("SELECT 1 AS found FROM \"{name}\" LIMIT 1");
        let ask = Statement::from_string(db.get_database_backend(), ask);
        if !BOOKKEEPING.contains(&table.as_str()) && db.query_one_raw(ask).await?.is_some() {
            return Ok(Some(format!("its table {table} has rows")));
        }
    }
    Ok(None)
}

/// Moves the journal of a database into its file, so that it cannot be taken for the journal of the file that replaces
/// it.
async fn end_journal(embedded: &Embedded) -> Result<(), Error> {
    let address = Address::Embedded(Box::new(embedded.clone()));
    let name = embedded.file().display();
    let journal = embedded.sibling("-wal");
    let moved = async {
        let db = connect::connect(&address, 1, Access::Tables, &std::sync::Arc::default()).await?;
        let moved = db
            .execute_unprepared("PRAGMA wal_checkpoint(TRUNCATE)")
            .await;
        // The last connection that is closed deletes the journal.
        db.close().await?;
        moved
    };
    match moved.await {
        Ok(_) => {
            let is_left = std::fs::metadata(&journal).is_ok_and(|journal| journal.len() > 0);
            if is_left {
                let message = format!("another program is using {name}: stop it first");
                return Err(Error::Unusable(message));
            }
        }
        // A file that is no database has no journal that could be read.
        Err(error) if backend::is_no_database(&error) => {}
        Err(error) => {
            let why = reason(&error);
            return Err(Error::Unusable(format!("cannot write {name}: {why}")));
        }
    }
    for ending in ["-wal", "-shm", "-journal"] {
        let path = embedded.sibling(ending);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => {
                let message = format!("cannot delete {}: {error}", path.display());
                return Err(Error::Unusable(message));
            }
            _ => {}
        }
    }
    Ok(())
}

/// Replaces all tables of a shared database: reverts what was applied, applies the first `level` migrations, then runs
/// `fill`, all in one transaction. Refused while another process uses the database.
///
/// # Errors
/// [`Error::Unusable`], and the errors of `fill`.
pub async fn replace_tables<T>(
    address: &Address,
    purpose: Purpose,
    level: usize,
    fill: impl AsyncFnOnce(&DatabaseTransaction) -> Result<T, Error>,
) -> Result<T, Error> {
    let db = connect::unmigrated(address).await?;
    lock::lock_tables_alone(&db).await?;
    let filled = migrate::one_at_a_time(&db, async || {
        let tx = backend::begin(&db).await?;
        let filled = async {
            if !purpose.replaces
                && let Some(why) = content(&tx).await?
            {
                return Err(purpose.refuse(address, &why));
            }
            migrate::revert_all(&tx).await?;
            migrate::up_to(&tx, level).await?;
            fill(&tx).await
        };
        match filled.await {
            Ok(filled) => {
                tx.commit().await?;
                Ok(filled)
            }
            Err(error) => {
                // The database rolls back in any case when the connection ends.
                drop(tx.rollback().await);
                Err(error)
            }
        }
    })
    .await;
    // The work is done, even if closing fails.
    drop(db.close().await);
    filled
}
