//! Differences between the two kinds of databases, on a connection that is open.

use std::collections::HashSet;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, RuntimeErr,
    SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait, sqlx,
};

use sea_orm::sea_query::Values;

use super::address::Address;
use super::error::{Error, driver_error};
use super::wal_index::WalIndex;

/// The oldest `SQLite` version that is accepted: earlier ones can corrupt a WAL that is reset under load.
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);

/// Refuses an `SQLite` library that is older than `SQLITE_AT_LEAST`.
///
/// # Errors
/// [`Error::Unusable`]
pub async fn check_version(db: &DatabaseConnection) -> Result<(), Error> {
    let query = Statement::from_string(DbBackend::Sqlite, "SELECT sqlite_version() AS version");
    let row = db.query_one_raw(query).await?;
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

/// The faults that `SQLite` finds in its file, such as an index without some rows; none on `PostgreSQL`, which has no
/// such check.
pub async fn check_file(db: &DatabaseConnection) -> Result<Vec<String>, DbErr> {
    if db.get_database_backend() != DbBackend::Sqlite {
        return Ok(Vec::new());
    }
    let query = Statement::from_string(DbBackend::Sqlite, "PRAGMA integrity_check(20)");
    let rows = db.query_all_raw(query).await?;
    let found = rows.iter().map(|row| row.try_get_by_index(0));
    let mut found: Vec<String> = found.collect::<Result<_, _>>()?;
    found.retain(|fault| fault != "ok");
    Ok(found)
}

/// The names of the triggers that are in force.
pub async fn triggers<C: ConnectionTrait>(db: &C) -> Result<HashSet<String>, DbErr> {
    let backend = db.get_database_backend();
    let query = match backend {
        DbBackend::Postgres => {
            "SELECT t.tgname::text FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
             WHERE NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND pg_table_is_visible(c.oid)"
        }
        _ => "SELECT name FROM sqlite_master WHERE type = 'trigger'",
    };
    let rows = db
        .query_all_raw(Statement::from_string(backend, query))
        .await?;
    rows.iter().map(|row| row.try_get_by_index(0)).collect()
}

/// The WAL index of an embedded database; `None` for `PostgreSQL`.
///
/// # Errors
/// [`Error::Unusable`]
pub async fn wal_index(address: &Address) -> Result<Option<WalIndex>, Error> {
    match address {
        Address::Embedded(embedded) => WalIndex::open(embedded).await,
        Address::Shared(_) => Ok(None),
    }
}

/// True if the database notifies other processes of commits.
pub fn has_notices(db: &DatabaseConnection) -> bool {
    db.get_database_backend() == DbBackend::Postgres
}

/// Begins a write transaction. On `SQLite` it locks out other writers immediately.
pub async fn begin(writer: &DatabaseConnection) -> Result<DatabaseTransaction, DbErr> {
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    writer.begin_with_options(options).await
}

/// The most values in statements that are joined.
const JOINED_VALUES: usize = 1_000;

/// Joins statements that return no rows: on `SQLite` to as few as possible, because each one is a change of threads there.
/// `PostgreSQL` prepares one statement at a time.
pub fn joined(backend: DbBackend, statements: Vec<Statement>) -> Vec<Statement> {
    let mut joined: Vec<Statement> = Vec::new();
    for next in statements {
        let values = |one: &Statement| one.values.as_ref().map_or(0, |values| values.0.len());
        match joined.last_mut() {
            Some(last)
                if backend == DbBackend::Sqlite
                    && values(last) + values(&next) <= JOINED_VALUES =>
            {
                last.sql.push_str("; ");
                last.sql.push_str(&next.sql);
                let more = next.values.into_iter().flat_map(|values| values.0);
                last.values
                    .get_or_insert_with(|| Values(Vec::new()))
                    .0
                    .extend(more);
            }
            _ => joined.push(next),
        }
    }
    joined
}

/// True if a statement failed because its connection to a database server was lost, or is being closed by the server.
pub fn is_lost(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return false;
    };
    match error.as_ref() {
        sqlx::Error::Io(_) => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| {
            // admin_shutdown, crash_shutdown, idle_session_timeout; connection exception
            ["57P01", "57P02", "57P05"].contains(&&*code)
                || (code.len() == 5 && code.starts_with("08"))
        }),
        _ => false,
    }
}

