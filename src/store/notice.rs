//! Notices between the instances that share a `PostgreSQL` database: there may be something new.

use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, sqlx};

use super::address::Address;
use super::lock::using_tables;

/// The `PostgreSQL` channel of the notices.
const CHANNEL: &str = "cyberprofiles";

/// Notifies other processes of a commit, as part of it. Does nothing on `SQLite`.
pub async fn notify<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
    if tx.get_database_backend() == DbBackend::Postgres {
        tx.execute_unprepared(&format!("NOTIFY {CHANNEL}")).await?;
    }
    Ok(())
}

/// Calls `on_notice` for each notice of another process, and after each connect because notices may have been missed.
/// Returns when the database is away.
pub async fn listen(address: &Address, mut on_notice: impl FnMut()) -> Result<(), sqlx::Error> {
    let Address::Shared(options) = address else {
        return Ok(());
    };
    // This connection may be the only one and is opened again after a loss, so it takes the lock on the tables, too.
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
        on_notice();
        if listener.try_recv().await?.is_none() {
            // The connection was lost; the next call opens another. Notices may have been missed.
            tracing::warn!("the notices of the database were cut");
        }
    }
}
