//! Write transactions. A connection is used again only if every statement on it succeeded, or if a savepoint before a
//! failed one was restored. After a failed statement the database may have ended the transaction by itself, and a later
//! "commit" would store nothing.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, PoisonError};

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    ExecResult, QueryResult, QueryTrait, Statement,
};
use tokio::sync::Mutex;

use super::backend;
use super::chain;
use super::error::Error;
use super::head::{self, LockedHead};
use super::record::ROWS_PER_STATEMENT;
use super::writer::{Turn, Writer, abandoned};

/// The transaction of a write.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// A transaction that has a commit of its own.
    Alone,
    /// The same after a checkpoint.
    Tidied,
    /// A transaction that the writers in line may join.
    First,
    /// A savepoint in the transaction of a group.
    Joined,
}

/// A write transaction. Dropping it rolls it back.
pub(super) struct Write {
    kind: Kind,
    backend: DbBackend,
    writer: Writer,
    /// `None` after the end of the turn.
    turn: Option<Turn>,
    /// `None` before it was begun, and after its end.
    tx: Option<DatabaseTransaction>,
    /// `None` if it is not locked.
    head: Mutex<Option<LockedHead>>,
    /// The statements that are executed before the next one.
    collected: std::sync::Mutex<Vec<Statement>>,
    /// The number of operations whose success is not known.
    unfinished: AtomicU32,
    /// The error of the first statement that failed.
    failed: OnceLock<DbErr>,
}

impl Write {
    /// Begins a transaction.
    pub async fn begin(writer: &Writer, turn: Turn, kind: Kind) -> Result<Self, Error> {
        let mut write = Self {
            kind,
            backend: writer.backend(),
            writer: writer.clone(),
            turn: Some(turn),
            tx: None,
            head: Mutex::default(),
            collected: std::sync::Mutex::default(),
            unfinished: AtomicU32::new(1),
            failed: OnceLock::new(),
        };
        let Some(turn) = &mut write.turn else {
            return Err(abandoned().into());
        };
        match turn.begin(writer, kind).await {
            Ok(tx) => write.tx = Some(tx),
            Err(error) => return Err(write.failed(error).into()),
        }
        write.unfinished.store(0, Ordering::Release);
        Ok(write)
    }

    /// A savepoint that was opened in the transaction of a group.
    pub fn joined(
        writer: Writer,
        turn: Turn,
        savepoint: DatabaseTransaction,
        head: LockedHead,
    ) -> Self {
        Self {
            kind: Kind::Joined,
            backend: savepoint.get_database_backend(),
            writer,
            turn: Some(turn),
            tx: Some(savepoint),
            head: Mutex::new(Some(head)),
            collected: std::sync::Mutex::default(),
            unfinished: AtomicU32::default(),
            failed: OnceLock::new(),
        }
    }

    /// The head of the log after the changes of this write so far. It is locked, so that other writers wait until this
    /// one ends.
    pub async fn head(&self) -> Result<head::Model, Error> {
        self.change_head(|head| head.clone()).await
    }

    /// Changes the head of the log. It is written before the commit.
    pub async fn change_head<T>(
        &self,
        change: impl FnOnce(&mut head::Model) -> T,
    ) -> Result<T, Error> {
        self.with_head(|head| change(&mut head.now)).await
    }

    /// The end of the chain, if it is known without a query.
    pub async fn chain_end(&self) -> Result<Option<chain::Model>, Error> {
        self.with_head(|head| head.chain_end.clone()).await
    }

    /// Notes the end of the chain after links that are inserted later.
    pub async fn extend_chain(&self, end: chain::Model) -> Result<(), Error> {
        self.with_head(|head| head.chain_end = Some(end)).await
    }

    async fn with_head<T>(&self, work: impl FnOnce(&mut LockedHead) -> T) -> Result<T, Error> {
        let mut held = self.head.lock().await;
        let head = match &mut *held {
            Some(head) => head,
            none => none.insert(self.locked_head().await?),
        };
        Ok(work(head))
    }

    async fn locked_head(&self) -> Result<LockedHead, Error> {
        let stamp = self.writer.stamp();
        let known = self.turn.as_ref().and_then(|turn| turn.known_head(stamp));
        match known {
            Some(head) => Ok(head),
            None => LockedHead::read(self, stamp).await,
        }
    }

    /// Inserts rows before the next statement or the commit, together with the other collected ones: each statement costs
    /// a change of threads or a round trip.
    pub fn insert_later<A: ActiveModelTrait>(&self, rows: impl IntoIterator<Item = A>) {
        let rows: Vec<A> = rows.into_iter().collect();
        for some in rows.chunks(ROWS_PER_STATEMENT) {
            let insert = <A::Entity as EntityTrait>::insert_many(some.to_vec()).into_query();
            self.collected().push(self.backend.build(&insert));
        }
    }

