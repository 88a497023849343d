//! Opening a database. The one place that knows which kind of database it is.

use std::fs::{File, OpenOptions};
use std::future::Future;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use migration::{Migrator, MigratorTrait};
use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::PgListener;
use sea_orm::sqlx::{self, Connection, PgConnection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};

use super::clock::Clock;
use super::error::Error;
use super::journal::Journal;
use super::write::{Renewal, Write};

/// Called with the text of every SQL statement.
pub type OnStatement = Arc<dyn Fn(&str) + Send + Sync>;

/// How a database is opened.
#[derive(Clone, Default)]
pub struct Options {
    /// How many connections read beside each other; 0 for as many as the program thinks right.
    pub readers: u32,
    /// Hears of every SQL statement.
    pub on_statement: Option<OnStatement>,
    /// Tells the time of commits, and which day it is.
    pub clock: Clock,
}

/// The oldest `SQLite` that is safe: earlier ones can corrupt a WAL that is reset under load.
const SQLITE_AT_LEAST: (u32, u32, u32) = (3, 51, 3);

/// How many rows `SQLite` may read ahead of who decodes them: each time it waits, two threads change.
const ROW_BUFFER: usize = 1_000;

/// How long a request waits for a connection before it answers that there is none.
const PATIENCE: Duration = Duration::from_secs(5);

/// The connections of an open database: one that writes, and some that can only read.
pub struct Connections {
    /// Writes; one at a time.
    pub writer: DatabaseConnection,
    /// Reads.
    pub reader: DatabaseConnection,
}

/// Opens a database and brings its tables up to date.
pub async fn open(
    url: &str,
    options: &Options,
    renewal: &Arc<Renewal>,
) -> Result<Connections, Error> {
    check_url(url)?;
    let file = sqlite_file(url);
    let unreachable = |error: DbErr| unreachable(&error);
    let heard = options.on_statement.as_ref();
    let writer = writer(url, heard, renewal).await.map_err(unreachable)?;
    if file.is_some() {
        check_version(&writer).await?;
    }
    migrate(&writer).await?;
    let readers = if options.readers == 0 {
        8
    } else {
        options.readers
    };
    let reader = connect(url, readers, true, renewal);
    let mut reader = reader.await.map_err(unreachable)?;
    tell(&mut reader, heard);
    Ok(Connections { writer, reader })
}

/// Opens a connection that writes.
pub async fn writer(
    url: &str,
    heard: Option<&OnStatement>,
    renewal: &Arc<Renewal>,
) -> Result<DatabaseConnection, DbErr> {
    let mut writer = connect(url, 1, false, renewal).await?;
    tell(&mut writer, heard);
    Ok(writer)
}

/// Lets somebody hear of every statement.
fn tell(connection: &mut DatabaseConnection, heard: Option<&OnStatement>) {
    if let Some(heard) = heard.map(Arc::clone) {
        connection.set_metric_callback(move |info| heard(&info.statement.sql));
    }
}

fn unreachable(error: &DbErr) -> Error {
    Error::Unusable(format!("cannot open the database: {error}"))
}

/// Says in one line why a database cannot be opened, where that can be told beforehand.
fn check_url(url: &str) -> Result<(), Error> {
    match sqlite_file(url) {
        Some(file) => writable(&file),
        None if url.starts_with("postgres://") || url.starts_with("postgresql://") => Ok(()),
        None => {
            let expected = "expected sqlite://FILE or postgres://USER@HOST/DATABASE";
            Err(Error::Unusable(format!(
                "the database URL is not understood: {expected}"
            )))
        }
    }
}

fn sqlite_file(url: &str) -> Option<PathBuf> {
    let path = url
        .strip_prefix("sqlite://")
        .or_else(|| url.strip_prefix("sqlite:"))?;
    let path = path.split('?').next().unwrap_or(path);
    (!path.is_empty() && !path.contains(":memory:")).then(|| PathBuf::from(path))
}

/// The index of the journal of an embedded database.
pub fn journal(url: &str) -> Option<Journal> {
    let mut name = sqlite_file(url)?.into_os_string();
    name.push("-shm");
    Some(Journal::at(name.into()))
}

/// Says in one line why a file cannot be written, where `SQLite` would say only that it cannot.
fn writable(file: &Path) -> Result<(), Error> {
    OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(file)
        .map(drop)
        .map_err(|error| Error::Unusable(format!("cannot write {}: {error}", file.display())))
}

