//! Write transactions. A connection is used again only if every statement on it succeeded, or if a savepoint before a
//! failed one was restored. After a failed statement the database may have ended the transaction by itself, and a later
//! "commit" would store nothing.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{OnceLock, PoisonError};

use sea_orm::{
    ActiveModelTrait, ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, EntityTrait,
    ExecResult, QueryResult, QueryTrait, Statement,
};
use tokio::sync::{Mutex, MutexGuard};

use super::backend;
use super::chain;
use super::current_values::CurrentValues;
use super::error::Error;
use super::head::{self, LockedHead, LogEnd};
use super::literal_limit;
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
    /// The transaction of a group.
    Joined,
}

/// The place in which the statements of a write are executed.
enum Place {
    /// In a transaction or a savepoint of its own; `None` before it was begun.
    Own(Turn, Option<DatabaseTransaction>),
    /// In the transaction of a group, to which the write has added nothing.
    Shared(Turn),
    /// Nowhere: the turn has ended.
    Ended,
}

impl Place {
    fn tx(&self) -> Result<&DatabaseTransaction, DbErr> {
        let tx = match self {
            Self::Own(_, tx) => tx.as_ref(),
            Self::Shared(turn) => turn.shared(),
            Self::Ended => None,
        };
        tx.ok_or_else(abandoned)
    }

    fn turn(&mut self) -> Option<&mut Turn> {
        match self {
            Self::Own(turn, _) | Self::Shared(turn) => Some(turn),
            Self::Ended => None,
        }
    }

    fn take(&mut self) -> Self {
        std::mem::replace(self, Self::Ended)
    }
}