/// True if a commit that failed may have been made: no answer arrived, or the database was shutting down.
/// For a full disk and for another writer `SQLite` reports with certainty that the commit was not made.
pub fn is_unsure(error: &DbErr) -> bool {
    let (DbErr::Exec(RuntimeErr::SqlxError(error)) | DbErr::Query(RuntimeErr::SqlxError(error))) =
        error
    else {
        return true;
    };
    let database_error = error.as_database_error();
    match database_error.and_then(sqlx::error::DatabaseError::code) {
        Some(code) if code.len() == 5 => ["08", "57", "58", "XX"]
            .iter()
            .any(|class| code.starts_with(class)),
        Some(code) => code.parse::<u32>().is_ok_and(|code| code & 0xff == IOERR),
        None => true,
    }
}

/// The primary result code `SQLITE_IOERR`.
const IOERR: u32 = 10;

/// True if the error means that a file is no `SQLite` database, or a damaged one.
pub fn is_no_database(error: &DbErr) -> bool {
    driver_error(error)
        .and_then(sqlx::Error::as_database_error)
        .and_then(sqlx::error::DatabaseError::code)
        .and_then(|code| code.parse::<u32>().ok())
        // SQLITE_CORRUPT, SQLITE_NOTADB
        .is_some_and(|code| [11, 26].contains(&(code & 0xff)))
}

/// True for an `SQLite` file.
pub fn is_embedded<C: ConnectionTrait>(db: &C) -> bool {
    db.get_database_backend() == DbBackend::Sqlite
}

/// True if the database is read-only, as a `PostgreSQL` standby is; `None` for `SQLite`, which has no such mode.
pub async fn only_reads<C: ConnectionTrait>(db: &C) -> Result<Option<bool>, DbErr> {
    if db.get_database_backend() != DbBackend::Postgres {
        return Ok(None);
    }
    let query = "SELECT current_setting('transaction_read_only') AS state";
    let query = Statement::from_string(DbBackend::Postgres, query);
    let row = db.query_one_raw(query).await?;
    let state: Option<String> = row.map(|row| row.try_get("", "state")).transpose()?;
    Ok(state.map(|state| state == "on"))
}

/// Checkpoints the WAL of an embedded database into its file, as far as the disk has room.
/// The next writer then overwrites the WAL from its beginning, which needs no more room.
pub async fn tidy<C: ConnectionTrait>(db: &C) {
    if db.get_database_backend() == DbBackend::Sqlite {
        // After a failed checkpoint the content is still valid in the WAL.
        drop(
            db.execute_unprepared("PRAGMA wal_checkpoint(PASSIVE)")
                .await,
        );
    }
}

/// Prepares a transaction for a large number of similar statements; [`end_bulk`] ends that.
pub async fn prepare_bulk<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    tx.execute_unprepared(match tx.get_database_backend() {
        // A generic plan, made while the table was empty, would be used while it grows.
        DbBackend::Postgres => "SET LOCAL plan_cache_mode = force_custom_plan",
        // 64 MB. Pages that do not fit are written to the WAL before the commit, many of them several times.
        _ => "PRAGMA cache_size = -65536",
    })
    .await?;
    Ok(())
}

/// Ends [`prepare_bulk`] before the end of the transaction, after which `SQLite` frees the memory.
pub async fn end_bulk<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Sqlite {
        // 2 MB, the default of `SQLite`.
        tx.execute_unprepared("PRAGMA cache_size = -2000").await?;
    }
    Ok(())
}
