//! Opening a database: its tables are brought up to date before anybody reads.

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
    let unreachable = |error: DbErr| connect::unreachable(&error);
    connect::reach(address).await?;
    let heard = options.on_statement.as_ref();
    let writer = connect::writer(address, heard, renewal)
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
    connect::tell(&mut reader, heard);
    Ok(Connections { writer, reader })
}
