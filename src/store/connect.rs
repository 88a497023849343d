//! Opens connections to a database: for reading, for writing, and for migrations.

use std::io::ErrorKind;
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures_util::future::BoxFuture;
use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::sqlite::{SqliteConnectOptions, SqliteJournalMode, SqliteSynchronous};
use sea_orm::sqlx::{self, ConnectOptions as _, Connection, PgConnection, SqliteConnection};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use tokio::time::{Instant, sleep, timeout};

use super::address::{Address, Embedded};
use super::backend::has_notices;
use super::error::Error;
use super::lock;
use super::renewal::Renewal;
use super::time_limit::{CONNECT_TIMEOUT, RETRY_DELAY, in_time};

/// Callback that receives the text of every SQL statement.
pub type OnStatement = Arc<dyn Fn(&str) + Send + Sync>;

/// The most rows that `SQLite` may read ahead of decoding. Each wait on a full buffer costs two thread switches.
const ROW_BUFFER: usize = 1_000;
/// Time that a statement waits for the lock of another process on an `SQLite` file.
const BUSY_TIMEOUT: Duration = Duration::from_secs(10);

/// The page cache of a connection that reads an `SQLite` file: 512 KiB. The system caches the pages of the file, too.
const READER_CACHE: &str = "-512";
/// The most prepared statements of a connection that reads an `SQLite` file. Each takes some 15 KiB.
const READER_STATEMENTS: usize = 40;

/// The time after whose end a connection to a database server is checked before it is used again: each check is a round
/// trip. A read, or the beginning of a write, whose connection was lost within it is tried again.
const TRUSTED_TIME: Duration = Duration::from_millis(50);

/// Opens the connection that writes.
pub async fn writer(
    address: &Address,
    on_statement: &OnStatement,
    renewal: &Arc<Renewal>,
) -> Result<DatabaseConnection, DbErr> {
    let mut writer = connect(address, 1, Access::Write, renewal).await?;
    report_statements(&mut writer, on_statement);
    Ok(writer)
}

/// Calls `on_statement` with every statement of a connection.
pub fn report_statements(connection: &mut DatabaseConnection, on_statement: &OnStatement) {
    let on_statement = Arc::clone(on_statement);
    connection.set_metric_callback(move |info| on_statement(&info.statement.sql));
}

/// Opens one connection for migrations. It does not hold the lock on the tables.
pub async fn unmigrated(address: &Address) -> Result<DatabaseConnection, Error> {
    reach(address).await?;
    connect(address, 1, Access::Tables, &Arc::default())
        .await
        .map_err(|error| unreachable(&error))
}

/// The error of a database that cannot be opened.
pub fn unreachable(error: &DbErr) -> Error {
    Error::Unusable(format!("cannot open the database: {error}"))
}

/// The cause for which a database server cannot be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectCause {
    /// Nothing listens at host and port, or at the path of the socket.
    Refused,
    /// The host has no address.
    NameNotFound,
    /// No answer in time.
    Timeout,
    /// The user or the password is not accepted.
    Login,
    /// There is no database of that name.
    NoDatabase,
    /// The connection cannot be encrypted, or the certificate is not valid.
    Tls,
    /// A command uses the database alone.
    Exclusive,
    /// Another cause.
    Other,
}

/// A database server that cannot be used.
#[derive(Clone, Debug)]
pub struct NotConnected {
    /// The cause.
    pub cause: ConnectCause,
    /// One sentence with host, port and cause.
    pub message: String,
}

impl From<NotConnected> for Error {
    fn from(error: NotConnected) -> Self {
        Self::Unusable(format!("cannot open the database: {}", error.message))
    }
}

/// Checks that a database can be opened, and explains in one line why not. A connection pool would report only that it
/// timed out.
pub async fn reach(address: &Address) -> Result<(), Error> {
    match address {
        Address::Embedded(embedded) => embedded.check(),
        Address::Shared(options) => Ok(answering(address, options).await?),
    }
}