    /// Updates a row together with the collected inserts.
    pub fn update_later<A: ActiveModelTrait>(&self, row: A) -> Result<(), DbErr> {
        let update = sea_orm::Update::one(row).validate()?.into_query();
        self.collected().push(self.backend.build(&update));
        Ok(())
    }

    fn collected(&self) -> std::sync::MutexGuard<'_, Vec<Statement>> {
        self.collected
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
    }

    /// Executes the collected statements.
    async fn execute_collected(&self) -> Result<(), DbErr> {
        let statements = std::mem::take(&mut *self.collected());
        for statement in backend::joined(self.backend, statements) {
            self.run(self.tx()?.execute_raw(statement)).await?;
        }
        Ok(())
    }

    /// Commits the transaction, alone or with those of a group. Its changes must not be published before this returns.
    /// Fails if any statement has failed.
    pub async fn commit(mut self) -> Result<(), Error> {
        let is_shared = match self.kind {
            Kind::Alone | Kind::Tidied => false,
            Kind::First => self.writer.is_awaited(),
            Kind::Joined => true,
        };
        let update = self.head.get_mut().as_ref().and_then(LockedHead::update);
        if let Some(update) = update.filter(|_| !is_shared) {
            self.collected().push(self.backend.build(&update));
        }
        self.execute_collected().await?;
        if let Some(error) = self.failed.get() {
            return Err(error.clone().into());
        }
        if self.is_interrupted() {
            return Err(abandoned().into());
        }
        let (Some(turn), Some(tx)) = (self.turn.take(), self.tx.take()) else {
            return Err(abandoned().into());
        };
        match (self.kind, self.head.get_mut().take()) {
            (Kind::Joined, Some(head)) => {
                let outcome = self.writer.release(turn, tx, head).await?;
                outcome.told().await
            }
            (_, Some(head)) if is_shared => self.writer.hand_on(turn, tx, head).told().await,
            (_, head) => self.commit_alone(turn, tx, head).await,
        }
    }

    async fn commit_alone(
        &mut self,
        turn: Turn,
        tx: DatabaseTransaction,
        head: Option<LockedHead>,
    ) -> Result<(), Error> {
        self.turn = Some(turn);
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        if let Some(turn) = &mut self.turn {
            let committed = self.writer.commit(turn, tx, head).await;
            committed.inspect_err(|error| self.writer.note_error(error))?;
        }
        self.unfinished.fetch_sub(1, Ordering::AcqRel);
        Ok(())
    }

    /// Rolls the transaction back. In a group, waits for the commit of the others, whose changes this one may have read.
    pub async fn rollback(mut self) -> Result<(), Error> {
        let Some(turn) = self.turn.take() else {
            return Ok(());
        };
        let tx = self.tx.take();
        if self.kind == Kind::Joined {
            let (cause, is_interrupted) = (self.failed.get().cloned(), self.is_interrupted());
            let undone = self.writer.undo(turn, tx, cause, is_interrupted).await?;
            return undone.told().await;
        }
        self.turn = Some(turn);
        match tx {
            Some(tx) => Ok(self.run(tx.rollback()).await?),
            None => Ok(()),
        }
    }

    /// Rolls the transaction back because of an error. Returns the error; if it rests on changes of a group that were not
    /// committed, the reason for that.
    pub async fn refuse(self, error: Error) -> Error {
        let undone = self.rollback().await;
        let rests_on_what_was_read = matches!(
            error,
            Error::Refused(_) | Error::NotTheAuthor | Error::NotAnEditor
        );
        match undone {
            // Nothing of this write was stored, whatever became of the others.
            Err(Error::Unsure(cause) | Error::Database(cause)) if rests_on_what_was_read => {
                Error::Database(cause)
            }
            _ => error,
        }
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

    /// True if a statement was given up or has failed.
    fn is_interrupted(&self) -> bool {
        self.unfinished.load(Ordering::Acquire) != 0
    }

    fn tx(&self) -> Result<&DatabaseTransaction, DbErr> {
        self.tx.as_ref().ok_or_else(abandoned)
    }
}

impl Drop for Write {
    fn drop(&mut self) {
        let Some(mut turn) = self.turn.take() else {
            return;
        };
        let (tx, is_interrupted) = (self.tx.take(), self.is_interrupted());
        if self.kind == Kind::Joined {
            let (writer, cause) = (self.writer.clone(), self.failed.get().cloned());
            tokio::spawn(async move { writer.undo(turn, tx, cause, is_interrupted).await });
            return;
        }
        drop(tx);
        if is_interrupted {
            turn.retire();
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Write {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.execute_collected().await?;
        self.run(self.tx()?.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.execute_collected().await?;
        self.run(self.tx()?.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        self.execute_collected().await?;
        self.run(self.tx()?.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        self.execute_collected().await?;
        self.run(self.tx()?.query_all_raw(statement)).await
    }
}
