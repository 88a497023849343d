//! Opens a database. Applies migrations before anything else reads.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{DatabaseConnection, DbErr};

use super::address::Address;
use super::backend::check_version;
use super::clock::Clock;
use super::connect::{self, Access, OnStatement, connect};
use super::error::Error;
use super::migrate;
use super::renewal::Renewal;

/// Options for opening a database.
#[derive(Clone, Default)]
pub struct Options {
    /// The number of connections for reading; 0 for the default, 8.
    pub readers: u32,
    /// Callback that receives every SQL statement.
    pub on_statement: Option<OnStatement>,
    /// Returns the time of commits and the current day.
    pub clock: Clock,
    /// The interval at which followers look for new changes if no wake-up arrives; 0 for the default, 1 second.
    pub poll: Duration,
}

/// The connections of an open database.
pub struct Connections {
    /// One connection that writes.
    pub writer: DatabaseConnection,
    /// A pool of connections that can only read.
    pub reader: DatabaseConnection,
}

/// Opens a database and applies missing migrations.
pub async fn open(
    address: &Address,
    options: &Options,
    renewal: &Arc<Renewal>,
) -> Result<Connections, Error> {
    let unreachable = |error: DbErr| connect::unreachable(&error);
    connect::reach(address).await?;
    let on_statement = options.on_statement.as_ref();
    let writer = connect::writer(address, on_statement, renewal)
        .await
        .map_err(unreachable)?;
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
    connect::report_statements(&mut reader, on_statement);
    Ok(Connections { writer, reader })
}