async fn connect(
    url: &str,
    connections: u32,
    read_only: bool,
    renewal: &Arc<Renewal>,
) -> Result<DatabaseConnection, DbErr> {
    let mut connect = ConnectOptions::new(url);
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .sqlx_logging(false);
    connect.map_sqlx_sqlite_opts(move |sqlite| {
        use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
        let sqlite = sqlite
            .foreign_keys(true)
            .busy_timeout(Duration::from_secs(10))
            .row_buffer_size(ROW_BUFFER)
            .synchronous(SqliteSynchronous::Full);
        if read_only {
            sqlite.read_only(true).pragma("query_only", "on")
        } else {
            sqlite.journal_mode(SqliteJournalMode::Wal)
        }
    });
    let renewal = Arc::clone(renewal);
    if read_only {
        connect.map_sqlx_postgres_pool_opts(move |pool| renewed(pool, &renewal));
    } else {
        connect.map_sqlx_sqlite_pool_opts(at_rest);
        connect.map_sqlx_postgres_pool_opts(at_rest);
    }
    Database::connect(connect).await
}

/// Keeps a connection only where no transaction is left on it. A rollback that fails leaves one, and so does what a
/// database ended by itself.
fn at_rest<DB: sqlx::Database>(pool: PoolOptions<DB>) -> PoolOptions<DB> {
    pool.after_release(|connection, _| {
        Box::pin(async move {
            // Carries out what was asked of it and not waited for: the rollback.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

/// Uses only connections that were opened since they had to be new.
fn renewed<DB: sqlx::Database>(pool: PoolOptions<DB>, renewal: &Arc<Renewal>) -> PoolOptions<DB> {
    let renewal = Arc::clone(renewal);
    pool.before_acquire(move |_, seen| {
        let is_allowed = renewal.allows(seen.age);
        Box::pin(std::future::ready(Ok(is_allowed)))
    })
}

async fn check_version(db: &DatabaseConnection) -> Result<(), Error> {
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

fn unprepared(error: &DbErr) -> Error {
    Error::Unusable(format!("cannot prepare the database: {error}"))
}

/// Applies what is missing; refuses a database that a newer program made.
async fn migrate(db: &DatabaseConnection) -> Result<(), Error> {
    if is_current(db).await {
        return Ok(());
    }
    let is_shared = has_notices(db);
    let locked = |lock: &str| format!("SELECT {lock}({MIGRATION_LOCK})");
    if is_shared {
        // Two nodes that begin at once do it one after the other.
        let lock = locked("pg_advisory_lock");
        let taken = db.execute_unprepared(&lock).await;
        taken.map_err(|error| unprepared(&error))?;
    }
    let migrated = async {
        applied(db).await?;
        let done = Migrator::up(db, None).await;
        done.map_err(|error| unprepared(&error))
    };
    let migrated = migrated.await;
    if is_shared {
        let unlock = locked("pg_advisory_unlock");
        let given = db.execute_unprepared(&unlock).await;
        given.map_err(|error| unprepared(&error))?;
    }
    migrated
}

/// Whether all that this program knows was applied, and nothing else: found without a write, which a database that
/// only reads would refuse.
async fn is_current(db: &DatabaseConnection) -> bool {
    let asked = Statement::from_string(
        db.get_database_backend(),
        "SELECT version FROM seaql_migrations ORDER BY version",
    );
    let found = db.query_all_raw(asked).await;
    let applied: Result<Vec<String>, DbErr> = found.and_then(|rows| {
        let versions = rows.iter().map(|row| row.try_get("", "version"));
        versions.collect()
    });
    let mut known = known();
    known.sort_unstable();
    applied.is_ok_and(|applied| applied == known)
}

/// The migrations that were applied, all of which this program knows.
async fn applied(db: &DatabaseConnection) -> Result<Vec<String>, Error> {
    let failed = |error: DbErr| unprepared(&error);
    Migrator::install(db).await.map_err(failed)?;
    let known: Vec<String> = known();
    let applied = Migrator::get_migration_models(db).await.map_err(failed)?;
    let applied: Vec<String> = applied.into_iter().map(|one| one.version).collect();
    if let Some(newer) = applied.iter().find(|one| !known.contains(one)) {
        let message =
            format!("the database was made by a newer version of this program: it has {newer}");
        return Err(Error::Unusable(message));
    }
    Ok(applied)
}

fn known() -> Vec<String> {
    let migrations = Migrator::migrations();
    migrations.iter().map(|one| one.name().to_owned()).collect()
}

async fn unmigrated(url: &str) -> Result<DatabaseConnection, Error> {
    check_url(url)?;
    writer(url, None, &Arc::default())
        .await
        .map_err(|error| unreachable(&error))
}

/// Every migration that this program knows, in order, and whether it was applied.
///
/// # Errors
/// [`Error::Unusable`]
pub async fn migrations(url: &str) -> Result<Vec<(String, bool)>, Error> {
    let db = unmigrated(url).await?;
    let applied = applied(&db).await?;
    let known = known().into_iter();
    Ok(known
        .map(|name| {
            let is_applied = applied.contains(&name);
            (name, is_applied)
        })
        .collect())
}

/// Takes back the last migrations, with all that is kept in what they made: so many, or all.
///
/// # Errors
/// [`Error::Unusable`]
pub async fn revert(url: &str, steps: Option<u32>) -> Result<(), Error> {
    let db = unmigrated(url).await?;
    applied(&db).await?;
    Migrator::down(&db, steps)
        .await
        .map_err(|error| unprepared(&error))
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
    match error.as_database_error().and_then(|error| error.code()) {
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
pub async fn prepare_bulk(tx: &Write<'_>) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        // Plans made for an empty table would be kept while it grows.
        tx.execute_unprepared("SET LOCAL plan_cache_mode = force_custom_plan")
            .await?;
    }
    Ok(())
}

/// The channel on which a `PostgreSQL` tells other nodes that there may be something new.
const CHANNEL: &str = "cyberprofiles";

/// Connections to a database.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// Those that are open.
    pub open: u64,
    /// Those of them that are not in use.
    pub idle: u64,
}

/// How many connections there are.
pub fn pool(db: &DatabaseConnection) -> Pool {
    let (open, idle) = if has_notices(db) {
        let pool = db.get_postgres_connection_pool();
        (pool.size(), pool.num_idle())
    } else {
        let pool = db.get_sqlite_connection_pool();
        (pool.size(), pool.num_idle())
    };
    Pool {
        open: open.into(),
        idle: u64::try_from(idle).unwrap_or(u64::MAX),
    }
}

/// Whether a database tells other processes of commits.
pub fn has_notices(db: &DatabaseConnection) -> bool {
    db.get_database_backend() == DbBackend::Postgres
}

/// Tells other processes of a commit once it is made, where the database can.
pub async fn notify(tx: &Write<'_>) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("NOTIFY {CHANNEL}")).await?;
    }
    Ok(())
}

/// Hears what other processes tell, until the database is away: also that something may have been missed.
pub async fn listen(url: &str, mut heard: impl FnMut()) -> Result<(), sqlx::Error> {
    let mut listener = PgListener::connect(url).await?;
    listener.eager_reconnect(false);
    listener.listen(CHANNEL).await?;
    loop {
        heard();
        if listener.try_recv().await?.is_none() {
            // Its connection was lost. It is opened again with the next call.
            tracing::warn!("the notices of the database were cut");
        }
    }
}

/// Names the lock of the node that brings the tables up to date.
const MIGRATION_LOCK: i64 = 0x6379_6d69_6772_6174;
/// Names the lock of the node that passes the log on.
const RELAY_LOCK: i64 = 0x0063_7972_656c_6179;

/// How long after its host has vanished a connection that has a lock is noticed to be gone, by its database.
const VANISHED: &str = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 2; SET tcp_user_timeout = '15s'";

/// A connection for a lock that one node has.
pub async fn relay_connection(url: &str) -> Result<PgConnection, sqlx::Error> {
    in_time(async {
        let mut connection = PgConnection::connect(url).await?;
        sqlx::raw_sql(VANISHED).execute(&mut connection).await?;
        Ok(connection)
    })
    .await
}

/// Takes the lock, for as long as the connection lives; whether no other has it.
pub async fn lock_relay(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let asked = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(RELAY_LOCK);
    in_time(asked.fetch_one(connection)).await
}

/// Whether a connection, and so its lock, is still there; the lock of a database that only reads keeps nobody away
/// from the one that took its place.
pub async fn check(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let asked = sqlx::query_scalar("SELECT current_setting('transaction_read_only')");
    let state: String = in_time(asked.fetch_one(connection)).await?;
    if state == "on" {
        return Err(sqlx::Error::Protocol("the database only reads".to_owned()));
    }
    Ok(())
}

async fn in_time<T>(asked: impl Future<Output = Result<T, sqlx::Error>>) -> Result<T, sqlx::Error> {
    tokio::time::timeout(PATIENCE, asked)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}

/// Keeps a second server away from an embedded database for as long as the answer lives; `None` where
/// the database serves many.
///
/// # Errors
/// [`Error::Unusable`] while another server has it.
pub fn claim(url: &str) -> Result<Option<File>, Error> {
    let Some(file) = sqlite_file(url) else {
        return Ok(None);
    };
    writable(&file)?;
    let unusable = |error: &dyn std::fmt::Display| {
        Error::Unusable(format!("cannot write beside {}: {error}", file.display()))
    };
    // Whatever way the file is named, the lock lies beside it.
    let mut name = std::fs::canonicalize(&file)
        .map_err(|error| unusable(&error))?
        .into_os_string();
    name.push(".lock");
    let lock = OpenOptions::new()
        .create(true)
        .truncate(false)
        .write(true)
        .open(PathBuf::from(name))
        .map_err(|error| unusable(&error))?;
    match lock.try_lock() {
        Ok(()) => Ok(Some(lock)),
        Err(std::fs::TryLockError::WouldBlock) => Err(Error::Unusable(format!(
            "another server is using {}: stop it first, or use another database",
            file.display()
        ))),
        Err(std::fs::TryLockError::Error(error)) => Err(unusable(&error)),
    }
}
