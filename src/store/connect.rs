//! Opening a database. The one place that knows which kind of database it is.

use std::future::Future;
use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection, PgConnection};
use sea_orm::{
    ConnectOptions, ConnectionTrait, Database, DatabaseConnection, DatabaseTransaction, DbBackend,
    DbErr, RuntimeErr, SqliteTransactionMode, Statement, TransactionOptions, TransactionTrait,
};
use tokio::time::{Instant, sleep, timeout};

use super::address::Address;
use super::clock::Clock;
use super::error::Error;
use super::journal::Journal;
use super::migrate;
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
    /// How long followers wait at most until the end of the log is looked for, where nobody wakes them; 0 for as long
    /// as the program thinks right.
    pub poll: Duration,
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
    address: &Address,
    options: &Options,
    renewal: &Arc<Renewal>,
) -> Result<Connections, Error> {
    let unreachable = |error: DbErr| unreachable(&error);
    reach(address).await?;
    let heard = options.on_statement.as_ref();
    let writer = writer(address, heard, renewal).await.map_err(unreachable)?;
    if matches!(address, Address::Embedded(_)) {
        check_version(&writer).await?;
    }
    migrate::up(&writer).await?;
    let readers = if options.readers == 0 {
        8
    } else {
        options.readers
    };
    let reader = connect(address, readers, Access::Read, renewal);
    let mut reader = reader.await.map_err(unreachable)?;
    tell(&mut reader, heard);
    Ok(Connections { writer, reader })
}

/// Opens a connection that writes.
pub async fn writer(
    address: &Address,
    heard: Option<&OnStatement>,
    renewal: &Arc<Renewal>,
) -> Result<DatabaseConnection, DbErr> {
    let mut writer = connect(address, 1, Access::Write, renewal).await?;
    tell(&mut writer, heard);
    Ok(writer)
}

/// Lets somebody hear of every statement.
fn tell(connection: &mut DatabaseConnection, heard: Option<&OnStatement>) {
    if let Some(heard) = heard.map(Arc::clone) {
        connection.set_metric_callback(move |info| heard(&info.statement.sql));
    }
}

/// Opens a database for its migrations alone: one connection, which has no lock yet.
pub async fn unmigrated(address: &Address) -> Result<DatabaseConnection, Error> {
    reach(address).await?;
    connect(address, 1, Access::Tables, &Arc::default())
        .await
        .map_err(|error| unreachable(&error))
}

fn unreachable(error: &DbErr) -> Error {
    Error::Unusable(format!("cannot open the database: {error}"))
}

/// Says in one line why a database cannot be opened, where that can be told beforehand: a pool would only say that
/// it has waited.
async fn reach(address: &Address) -> Result<(), Error> {
    let options = match address {
        Address::Embedded(embedded) => return embedded.check(),
        Address::Shared(options) => options,
    };
    let refused = |why: &str| Error::Unusable(format!("cannot open the database: {address} {why}"));
    let begun = Instant::now();
    let mut connection = loop {
        match timeout(PATIENCE, PgConnection::connect_with(options)).await {
            Ok(Ok(connection)) => break connection,
            // It starts: that passes.
            Ok(Err(sqlx::Error::Database(error)))
                if error.code().as_deref() == Some(STARTING) && begun.elapsed() < PATIENCE =>
            {
                sleep(RETRY).await;
            }
            Ok(Err(sqlx::Error::Database(error))) => {
                return Err(refused(&format!("refuses: {}", error.message())));
            }
            Ok(Err(sqlx::Error::Io(error))) => {
                let why = match error.kind() {
                    std::io::ErrorKind::ConnectionRefused => error.kind().to_string(),
                    _ => error.to_string(),
                };
                return Err(refused(&format!("cannot be reached: {why}")));
            }
            Ok(Err(error)) => return Err(refused(&format!("cannot be used: {error}"))),
            Err(_) => {
                let seconds = PATIENCE.as_secs();
                return Err(refused(&format!(
                    "does not answer within {seconds} seconds"
                )));
            }
        }
    };
    let asked = sqlx::query_scalar("SELECT pg_try_advisory_lock_shared($1)").bind(TABLES_LOCK);
    let is_free: Result<bool, _> = in_time(asked.fetch_one(&mut connection)).await;
    // It ends with the program, or was lost: both are well.
    drop(in_time(connection.close()).await);
    match is_free {
        Ok(true) => Ok(()),
        Ok(false) => Err(refused(
            "has its tables taken back just now by `migrate down`: try again when it has ended",
        )),
        Err(error) => Err(refused(&format!("cannot be used: {error}"))),
    }
}

/// The state of a `PostgreSQL` that starts. Source: `PostgreSQL`, appendix A, `cannot_connect_now`.
const STARTING: &str = "57P03";
/// How long a wait is until something is tried again.
const RETRY: Duration = Duration::from_millis(100);

