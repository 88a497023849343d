//! A database from which all is read in one snapshot.

use std::path::Path;

use sea_orm::{
    AccessMode, DatabaseConnection, DatabaseTransaction, DbBackend, IsolationLevel,
    TransactionTrait,
};

use crate::address::Address;
use crate::connect::{self, Access};
use crate::error::Error;
use crate::{chain, head, lock, migrate};

/// A database from which all is read in one snapshot.
pub struct Source {
    db: DatabaseConnection,
    tx: DatabaseTransaction,
    level: usize,
}

impl Source {
    /// Opens a database that others may use meanwhile.
    ///
    /// # Errors
    /// [`Error::Unusable`]
    pub async fn beside_others(address: &Address) -> Result<Self, Error> {
        connect::reach(address).await?;
        let db = connect::connect(address, 1, Access::Read, &std::sync::Arc::default()).await;
        Self::begin(db.map_err(|error| connect::unreachable(&error))?).await
    }

    /// Opens a database that nobody else may use. On `SQLite` the caller claims it.
    ///
    /// # Errors
    /// [`Error::Unusable`]
    pub async fn alone(address: &Address) -> Result<Self, Error> {
        match address {
            Address::Embedded(_) => Self::beside_others(address).await,
            Address::Shared(_) => {
                let db = connect::unmigrated(address).await?;
                lock::lock_tables_alone(&db).await?;
                Self::begin(db).await
            }
        }
    }

    /// Opens an `SQLite` file that never changes. What follows its last page is ignored.
    ///
    /// # Errors
    /// [`Error::Unusable`]
    pub async fn of_file(path: &Path) -> Result<Self, Error> {
        let db = connect::unchanging_file(path).await;
        Self::begin(db.map_err(|error| connect::unreachable(&error))?).await
    }

    async fn begin(db: DatabaseConnection) -> Result<Self, Error> {
        let tx = match db.get_database_backend() {
            DbBackend::Postgres => {
                let isolation = Some(IsolationLevel::RepeatableRead);
                db.begin_with_config(isolation, Some(AccessMode::ReadOnly))
                    .await?
            }
            _ => db.begin().await?,
        };
        let level = migrate::level(&tx).await?;
        Ok(Self { db, tx, level })
    }

    /// The transaction in which all is read.
    pub fn tx(&self) -> &DatabaseTransaction {
        &self.tx
    }

    /// The number of migrations that were applied to it.
    pub fn level(&self) -> usize {
        self.level
    }

    /// The id of the database, and the sequence number of its last change.
    ///
    /// # Errors
    /// [`Error::Database`], [`Error::Unreadable`]
    pub async fn position(&self) -> Result<(String, i64), Error> {
        head::position(&self.tx).await
    }

    /// The hash of the last change; `None` if a program that knew no hashes wrote it.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn head_hash(&self) -> Result<Option<String>, Error> {
        if !migrate::columns(&self.tx).await?.contains_key("chain") {
            return Ok(None);
        }
        let (line, link) = chain::last(&self.tx).await?;
        let (_, sequence) = self.position().await?;
        Ok((line == sequence).then(|| link.hash.to_string()))
    }

    /// Ends the snapshot, and closes the connection.
    pub async fn close(self) {
        // Nothing was written: neither failure loses anything.
        drop(self.tx.rollback().await);
        drop(self.db.close().await);
    }
}
