//! Notices between the nodes of one database: that there may be something new.

use sea_orm::sqlx::postgres::{PgConnectOptions, PgListener, PgPoolOptions};
use sea_orm::{ConnectionTrait, DbBackend, DbErr, sqlx};

use super::address::Address;
use super::lock::using_tables;

/// The channel on which a `PostgreSQL` tells other nodes that there may be something new.
const CHANNEL: &str = "cyberprofiles";

/// Tells other processes of a commit once it is made, where the database can.
pub async fn notify<C: ConnectionTrait>(tx: &C) -> Result<(), DbErr> {
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
