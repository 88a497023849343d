//! Write transactions. Writers take turns on one connection. The connection is used again only if every statement on
//! it succeeded. After a failed statement the database may have ended the transaction by itself, and a later "commit"
//! would store nothing.

use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Arc, OnceLock};

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement,
};
use tokio::sync::MutexGuard;

use super::address::Address;
use super::backend;
use super::connect::{self, OnStatement};
use super::error::{Error, Fault};
use super::renewal::Renewal;

/// The connection that writes, and the means to open another.
pub(super) struct Writer {
    address: Address,
    on_statement: OnStatement,
    renewal: Arc<Renewal>,
    /// Locked by the current writer; other processes are excluded by the database. `None` after a write that failed or
    /// was abandoned, until the next write opens another.
    connection: tokio::sync::Mutex<Option<DatabaseConnection>>,
    /// True if a write failed, the statement was not at fault, and no test write has succeeded since.
    writes_fail: AtomicBool,
}

impl Writer {
    /// Starts with an open connection; later ones are opened as needed.
    pub fn new(
        address: &Address,
        connection: DatabaseConnection,
        on_statement: OnStatement,
        renewal: Arc<Renewal>,
    ) -> Self {
        Self {
            address: address.clone(),
            on_statement,
            renewal,
            connection: tokio::sync::Mutex::new(Some(connection)),
            writes_fail: AtomicBool::default(),
        }
    }

    /// Begins a write transaction. Writers take turns, those of other processes included: what a transaction reads
    /// before it writes stays true until it ends.
    pub async fn begin(&self) -> Result<Write<'_>, DbErr> {
        self.begin_with(false).await
    }

    /// Begins a write transaction after a checkpoint, which makes as much room in the WAL as possible.
    pub async fn begin_tidied(&self) -> Result<Write<'_>, DbErr> {
        self.begin_with(true).await
    }

    async fn begin_with(&self, tidies: bool) -> Result<Write<'_>, DbErr> {
        let mut turn = WriterTurn {
            connection: self.connection.lock().await,
            writer: self,
            unfinished: AtomicU32::new(1),
            failed: OnceLock::new(),
        };
        match turn.begin(tidies).await {
            Ok(tx) => {
                turn.unfinished.store(0, Ordering::Release);
                Ok(Write { tx, turn })
            }
            Err(error) => Err(turn.failed(error)),
        }
    }

    /// Closes the connection.
    pub async fn close(&self) -> Result<(), DbErr> {
        match self.connection.lock().await.take() {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }

    /// True if a write failed, the statement was not at fault, and no test write has succeeded since.
    pub fn writes_fail(&self) -> bool {
        self.writes_fail.load(Ordering::Acquire)
    }

    /// Records that writes fail.
    pub fn note_write_failed(&self) {
        self.writes_fail.store(true, Ordering::Release);
    }

    /// Records that writes succeed.
    pub fn note_write_succeeded(&self) {
        self.writes_fail.store(false, Ordering::Release);
    }

    /// Makes the next reads open new connections, because the open ones lead to a read-only database.
    pub fn renew_readers(&self) {
        self.renewal.request_renewal();
    }

    fn note(&self, error: &DbErr) {
        match Fault::of(error) {
            Fault::Contention | Fault::Ours => {}
            Fault::ReadOnly => {
                self.note_write_failed();
                self.renew_readers();
            }
            Fault::Surroundings => self.note_write_failed(),
        }
    }
}

/// The turn of one writer, and the outcome of its statements so far.
struct WriterTurn<'a> {
    connection: MutexGuard<'a, Option<DatabaseConnection>>,
    writer: &'a Writer,
    /// The number of operations whose success is not known.
    unfinished: AtomicU32,
    /// The error of the first statement that failed.
    failed: OnceLock<DbErr>,
}

impl WriterTurn<'_> {
    async fn begin(&mut self, tidies: bool) -> Result<DatabaseTransaction, DbErr> {
        let connection = match &mut *self.connection {
            Some(connection) => connection,
            none => {
                let Writer {
                    address,
                    on_statement,
                    renewal,
                    ..
                } = self.writer;
                let reopened = connect::writer(address, on_statement, renewal).await?;
                none.insert(reopened)
            }
        };
        if tidies {
            backend::tidy(connection).await;
        }
        backend::begin(connection).await
    }

    /// Records an error, and returns the first one.
    fn failed(&self, error: DbErr) -> DbErr {
        self.writer.note(&error);
        self.failed.get_or_init(|| error).clone()
    }

    /// Runs an operation, and counts it as unfinished until it succeeds. Fails at once if an earlier one failed.
    async fn run<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if let Some(error) = self.failed.get() {
            return Err(error.clone());
        }
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        let done = work.await.map_err(|error| self.failed(error))?;
        self.unfinished.fetch_sub(1, Ordering::AcqRel);
        Ok(done)
    }
}

impl Drop for WriterTurn<'_> {
    fn drop(&mut self) {
        if self.unfinished.load(Ordering::Acquire) == 0 {
            return;
        }
        if let Some(connection) = self.connection.take() {
            // No one waits for this close: the next write opens a connection of its own.
            tokio::spawn(async move {
                if let Err(error) = connection.close().await {
                    tracing::warn!(%error, "could not close a database connection");
                }
            });
        }
    }
}

/// A write transaction. Dropping it rolls it back.
pub(super) struct Write<'a> {
    // Declared before the turn, so that it is dropped first.
    tx: DatabaseTransaction,
    turn: WriterTurn<'a>,
}

impl Write<'_> {
    /// Commits the transaction. Its changes must not be published before this returns.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { tx, turn } = self;
        let committed = turn.run(tx.commit()).await;
        committed.map_err(|error| match Fault::of(&error) {
            Fault::Surroundings if backend::is_unsure(&error) => Error::Unsure(Arc::new(error)),
            _ => error.into(),
        })
    }

    /// Rolls the transaction back.
    pub async fn rollback(self) -> Result<(), Error> {
        let Self { tx, turn } = self;
        Ok(turn.run(tx.rollback()).await?)
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Write<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.turn.run(self.tx.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.turn.run(self.tx.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.turn.run(self.tx.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.turn.run(self.tx.query_all_raw(statement)).await
    }
}
