//! Detects commits to an embedded database without a query, by reading the header of its WAL index (the `-shm` file).
//! The header changes with every commit of any process, and a reader sees a commit only once the header contains it.
//! So an unchanged header proves that nothing was committed.
//!
//! The file is read as plain bytes, without a lock. Both copies of the header are compared: one that is read while it
//! is being written equals no complete header. Source: `SQLite`, WAL-mode file format, section 2.1 (the WAL-index
//! header, which is stored twice).

use std::fs::File;
use std::io::ErrorKind;
use std::mem::ManuallyDrop;
use std::os::unix::fs::FileExt;
use std::sync::atomic::{AtomicBool, Ordering};

use sea_orm::DbErr;
use sea_orm::sqlx::{self, Connection, SqliteConnection};
use tokio::sync::Mutex;

use super::address::Embedded;
use super::connect;
use super::error::{Error, connection_error};

/// The length of both copies of the header, in bytes.
const HEADER_BYTES: usize = 96;

/// The bytes of both copies of the header at some time.
pub(super) type WalStamp = [u8; HEADER_BYTES];

/// True if exactly one commit was made between two stamps.
pub(super) fn is_next(before: &WalStamp, after: &WalStamp) -> bool {
    commits(before).wrapping_add(1) == commits(after)
}

/// The field `iChange`, which each commit raises by one.
pub(super) fn commits(stamp: &WalStamp) -> u32 {
    let field = stamp.get(8..12).and_then(|field| field.try_into().ok());
    field.map_or(0, u32::from_ne_bytes)
}

/// The WAL index of an embedded database.
pub(super) struct WalIndex {
    /// Never closed: closing it would release the locks that this process holds on the same file as a user of the
    /// database.
    file: ManuallyDrop<File>,
    /// A connection that is never used again, but stays open: `SQLite` deletes the file with the last connection, and
    /// creates another for the next one.
    keeper: Mutex<Option<SqliteConnection>>,
    is_closed: AtomicBool,
}

impl WalIndex {
    /// Opens the WAL index of a database; `None` if the database keeps none in a file.
    ///
    /// # Errors
    /// [`Error::Unusable`]
    pub async fn open(embedded: &Embedded) -> Result<Option<Self>, Error> {
        let unusable = |error: sqlx::Error| connect::unreachable(&connection_error(error));
        let mut keeper = connect::keeper(embedded).await.map_err(unusable)?;
        // The first statement opens the WAL index.
        let mode = sqlx::query_scalar("PRAGMA journal_mode");
        let mode: String = mode.fetch_one(&mut keeper).await.map_err(unusable)?;
        let file = match File::open(embedded.sibling("-shm")) {
            Ok(file) if mode == "wal" && !embedded.has_vfs() => file,
            Err(error) if error.kind() != ErrorKind::NotFound => {
                return Err(unusable(error.into()));
            }
            _ => {
                keeper.close().await.map_err(unusable)?;
                return Ok(None);
            }
        };
        Ok(Some(Self {
            file: ManuallyDrop::new(file),
            keeper: Mutex::new(Some(keeper)),
            is_closed: AtomicBool::new(false),
        }))
    }

    /// Reads the header; `None` if it cannot be read.
    pub fn stamp(&self) -> Option<WalStamp> {
        if self.is_closed.load(Ordering::Acquire) {
            return None;
        }
        let mut stamp = [0; HEADER_BYTES];
        self.file.read_exact_at(&mut stamp, 0).ok()?;
        Some(stamp)
    }

    /// Closes the connection. From then on the header is not read.
    ///
    /// # Errors
    /// A database error.
    pub async fn close(&self) -> Result<(), DbErr> {
        self.is_closed.store(true, Ordering::Release);
        match self.keeper.lock().await.take() {
            Some(keeper) => keeper.close().await.map_err(connection_error),
            None => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use tempfile::tempdir;

    use crate::{Options, Store};
    use domain::viewer::Role;

    #[tokio::test]
    async fn the_header_is_that_of_the_database_although_all_other_connections_were_closed() {
        let folder = tempdir().unwrap();
        let url = format!("sqlite://{}", folder.path().join("x.db").display());
        let open = async || Store::open(&url, &Options::default()).await.unwrap();
        let store = open().await;
        store.connection().close_by_ref().await.unwrap();
        store.writer().close().await.unwrap();
        let stamp = || store.0.head_cache.stamp();
        let before = stamp().unwrap();
        let other = open().await;
        let made = other.create_token(Role::Editor, "eva", None, None).await;
        made.unwrap();
        assert_ne!(stamp().unwrap(), before);
        other.close().await;
        store.close().await;
        assert_eq!(stamp(), None);
    }
}
