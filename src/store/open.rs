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
use super::usage::StatementCounters;

/// Options for opening a database.
#[derive(Clone, Default)]
pub struct Options {
    /// The number of connections for reading, from the database and from its replica each; 0 for the default: 4 to an
    /// `SQLite` file, where each has memory and a thread of this process, and 8 to a server.
    pub readers: u32,
    /// The URL of a streaming replica to read from. It may be away, also while the database is opened.
    pub replica: Option<String>,
    /// The age up to which a known head of the log may be used for a read that allows it.
    pub max_staleness: Duration,
    /// Callback that receives every SQL statement.
    pub on_statement: Option<OnStatement>,
    /// Returns the time of commits and the current day.
    pub clock: Clock,
    /// The interval at which followers look for new changes if no wake-up arrives; 0 for the default, 1 second.
    pub poll: Duration,
    /// True to change nothing while opening: a database that lacks a migration is refused.
    pub changes_nothing: bool,
}

impl Options {
    /// The number of connections for reading from an address.
    pub(super) fn readers(&self, address: &Address) -> u32 {
        match (self.readers, address) {
            (0, Address::Embedded(_)) => 4,
            (0, Address::Shared(_)) => 8,
            (readers, _) => readers,
        }
    }
}

/// The connections of an open database.
pub struct Connections {
    /// One connection that writes.
    pub writer: DatabaseConnection,
    /// A pool of connections that can only read.
    pub reader: DatabaseConnection,
    /// Callback of later connections that write.
    pub of_writer: OnStatement,
}

/// Opens a database and applies missing migrations.
pub async fn open(
    address: &Address,
    options: &Options,
    statements: &StatementCounters,
    renewal: &Arc<Renewal>,
) -> Result<Connections, Error> {
    let unreachable = |error: DbErr| connect::unreachable(&error);
    connect::reach(address).await?;
    let on_statement = options.on_statement.as_ref();
    let of_writer = statements.writer.counting(on_statement);
    let of_reader = statements.reader.counting(on_statement);
    let writer = if options.changes_nothing {
        // Opening for writing sets the journal mode, which changes a file that is a backup.
        connect(address, 1, Access::Read, renewal).await
    } else {
        connect::writer(address, &of_writer, renewal).await
    };
    let writer = writer.map_err(unreachable)?;
    if matches!(address, Address::Embedded(_)) {
        check_version(&writer).await?;
    }
    if options.changes_nothing {
        migrate::refuse_pending(&writer).await?;
    } else {
        migrate::up(&writer).await?;
    }
    let reader = connect(address, options.readers(address), Access::Read, renewal);
    let mut reader = reader.await.map_err(unreachable)?;
    connect::report_statements(&mut reader, &of_reader);
    Ok(Connections {
        writer,
        reader,
        of_writer,
    })
}
