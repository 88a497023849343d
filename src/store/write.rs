//! Writing. One transaction at a time, on a connection that is used again only where all went well on it: after a
//! statement that failed, a database may have ended the transaction by itself, and what is called a commit afterwards
//! would keep nothing.

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

/// The one connection that writes.
pub(super) struct Writer {
    address: Address,
    on_statement: Option<OnStatement>,
    renewal: Arc<Renewal>,
    /// Held by who writes: the database keeps processes apart. None where the connection is not trusted any more.
    connection: tokio::sync::Mutex<Option<DatabaseConnection>>,
    /// The last write failed, and no fault of the program was the reason.
    is_kept_from_writing: AtomicBool,
}

impl Writer {
    /// Writes on a connection, and on others after it.
    pub fn new(
        address: &Address,
        connection: DatabaseConnection,
        on_statement: Option<OnStatement>,
        renewal: Arc<Renewal>,
    ) -> Self {
        Self {
            address: address.clone(),
            on_statement,
            renewal,
            connection: tokio::sync::Mutex::new(Some(connection)),
            is_kept_from_writing: AtomicBool::default(),
        }
    }

    /// Begins a write. Writes take turns, also with those of other processes: what one reads before it writes is
    /// still so when it writes.
    pub async fn begin(&self) -> Result<Write<'_>, DbErr> {
        self.begun(false).await
    }

    /// The same, once there is as much room in the journal as can be had.
    pub async fn begin_tidied(&self) -> Result<Write<'_>, DbErr> {
        self.begun(true).await
    }

    async fn begun(&self, tidies: bool) -> Result<Write<'_>, DbErr> {
        let mut turn = Turn {
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

    /// The last write failed, and nobody has tried since whether the next would not.
    pub fn is_kept_from_writing(&self) -> bool {
        self.is_kept_from_writing.load(Ordering::Acquire)
    }

    /// Something says that nothing can be written.
    pub fn keep_from_writing(&self) {
        self.is_kept_from_writing.store(true, Ordering::Release);
    }

    /// It was tried, and writing works.
    pub fn works(&self) {
        self.is_kept_from_writing.store(false, Ordering::Release);
    }

    /// The connections for reading are of a database that only reads: what reads next takes a new one.
    pub fn renew_readers(&self) {
        self.renewal.ask();
    }

    fn note(&self, error: &DbErr) {
        match Fault::of(error) {
            Fault::Contention | Fault::Ours => {}
            Fault::ReadOnly => {
                self.keep_from_writing();
                self.renew_readers();
            }
            Fault::Surroundings => self.keep_from_writing(),
        }
    }
}

/// The right to write, and how it went so far.
struct Turn<'a> {
    connection: MutexGuard<'a, Option<DatabaseConnection>>,
    writer: &'a Writer,
    /// The statements of which it is not known that they went well.
    unfinished: AtomicU32,
    /// The first that failed.
    failed: OnceLock<DbErr>,
}

impl Turn<'_> {
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
                let anew = connect::writer(address, on_statement.as_ref(), renewal).await?;
                none.insert(anew)
            }
        };
        if tidies {
            backend::tidy(connection).await;
        }
        backend::begin(connection).await
    }

    /// Remembers that something failed, and hands it on.
    fn failed(&self, error: DbErr) -> DbErr {
        self.writer.note(&error);
        self.failed.get_or_init(|| error).clone()
    }

    /// Does something of which it is not known how it went until it is finished.
    async fn watched<T>(&self, work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
        if let Some(error) = self.failed.get() {
            return Err(error.clone());
        }
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        let done = work.await.map_err(|error| self.failed(error))?;
        self.unfinished.fetch_sub(1, Ordering::AcqRel);
        Ok(done)
    }
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        if self.unfinished.load(Ordering::Acquire) == 0 {
            return;
        }
        if let Some(connection) = self.connection.take() {
            // Nobody waits for this: the next write has a connection of its own.
            tokio::spawn(async move {
                if let Err(error) = connection.close().await {
                    tracing::warn!(%error, "a database connection was not closed");
                }
            });
        }
    }
}

/// A write that is under way. Unless it is committed, nothing of it happens.
pub(super) struct Write<'a> {
    // Ended before the turn is.
    tx: DatabaseTransaction,
    turn: Turn<'a>,
}

impl Write<'_> {
    /// Makes it last. Nothing may be told of it before.
    pub async fn commit(self) -> Result<(), Error> {
        let Self { tx, turn } = self;
        let committed = turn.watched(tx.commit()).await;
        committed.map_err(|error| match Fault::of(&error) {
            Fault::Surroundings if backend::is_unsure(&error) => Error::Unsure(Arc::new(error)),
            _ => error.into(),
        })
    }

    /// Gives it up.
    pub async fn rollback(self) -> Result<(), Error> {
        let Self { tx, turn } = self;
        Ok(turn.watched(tx.rollback()).await?)
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Write<'_> {
    fn get_database_backend(&self) -> DbBackend {
        self.tx.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.turn.watched(self.tx.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.turn.watched(self.tx.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.turn.watched(self.tx.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.turn.watched(self.tx.query_all_raw(statement)).await
    }
}
