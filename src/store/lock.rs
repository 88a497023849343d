//! Advisory locks between the instances that share a `PostgreSQL` database. The server releases a lock when the
//! connection that holds it ends.

use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::{self, Connection, PgConnection};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::time::{Instant, sleep};

use super::backend::has_notices;
use super::error::Error;
use super::relay::Duty;
use super::time_limit::{RETRY_DELAY, in_time};

/// The key of the lock for applying migrations.
pub const MIGRATION_LOCK: i64 = 0x6379_6d69_6772_6174;
/// The key of the lock on the tables: shared by all instances, exclusive for commands that replace all tables.
const TABLES_LOCK: i64 = 0x0063_7974_6162_6c65;
/// The key of the lock for the instance that relays the log.
const RELAY_LOCK: i64 = 0x0063_7972_656c_6179;
/// The key of the lock for the instance that posts to webhooks.
const WEBHOOKS_LOCK: i64 = 0x6379_7765_6268_6f6f;

/// Settings with which the server notices within about 15 seconds that the host of a connection has vanished.
const KEEPALIVE: &str = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 2; SET tcp_user_timeout = '15s'";

/// Makes each connection of a pool hold a shared lock on the tables for its lifetime.
pub fn using_tables(pool: PgPoolOptions) -> PgPoolOptions {
    pool.after_connect(|connection, _| {
        Box::pin(async move {
            let query = format!("{KEEPALIVE}; SELECT pg_advisory_lock_shared({TABLES_LOCK})");
            sqlx::raw_sql(sqlx::AssertSqlSafe(query))
                .execute(connection)
                .await
                .map(drop)
        })
    })
}

/// True if no process holds the tables exclusively. Waits up to `UNLOCK_TIMEOUT` for a connection that is just closing.
pub async fn are_tables_free(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let begun = Instant::now();
    loop {
        let query = sqlx::query_scalar("SELECT pg_try_advisory_lock_shared($1)").bind(TABLES_LOCK);
        if in_time(query.fetch_one(&mut *connection)).await? {
            return Ok(true);
        }
        if begun.elapsed() >= UNLOCK_TIMEOUT {
            return Ok(false);
        }
        sleep(RETRY_DELAY).await;
    }
}

/// Takes the exclusive lock on the tables; true if no one else uses them. Waits up to `UNLOCK_TIMEOUT` for connections
/// that are just closing.
async fn lock_tables(db: &DatabaseConnection) -> Result<bool, DbErr> {
    if !has_notices(db) {
        return Ok(true);
    }
    let ask = format!("SELECT pg_try_advisory_lock({TABLES_LOCK}) AS taken");
    let begun = Instant::now();
    loop {
        let query = Statement::from_string(DbBackend::Postgres, &ask);
        let row = db.query_one_raw(query).await?;
        let is_ours = row.map(|row| row.try_get("", "taken")).transpose()?;
        if is_ours == Some(true) {
            return Ok(true);
        }
        if begun.elapsed() >= UNLOCK_TIMEOUT {
            return Ok(false);
        }
        sleep(RETRY_DELAY).await;
    }
}

/// Takes the exclusive lock on the tables.
///
/// # Errors
/// [`Error::Unusable`] if another process uses the database.
pub async fn lock_tables_alone(db: &DatabaseConnection) -> Result<(), Error> {
    if lock_tables(db).await? {
        return Ok(());
    }
    let message = "a server or a command is using the database: stop all of them first";
    Err(Error::Unusable(message.to_owned()))
}

/// The time within which a `PostgreSQL` server notices that a connection was closed.
const UNLOCK_TIMEOUT: Duration = Duration::from_secs(1);

/// Opens the connection that will hold the lock of a duty.
pub async fn duty_connection(options: &PgConnectOptions) -> Result<PgConnection, sqlx::Error> {
    in_time(async {
        let mut connection = PgConnection::connect_with(options).await?;
        sqlx::raw_sql(KEEPALIVE).execute(&mut connection).await?;
        Ok(connection)
    })
    .await
}

/// Takes the lock of a duty for the lifetime of the connection; true if no other connection has it.
pub async fn lock_duty(connection: &mut PgConnection, duty: Duty) -> Result<bool, sqlx::Error> {
    let key = match duty {
        Duty::Relay => RELAY_LOCK,
        Duty::Webhooks => WEBHOOKS_LOCK,
    };
    let query = sqlx::query_scalar("SELECT pg_try_advisory_lock($1)").bind(key);
    in_time(query.fetch_one(connection)).await
}

/// Checks that the connection, and with it the lock, is alive.
/// Fails on a read-only database: its lock does not exclude instances on the primary that replaced it.
pub async fn check(connection: &mut PgConnection) -> Result<(), sqlx::Error> {
    let query = sqlx::query_scalar("SELECT current_setting('transaction_read_only')");
    let state: String = in_time(query.fetch_one(connection)).await?;
    if state == "on" {
        return Err(sqlx::Error::Protocol(
            "the database is read-only".to_owned(),
        ));
    }
    Ok(())
}