/// A write transaction. Dropping it rolls it back.
pub(super) struct Write {
    kind: Kind,
    backend: DbBackend,
    writer: Writer,
    place: Mutex<Place>,
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
        let mut write = Self::new(writer.clone(), Place::Own(turn, None), kind, None);
        write.unfinished.store(1, Ordering::Release);
        let Place::Own(turn, tx) = write.place.get_mut() else {
            return Err(abandoned().into());
        };
        match turn.begin(writer, kind).await {
            Ok(begun) => *tx = Some(begun),
            Err(error) => return Err(write.failed(error).into()),
        }
        write.unfinished.store(0, Ordering::Release);
        Ok(write)
    }

    /// A write in the transaction of a group.
    pub fn joined(writer: Writer, turn: Turn, head: LockedHead) -> Self {
        Self::new(writer, Place::Shared(turn), Kind::Joined, Some(head))
    }

    /// A write in a savepoint that was opened in the transaction of a group.
    pub fn in_savepoint(
        writer: Writer,
        turn: Turn,
        savepoint: DatabaseTransaction,
        head: LockedHead,
    ) -> Self {
        let place = Place::Own(turn, Some(savepoint));
        Self::new(writer, place, Kind::Joined, Some(head))
    }

    fn new(writer: Writer, place: Place, kind: Kind, head: Option<LockedHead>) -> Self {
        Self {
            kind,
            backend: writer.backend(),
            writer,
            place: Mutex::new(place),
            head: Mutex::new(head),
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

    /// Notes that this write changes tokens: those that are known are read again after its commit.
    pub async fn forget_tokens(&self) -> Result<(), Error> {
        self.with_head(|head| head.writes_tokens = true).await
    }

    /// The end of the log; `None` if this transaction has added changes.
    pub async fn committed_end(&self) -> Result<Option<LogEnd>, Error> {
        self.with_head(|head| head.committed_end()).await
    }

    /// Works with the values that earlier writers on this connection found; `None` if the turn has ended.
    pub async fn with_current_values<T>(
        &self,
        work: impl FnOnce(&mut CurrentValues) -> T,
    ) -> Option<T> {
        let mut place = self.place.lock().await;
        place.turn().map(|turn| work(&mut turn.current_values))
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
        let mut place = self.place.lock().await;
        let known = place.turn().and_then(|turn| turn.known_head(stamp));
        drop(place);
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

    /// The place in which a statement is executed, after the collected ones. A statement that writes opens a savepoint in
    /// the transaction of a group.
    async fn place(&self, writes: bool) -> Result<MutexGuard<'_, Place>, DbErr> {
        let statements = std::mem::take(&mut *self.collected());
        let mut place = self.place.lock().await;
        if writes || !statements.is_empty() {
            place = self.own(place).await?;
        }
        for statement in backend::joined(self.backend, statements) {
            self.run(place.tx()?.execute_raw(statement)).await?;
        }
        Ok(place)
    }

    /// Opens a savepoint if the write is in the transaction of a group.
    async fn own<'a>(
        &'a self,
        mut place: MutexGuard<'a, Place>,
    ) -> Result<MutexGuard<'a, Place>, DbErr> {
        if let Place::Shared(_) = &*place
            && let Place::Shared(turn) = place.take()
        {
            let opened = self.writer.open_savepoint(turn);
            let mut opened = self.run(opened).await?;
            *place = opened.place.get_mut().take();
        }
        Ok(place)
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
        if !matches!(self.place.get_mut(), Place::Shared(_)) {
            drop(self.place(false).await?);
        }
        if let Some(error) = self.failed.get() {
            return Err(error.clone().into());
        }
        if self.is_interrupted() {
            return Err(abandoned().into());
        }
        let head = self.head.get_mut().take();
        match (self.place.get_mut().take(), head) {
            (Place::Shared(turn), Some(head)) => {
                let statements = std::mem::take(&mut *self.collected());
                let added = self.writer.add(turn, statements, head).await;
                added?.told().await
            }
            (Place::Own(turn, Some(tx)), Some(head)) if self.kind == Kind::Joined => {
                let outcome = self.writer.release(turn, tx, head).await?;
                outcome.told().await
            }
            (Place::Own(turn, Some(tx)), Some(head)) if is_shared => {
                self.writer.hand_on(turn, tx, head).told().await
            }
            (Place::Own(turn, Some(tx)), head) => self.commit_alone(turn, tx, head).await,
            (Place::Shared(_) | Place::Own(..) | Place::Ended, _) => Err(abandoned().into()),
        }
    }

    async fn commit_alone(
        &mut self,
        turn: Turn,
        tx: DatabaseTransaction,
        head: Option<LockedHead>,
    ) -> Result<(), Error> {
        self.unfinished.fetch_add(1, Ordering::AcqRel);
        let place = self.place.get_mut();
        *place = Place::Own(turn, None);
        if let Place::Own(turn, _) = place {
            let committed = self.writer.commit(turn, tx, head).await;
            committed.inspect_err(|error| self.writer.note_error(error))?;
        }
        self.unfinished.fetch_sub(1, Ordering::AcqRel);
        Ok(())
    }

    /// Rolls the transaction back. In a group, waits for the commit of the others, whose changes this one may have read.
    pub async fn rollback(mut self) -> Result<(), Error> {
        match self.place.get_mut().take() {
            Place::Shared(mut turn) => {
                let outcome = turn.leave(self.failed.get().cloned())?;
                drop(turn);
                outcome.told().await
            }
            Place::Own(turn, tx) if self.kind == Kind::Joined => {
                let (cause, is_interrupted) = (self.failed.get().cloned(), self.is_interrupted());
                let undone = self.writer.undo(turn, tx, cause, is_interrupted).await?;
                undone.told().await
            }
            Place::Own(turn, tx) => {
                *self.place.get_mut() = Place::Own(turn, None);
                match tx {
                    Some(tx) => Ok(self.run(tx.rollback()).await?),
                    None => Ok(()),
                }
            }
            Place::Ended => Ok(()),
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
}

impl Drop for Write {
    fn drop(&mut self) {
        let is_interrupted = self.is_interrupted();
        let cause = self.failed.get().cloned();
        match self.place.get_mut().take() {
            Place::Shared(mut turn) => drop(turn.leave(cause)),
            Place::Own(turn, tx) if self.kind == Kind::Joined => {
                let writer = self.writer.clone();
                tokio::spawn(async move { writer.undo(turn, tx, cause, is_interrupted).await });
            }
            Place::Own(mut turn, tx) => {
                drop(tx);
                if is_interrupted {
                    turn.retire();
                }
            }
            Place::Ended => {}
        }
    }
}

/// True if a statement only reads.
fn reads(sql: &str) -> bool {
    sql.starts_with("SELECT ")
}

#[async_trait::async_trait]
impl ConnectionTrait for Write {
    fn get_database_backend(&self) -> DbBackend {
        self.backend
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        let place = self.place(true).await?;
        self.run(place.tx()?.execute_raw(statement)).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        let place = self.place(true).await?;
        self.run(place.tx()?.execute_unprepared(sql)).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        let place = self.place(!reads(&statement.sql)).await?;
        let statement = literal_limit::written(statement);
        self.run(place.tx()?.query_one_raw(statement)).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let place = self.place(!reads(&statement.sql)).await?;
        let statement = literal_limit::written(statement);
        self.run(place.tx()?.query_all_raw(statement)).await
    }
}
