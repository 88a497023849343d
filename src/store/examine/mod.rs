//! Examines a database without changing it: for the command `doctor`.

use std::path::PathBuf;
use std::sync::Arc;

use chrono::{DateTime, Utc};
use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, EntityTrait, QuerySelect, Statement,
};

use super::address::{Address, Embedded};
use super::connect::{self, Access, connect};
use super::error::{Error, reason};
use super::{head, migrate};

mod disk;
mod locks;

pub use super::connect::{ConnectCause, NotConnected};
pub use super::replica::examine_replica;
pub use disk::{Space, is_network, space};
pub use locks::Locking;

/// A database that is examined.
pub struct Examined {
    /// Its kind and place, without user and password.
    pub place: String,
    /// The file of an embedded database.
    pub file: Option<ExaminedFile>,
    /// The content, or the reason why it cannot be read.
    pub content: Content,
}

/// The file of an embedded database.
pub struct ExaminedFile {
    /// The file: absolute, with all links resolved.
    pub path: PathBuf,
    /// The locks on it.
    pub locks: Locking,
}

/// The content of a database, or the reason why there is none.
pub enum Content {
    /// No database yet; the server creates it.
    Missing,
    /// The database cannot be reached.
    Unreachable(NotConnected),
    /// The database cannot be used; the sentence gives the reason.
    Unusable(String),
    /// A database that can be read.
    Readable(Box<Facts>),
}

/// Facts about a database.
pub struct Facts {
    /// Version of the database software.
    pub version: String,
    /// Size in bytes.
    pub bytes: i64,
    /// Number of migrations that were applied.
    pub applied: usize,
    /// The migrations that are not applied yet.
    pub pending: Vec<String>,
    /// The migrations that this program does not know.
    pub newer: Vec<String>,
    /// The commit time of the newest change.
    pub last_commit: Option<DateTime<Utc>>,
    /// Facts that only a database server has.
    pub server: Option<Server>,
}

/// Facts about a database server.
pub struct Server {
    /// The time of its clock.
    pub now: DateTime<Utc>,
    /// True if nothing can be written, as on a standby.
    pub is_read_only: bool,
    /// Number of other connections to the database.
    pub others: i64,
}

/// Examines a database.
///
/// # Errors
/// [`Error::Unusable`] if the URL cannot be read.
pub fn examine(url: &str) -> BoxFuture<'_, Result<Examined, Error>> {
    async move {
        let place = super::place(url)?;
        let (file, content) = match Address::read(url)? {
            Address::Embedded(embedded) => {
                let locks = locks::locks(&embedded);
                let content = content_of_file(&embedded, locks).await;
                let path = embedded.file().to_owned();
                (Some(ExaminedFile { path, locks }), content)
            }
            address @ Address::Shared(_) => (None, content_of_server(&address).await),
        };
        Ok(Examined {
            place,
            file,
            content,
        })
    }
    .boxed()
}

async fn content_of_file(embedded: &Embedded, locks: Locking) -> Content {
    if let Err(error) = embedded.check() {
        return Content::Unusable(error.to_string());
    }
    if !embedded.file().exists() {
        return Content::Missing;
    }
    let journal = std::fs::metadata(embedded.sibling("-wal"));
    let is_at_rest = locks == Locking::Free && journal.map_or(0, |journal| journal.len()) == 0;
    // A database at rest is read without its journal, which even a reader would create.
    let opened = if is_at_rest {
        connect::unchanging_file(embedded.file()).await
    } else {
        let address = Address::Embedded(Box::new(embedded.clone()));
        connect(&address, 1, Access::Read, &Arc::default()).await
    };
    let read = async {
        let db = opened?;
        let version = text(&db, "SELECT sqlite_version() AS found").await?;
        let facts = facts(&db, format!("SQLite {version}"), embedded.size(), None).await;
        // A failed close is harmless: the connection only read.
        drop(db.close().await);
        facts
    };
    read.await
        .unwrap_or_else(|error| Content::Unusable(reason(&error)))
}

async fn content_of_server(address: &Address) -> Content {
    if let Address::Shared(options) = address
        && let Err(error) = connect::answering(address, options).await
    {
        return Content::Unreachable(error);
    }
    let read = async {
        let db = connect(address, 1, Access::Tables, &Arc::default()).await?;
        let query = "SELECT current_setting('server_version') AS version, clock_timestamp() AS now,
            current_setting('transaction_read_only') = 'on' AS is_read_only,
            pg_database_size(current_database()) AS bytes,
            (SELECT count(*) FROM pg_stat_activity
                WHERE datname = current_database() AND pid <> pg_backend_pid()) AS others";
        let query = Statement::from_string(DbBackend::Postgres, query);
        let row = db.query_one_raw(query).await?;
        let row =
            row.ok_or_else(|| DbErr::RecordNotFound("the server tells nothing".to_owned()))?;
        let server = Server {
            now: row.try_get("", "now")?,
            is_read_only: row.try_get("", "is_read_only")?,
            others: row.try_get("", "others")?,
        };
        let version: String = row.try_get("", "version")?;
        let bytes = row.try_get("", "bytes")?;
        let facts = facts(&db, format!("PostgreSQL {version}"), bytes, Some(server)).await;
        // A failed close is harmless: the connection only read.
        drop(db.close().await);
        facts
    };
    read.await
        .unwrap_or_else(|error| Content::Unusable(reason(&error)))
}

async fn facts(
    db: &DatabaseConnection,
    version: String,
    bytes: i64,
    server: Option<Server>,
) -> Result<Content, DbErr> {
    let applied = match migrate::applied(db).await {
        Ok(applied) => applied,
        Err(error) => return Ok(Content::Unusable(error.to_string())),
    };
    let known = migrate::known();
    let last_commit = if applied.is_empty() {
        None
    } else {
        let query = head::Entity::find()
            .select_only()
            .column(head::Column::CommittedAt);
        let row: Option<Option<DateTime<Utc>>> = query.into_tuple().one(db).await?;
        row.flatten()
    };
    let lacking = |all: &[String], some: &[String]| {
        let lacking = all.iter().filter(|one| !some.contains(one));
        lacking.cloned().collect()
    };
    Ok(Content::Readable(Box::new(Facts {
        version,
        bytes,
        pending: lacking(&known, &applied),
        newer: lacking(&applied, &known),
        applied: applied.len(),
        last_commit,
        server,
    })))
}

async fn text(db: &DatabaseConnection, query: &str) -> Result<String, DbErr> {
    let query = Statement::from_string(db.get_database_backend(), query);
    let row = db.query_one_raw(query).await?;
    row.map_or(Ok(String::new()), |row| row.try_get("", "found"))
}