/// The index of the journal of an embedded database.
pub fn journal(address: &Address) -> Option<Journal> {
    match address {
        Address::Embedded(embedded) => Some(Journal::at(embedded.beside("-shm"))),
        Address::Shared(_) => None,
    }
}

/// What connections are for.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Access {
    Read,
    Write,
    /// Taking tables back.
    Tables,
}

async fn connect(
    address: &Address,
    connections: u32,
    access: Access,
    renewal: &Arc<Renewal>,
) -> Result<DatabaseConnection, DbErr> {
    // The address is not handed over as text: the library writes that to its log.
    let mut connect = ConnectOptions::new(match address {
        Address::Embedded(_) => "sqlite::memory:",
        Address::Shared(_) => "postgres://localhost",
    });
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(PATIENCE)
        .connect_timeout(PATIENCE)
        .sqlx_logging(false);
    match address {
        Address::Embedded(embedded) => {
            let may_be_made = embedded.may_be_made() && access == Access::Write;
            let options = embedded.options().disable_statement_logging();
            connect.map_sqlx_sqlite_opts(move |_| {
                use sea_orm::sqlx::sqlite::{SqliteJournalMode, SqliteSynchronous};
                let sqlite = options
                    .clone()
                    .create_if_missing(may_be_made)
                    .foreign_keys(true)
                    .busy_timeout(Duration::from_secs(10))
                    .row_buffer_size(ROW_BUFFER)
                    .synchronous(SqliteSynchronous::Full);
                if access == Access::Read {
                    sqlite.read_only(true).pragma("query_only", "on")
                } else {
                    sqlite.journal_mode(SqliteJournalMode::Wal)
                }
            });
            if access != Access::Read {
                connect.map_sqlx_sqlite_pool_opts(at_rest);
            }
        }
        Address::Shared(options) => {
            let options = PgConnectOptions::clone(options).disable_statement_logging();
            connect.map_sqlx_postgres_opts(move |_| options.clone());
            let renewal = Arc::clone(renewal);
            connect.map_sqlx_postgres_pool_opts(move |pool| match access {
                Access::Read => renewed(using_tables(pool), &renewal),
                Access::Write => at_rest(using_tables(pool)),
                Access::Tables => at_rest(pool),
            });
        }
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

/// Has each connection say that somebody uses the tables, for as long as it lives.
fn using_tables(pool: PgPoolOptions) -> PgPoolOptions {
    pool.after_connect(|connection, _| {
        Box::pin(async move {
            let asked = format!("{VANISHED}; SELECT pg_advisory_lock_shared({TABLES_LOCK})");
            sqlx::raw_sql(sqlx::AssertSqlSafe(asked))
                .execute(connection)
                .await
                .map(drop)
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

/// Takes the tables for one connection alone; whether nobody uses them. Who has just ended is waited for.
pub async fn lock_tables(db: &DatabaseConnection) -> Result<bool, DbErr> {
    if !has_notices(db) {
        return Ok(true);
    }
    let ask = format!("SELECT pg_try_advisory_lock({TABLES_LOCK}) AS taken");
    let begun = Instant::now();
    loop {
        let asked = Statement::from_string(DbBackend::Postgres, &ask);
        let row = db.query_one_raw(asked).await?;
        let is_ours = row.map(|row| row.try_get("", "taken")).transpose()?;
        if is_ours == Some(true) {
            return Ok(true);
        }
        if begun.elapsed() >= LEAVING {
            return Ok(false);
        }
        sleep(RETRY).await;
    }
}

/// How long a `PostgreSQL` may take to notice that a connection was closed.
const LEAVING: Duration = Duration::from_secs(1);

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
pub async fn listen(address: &Address, mut heard: impl FnMut()) -> Result<(), sqlx::Error> {
    let Address::Shared(options) = address else {
        return Ok(());
    };
    // It is made again whenever it is lost: the lock too, where no other connection is there.
    let pool = using_tables(PgPoolOptions::new())
        .max_connections(1)
        .max_lifetime(None)
        .idle_timeout(None)
        .connect_with(PgConnectOptions::clone(options))
        .await?;
    let mut listener = PgListener::connect_with(&pool).await?;
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
pub const MIGRATION_LOCK: i64 = 0x6379_6d69_6772_6174;
/// Names the lock of all who use the tables, which who takes tables back has alone.
const TABLES_LOCK: i64 = 0x0063_7974_6162_6c65;
/// Names the lock of the node that passes the log on.
const RELAY_LOCK: i64 = 0x0063_7972_656c_6179;

/// How long after its host has vanished a connection that has a lock is noticed to be gone, by its database.
const VANISHED: &str = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 2; SET tcp_user_timeout = '15s'";

/// A connection for a lock that one node has.
pub async fn relay_connection(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    in_time(async {
        let mut connection = PgConnection::connect_with(options).await?;
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
    timeout(PATIENCE, asked)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}