/// Checks that a database server can be used.
pub async fn answering(address: &Address, options: &PgConnectOptions) -> Result<(), NotConnected> {
    let refused = |cause: ConnectCause, why: &str| NotConnected {
        cause,
        message: format!("{address} {why}"),
    };
    let begun = Instant::now();
    let mut connection = loop {
        match timeout(CONNECT_TIMEOUT, PgConnection::connect_with(options)).await {
            Ok(Ok(connection)) => break connection,
            // The server is starting up: try again.
            Ok(Err(sqlx::Error::Database(error)))
                if error.code().as_deref() == Some(STARTING)
                    && begun.elapsed() < CONNECT_TIMEOUT =>
            {
                sleep(RETRY_DELAY).await;
            }
            Ok(Err(error)) => {
                let (cause, why) = cause(&error);
                return Err(refused(cause, &why));
            }
            Err(_) => {
                let seconds = CONNECT_TIMEOUT.as_secs();
                let why = format!("does not answer within {seconds} seconds");
                return Err(refused(ConnectCause::Timeout, &why));
            }
        }
    };
    let is_free = lock::are_tables_free(&mut connection).await;
    // A failed close is harmless: the connection is lost, or ends with the program.
    drop(in_time(connection.close()).await);
    match is_free {
        Ok(true) => Ok(()),
        Ok(false) => Err(refused(
            ConnectCause::Exclusive,
            "is being reverted, restored or moved by a command: try again when that has ended",
        )),
        Err(error) => Err(refused(
            ConnectCause::Other,
            &format!("cannot be used: {error}"),
        )),
    }
}

/// The cause of a failed connection, and the end of its sentence.
fn cause(error: &sqlx::Error) -> (ConnectCause, String) {
    match error {
        sqlx::Error::Database(error) => {
            let cause = match error.code().as_deref() {
                Some("28P01" | "28000") => ConnectCause::Login,
                Some("3D000") => ConnectCause::NoDatabase,
                _ => ConnectCause::Other,
            };
            (cause, format!("refuses: {}", error.message()))
        }
        sqlx::Error::Io(error) => {
            let text = error.to_string();
            let (cause, why) = match error.kind() {
                ErrorKind::ConnectionRefused => (ConnectCause::Refused, error.kind().to_string()),
                ErrorKind::NotFound => (ConnectCause::Refused, text),
                ErrorKind::TimedOut => (ConnectCause::Timeout, text),
                // The standard library has no kind for names that are not found.
                _ if text.contains("lookup") => (ConnectCause::NameNotFound, text),
                _ => (ConnectCause::Other, text),
            };
            (cause, format!("cannot be reached: {why}"))
        }
        sqlx::Error::Tls(_) => (ConnectCause::Tls, format!("cannot be used: {error}")),
        error => (ConnectCause::Other, format!("cannot be used: {error}")),
    }
}

/// The state of a `PostgreSQL` server that is starting up. Source: `PostgreSQL`, appendix A, `cannot_connect_now`.
const STARTING: &str = "57P03";

/// The purpose of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading only.
    Read,
    /// Reading one snapshot of an `SQLite` file into another file, which `VACUUM INTO` counts as a write.
    Snapshot,
    /// Writing.
    Write,
    /// Listing or reverting migrations.
    Tables,
}

