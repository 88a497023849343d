//! What the two kinds of databases do differently, on a connection that is open.

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, sqlx,
};

use super::address::Address;
use super::error::Error;
use super::journal::Journal;

/// The oldest `SQLite` that is safe: earlier ones can corrupt a WAL that is reset under load.
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);

/// Refuses an `SQLite` that is too old.
///
/// # Errors
/// [`Error::Unusable`]
pub async fn check_version(db: &DatabaseConnection) -> Result<(), Error> {
    let asked = Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version() AS version");
    let row = db.query_one_raw(asked).await?;
    let text: String = row
        .map(|row| row.try_get("", "version"))
        .transpose()?
        .unwrap_or_default();
    let mut parts = text.split('.').map(|part| part.parse().unwrap_or_default());
    let mut part = || parts.next().unwrap_or_default();
    if (part(), part(), part()) < SQLITE_AT_LEAST {
        let (major, minor, patch) = SQLITE_AT_LEAST;
        let message = format!("SQLite {text} is too old: {major}.{minor}.{patch} is needed");
        return Err(Error::Unusable(message));
    }
    Ok(())
}

/// The index of the journal of an embedded database.
pub fn journal(address: &Address) -> Option<Journal> {
    match address {
        Address::Embedded(embedded) => Some(Journal::at(embedded.beside("-shm"))),
        Address::Shared(_) => None,
    }
}

/// Whether a database tells other processes of commits.
pub fn has_notices(db: &DatabaseConnection) -> bool {
    db.get_database_backend() == DbBackend::Postgres
}

/// Begins a write; on `SQLite` it keeps others from writing at once.
pub async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    writer.begin_with_options(options).await
}

/// Whether a commit that failed may have been made: nothing was heard of it, or the database was about to stop.
/// `SQLite` says of a full disk and of another writer that it was not.
pub fn is_unsure(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return true;
    };
    let told = error.as_database_error();
    match told.and_then(sqlx::error::DatabaseError::code) {
        Some(code) if code.len() == 5 => ["08", "57", "58", "XX"]
            .iter()
            .any(|class| code.starts_with(class)),
        Some(code) => code.parse::<u32>().is_ok_and(|code| code & 0xff == IOERR),
        None => true,
    }
}

/// `SQLITE_IOERR`.
const IOERR: u32 = 10;

/// Whether a database only reads, as one that is no primary does: `None` for one that has no such thing.
pub async fn only_reads<C: ConnectionTrait>(db: &C) -> Result<Option<bool>, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let asked = "SELECT current_setting('transaction_read_only') AS state";
    let asked = Statement::from_string(DbBackend::Postgres, asked);
    let row = db.query_one_raw(asked).await?;
    let state: Option<String> = row.map(|row| row.try_get("", "state")).transpose()?;
    Ok(state.map(|state| state == "on"))
}

/// Moves what an embedded database has in its journal to where it belongs, as far as there is room: the journal is
/// then written from its beginning, which takes no more room.
pub async fn tidy<C: ConnectionTrait>(db: &C) {
    if db.get_database_backend() == DbBackend::Sqlite {
        // Where it fails, it stays in the journal.
        drop(
            db.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)")
                .await,
        );
    }
}

/// Prepares a transaction for very many statements of few kinds.
pub async fn prepare_bulk<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        // Plans made for an empty table would be kept while it grows.
        tx.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan")
            .await?;
    }
    Ok(())
}
