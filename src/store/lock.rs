//! Locks that keep the nodes of one database apart. A `PostgreSQL` ends each with the connection that has it.

use std::time::Duration;

use sea_orm::sqlx::postgres::{PgConnectOptions, PgPoolOptions};
use sea_orm::sqlx::{self, Connection, PgConnection};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, DbErr, Statement};
use tokio::time::{Instant, sleep};

use super::backend::has_notices;
use super::patience::{RETRY, in_time};

/// Names the lock of the node that brings the tables up to date.
pub const MIGRATION_LOCK: i64 = 0x6379_6d69_6772_6174;
/// Names the lock of all who use the tables, which who takes tables back has alone.
const TABLES_LOCK: i64 = 0x0063_7974_6162_6c65;
/// Names the lock of the node that passes the log on.
const RELAY_LOCK: i64 = 0x0063_7972_656c_6179;

/// How long after its host has vanished a connection that has a lock is noticed to be gone, by its database.
const VANISHED: &str = "SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 5;
    SET tcp_keepalives_count = 2; SET tcp_user_timeout = '15s'";

/// Has each connection say that somebody uses the tables, for as long as it lives.
pub fn using_tables(pool: PgPoolOptions) -> PgPoolOptions {
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

/// Whether nobody has the tables alone.
pub async fn are_tables_free(connection: &mut PgConnection) -> Result<bool, sqlx::Error> {
    let asked = sqlx::query_scalar("SELECT pg_try_advisory_lock_shared($1)").bind(TABLES_LOCK);
    in_time(asked.fetch_one(connection)).await
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