/// Opens a pool of connections for one purpose. At least one connection is opened at once.
pub async fn connect(
    address: &Address,
    connections: u32,
    access: Access,
    renewal: &Arc<Renewal>,
) -> Result<DatabaseConnection, DbErr> {
    // The address is not passed as text, because the library would log it.
    let mut connect = ConnectOptions::new(match address {
        Address::Embedded(_) => "sqlite::memory:",
        Address::Shared(_) => "postgres://localhost",
    });
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(CONNECT_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .sqlx_logging(false);
    match address {
        Address::Embedded(embedded) => {
            let may_be_made = embedded.may_be_made() && access == Access::Write;
            connect.test_before_acquire(false);
            let options = embedded.options().disable_statement_logging();
            connect.map_sqlx_sqlite_opts(move |_| {
                let sqlite = options
                    .clone()
                    .create_if_missing(may_be_made)
                    .foreign_keys(true)
                    .busy_timeout(BUSY_TIMEOUT)
                    .row_buffer_size(ROW_BUFFER)
                    .synchronous(SqliteSynchronous::Full);
                match access {
                    Access::Read => sqlite
                        .read_only(true)
                        .pragma("query_only", "on")
                        .pragma("cache_size", READER_CACHE)
                        .statement_cache_capacity(READER_STATEMENTS),
                    Access::Snapshot => sqlite.read_only(true),
                    Access::Write | Access::Tables => sqlite.journal_mode(SqliteJournalMode::Wal),
                }
            });
            if access != Access::Read {
                connect.map_sqlx_sqlite_pool_opts(at_rest);
            }
        }
        Address::Shared(options) => {
            let options = PgConnectOptions::clone(options).disable_statement_logging();
            connect.map_sqlx_postgres_opts(move |_| options.clone());
            connect.test_before_acquire_if_idle_for(TRUSTED_TIME);
            if matches!(access, Access::Read | Access::Snapshot) {
                let renewal = Arc::clone(renewal);
                connect.map_sqlx_postgres_before_acquire(move |_, seen| {
                    let is_allowed = renewal.allows(seen.age);
                    Box::pin(std::future::ready(Ok(is_allowed)))
                });
            }
            connect.map_sqlx_postgres_pool_opts(move |pool| match access {
                Access::Read | Access::Snapshot => lock::using_tables(pool),
                Access::Write => at_rest(lock::using_tables(pool)),
                Access::Tables => at_rest(pool),
            });
        }
    }
    Database::connect(connect).await
}

/// Opens a connection for reading to an `SQLite` file, outside of any pool: it is never closed for its age.
pub async fn keeper(embedded: &Embedded) -> Result<SqliteConnection, sqlx::Error> {
    let options = embedded.options().disable_statement_logging();
    let options = options.create_if_missing(false).read_only(true);
    options.busy_timeout(BUSY_TIMEOUT).connect().await
}

/// Checks a connection that was just opened, before it is used.
pub type OnConnect =
    Arc<dyn Fn(&mut PgConnection) -> BoxFuture<'_, Result<(), sqlx::Error>> + Send + Sync>;

/// Opens a pool of connections to a replica, for reading. `check` may refuse each of them. They hold no lock on the tables:
/// locks of a replica are its own, and those of its primary protect its tables too.
pub async fn replica(
    options: &PgConnectOptions,
    connections: u32,
    check: OnConnect,
) -> Result<DatabaseConnection, DbErr> {
    let mut connect = ConnectOptions::new("postgres://localhost");
    connect
        .max_connections(connections)
        .min_connections(1)
        .acquire_timeout(CONNECT_TIMEOUT)
        .connect_timeout(CONNECT_TIMEOUT)
        .test_before_acquire_if_idle_for(TRUSTED_TIME)
        .sqlx_logging(false);
    let options = PgConnectOptions::clone(options).disable_statement_logging();
    connect.map_sqlx_postgres_opts(move |_| options.clone());
    connect.map_sqlx_postgres_pool_opts(move |pool| {
        let check = Arc::clone(&check);
        pool.after_connect(move |connection, _| check(connection))
    });
    Database::connect(connect).await
}

/// Opens an `SQLite` file that no process changes, for reading.
pub async fn unchanging_file(path: &Path) -> Result<DatabaseConnection, DbErr> {
    file(path, |options| options.read_only(true).immutable(true)).await
}

/// Opens an `SQLite` file that only this process knows, for writing. A crash may leave it incomplete: the caller uses it
/// only when all is done, and synchronizes it with the disk.
pub async fn new_file(path: &Path) -> Result<DatabaseConnection, DbErr> {
    file(path, |options| {
        options
            .foreign_keys(true)
            .journal_mode(SqliteJournalMode::Memory)
            .synchronous(SqliteSynchronous::Off)
    })
    .await
}

async fn file(
    path: &Path,
    open: fn(SqliteConnectOptions) -> SqliteConnectOptions,
) -> Result<DatabaseConnection, DbErr> {
    let mut connect = ConnectOptions::new("sqlite::memory:");
    connect
        .max_connections(1)
        .min_connections(1)
        .sqlx_logging(false);
    let path = path.to_owned();
    connect.map_sqlx_sqlite_opts(move |_| {
        let options = SqliteConnectOptions::new().filename(&path);
        open(
            options
                .row_buffer_size(ROW_BUFFER)
                .disable_statement_logging(),
        )
    });
    Database::connect(connect).await
}

/// Returns a connection to the pool only if no transaction is open on it. A rollback that fails leaves one open, and
/// so does a transaction that the database ended by itself.
fn at_rest<DB: sqlx::Database>(pool: PoolOptions<DB>) -> PoolOptions<DB> {
    pool.after_release(|connection, _| {
        Box::pin(async move {
            if connection.is_in_transaction() {
                // Executes the rollback that was queued when the transaction was dropped.
                connection.ping().await?;
            }
            Ok(!connection.is_in_transaction())
        })
    })
}

/// Usage of a connection pool.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    /// The number of open connections.
    pub open: u64,
    /// The number of open connections that are not in use.
    pub idle: u64,
}

/// Returns the usage of a connection pool.
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
