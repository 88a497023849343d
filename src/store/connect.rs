//! Opens connections to a database: for reading, for writing, and for migrations.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::sqlx::pool::PoolOptions;
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{self, ConnectOptions as _, Connection, PgConnection};
use sea_orm::{ConnectOptions, Database, DatabaseConnection, DbErr};
use tokio::time::{Instant, sleep, timeout};

use super::address::Address;
use super::backend::has_notices;
use super::error::Error;
use super::lock;
use super::renewal::Renewal;
use super::time_limit::{CONNECT_TIMEOUT, RETRY_DELAY, in_time};

/// Callback that receives the text of every SQL statement.
pub type OnStatement = Arc<dyn Fn(&str) + Send + Sync>;

/// The most rows that `SQLite` may read ahead of decoding. Each wait on a full buffer costs two thread switches.
const ROW_BUFFER: usize = 1_000;

/// Opens the connection that writes.
pub async fn writer(
    address: &Address,
    on_statement: Option<&OnStatement>,
    renewal: &Arc<Renewal>,
) -> Result<DatabaseConnection, DbErr> {
    let mut writer = connect(address, 1, Access::Write, renewal).await?;
    report_statements(&mut writer, on_statement);
    Ok(writer)
}

/// Calls `heard` with every statement of a connection.
pub fn report_statements(connection: &mut DatabaseConnection, on_statement: Option<&OnStatement>) {
    if let Some(on_statement) = on_statement.map(Arc::clone) {
        connection.set_metric_callback(move |info| on_statement(&info.statement.sql));
    }
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

/// Checks that a database can be opened, and explains in one line why not. A connection pool would report only that it
/// timed out.
pub async fn reach(address: &Address) -> Result<(), Error> {
    let options = match address {
        Address::Embedded(embedded) => return embedded.check(),
        Address::Shared(options) => options,
    };
    let refused = |why: &str| Error::Unusable(format!("cannot open the database: {address} {why}"));
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
                let seconds = CONNECT_TIMEOUT.as_secs();
                return Err(refused(&format!(
                    "does not answer within {seconds} seconds"
                )));
            }
        }
    };
    let is_free = lock::are_tables_free(&mut connection).await;
    // A failed close is harmless: the connection is lost, or ends with the program.
    drop(in_time(connection.close()).await);
    match is_free {
        Ok(true) => Ok(()),
        Ok(false) => Err(refused(
            "is being reverted by `migrate down`: try again when that has ended",
        )),
        Err(error) => Err(refused(&format!("cannot be used: {error}"))),
    }
}

/// The state of a `PostgreSQL` server that is starting up. Source: `PostgreSQL`, appendix A, `cannot_connect_now`.
const STARTING: &str = "57P03";

/// The purpose of a connection.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Reading only.
    Read,
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
                Access::Read => renewed(lock::using_tables(pool), &renewal),
                Access::Write => at_rest(lock::using_tables(pool)),
                Access::Tables => at_rest(pool),
            });
        }
    }
    Database::connect(connect).await
}

/// Returns a connection to the pool only if no transaction is open on it. A rollback that fails leaves one open, and
/// so does a transaction that the database ended by itself.
fn at_rest<DB: sqlx::Database>(pool: PoolOptions<DB>) -> PoolOptions<DB> {
    pool.after_release(|connection, _| {
        Box::pin(async move {
            // Executes the rollback that was queued when the transaction was dropped.
            connection.ping().await?;
            Ok(!connection.is_in_transaction())
        })
    })
}

/// Makes a pool refuse connections that were opened before the last renewal.
fn renewed<DB: sqlx::Database>(pool: PoolOptions<DB>, renewal: &Arc<Renewal>) -> PoolOptions<DB> {
    let renewal = Arc::clone(renewal);
    pool.before_acquire(move |_, seen| {
        let is_allowed = renewal.allows(seen.age);
        Box::pin(std::future::ready(Ok(is_allowed)))
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
