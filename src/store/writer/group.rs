//! Writers that share a commit. The first hands its open transaction on, each later one writes in a savepoint of it, and
//! all are answered after one commit. On `SQLite`, a write whose statements are all collected opens its savepoint together
//! with them. A savepoint is opened, released and undone by a task of its own: it ends even if the caller gives up, so that
//! it is always known which savepoints are open.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{
    ConnectionTrait, DatabaseTransaction, DbBackend, DbErr, RuntimeErr, Statement, TransactionTrait,
};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{Line, Turn, Writer};
use crate::backend;
use crate::error::{Error, Fault};
use crate::head::LockedHead;
use crate::write::Write;

/// The time in which the database must answer a task of a group. Requests time out after the same time.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// Opens the savepoint of a write that consists of collected statements.
const OPEN: &str = "SAVEPOINT collected";
const RELEASE: &str = "RELEASE collected";
const UNDO: &str = "ROLLBACK TO collected; RELEASE collected";

/// An open transaction with the work of writers that wait for its commit.
pub(super) struct Group {
    tx: DatabaseTransaction,
    /// The head of the log after their work. It is written before the commit.
    head: LockedHead,
    /// The writers. One that has given up is not told.
    members: Vec<oneshot::Sender<Result<(), Error>>>,
}

impl Group {
    /// Executes statements in a savepoint.
    async fn execute(&self, statements: Vec<Statement>) -> Result<(), DbErr> {
        let backend = self.tx.get_database_backend();
        let plain = |sql| Statement::from_string(backend, sql);
        let mut all = vec![plain(OPEN)];
        all.extend(statements);
        all.push(plain(RELEASE));
        for statement in backend::joined(backend, all) {
            self.tx.execute_raw(statement).await?;
        }
        Ok(())
    }

    /// Adds a writer that waits for the outcome.
    fn admit(&mut self) -> Outcome {
        let (sender, outcome) = oneshot::channel();
        self.members.push(sender);
        Outcome(outcome)
    }
}

fn tell(members: Vec<oneshot::Sender<Result<(), Error>>>, outcome: &Result<(), Error>) {
    for member in members {
        drop(member.send(outcome.clone()));
    }
}

/// The outcome of the commit of a group.
pub(crate) struct Outcome(oneshot::Receiver<Result<(), Error>>);

impl Outcome {
    /// Waits for the outcome.
    pub async fn told(self) -> Result<(), Error> {
        // Without a word it is not known whether the commit was made.
        let unsure = || Err(Error::Unsure(Arc::new(abandoned())));
        self.0.await.unwrap_or_else(|_| unsure())
    }
}

impl Writer {
    /// Begins a write in the transaction of a group.
    pub(super) async fn join(&self, turn: Turn) -> Result<Write, Error> {
        let Some(group) = &turn.group else {
            return Err(abandoned().into());
        };
        let head = group.head.clone();
        match self.backend() {
            DbBackend::Sqlite => Ok(Write::joined(self.clone(), turn, head)),
            // A statement that only reads may end the transaction, too.
            _ => Ok(self.open_savepoint(turn).await?),
        }
    }

    /// Opens a savepoint in the transaction of a group.
    pub async fn open_savepoint(&self, mut turn: Turn) -> Result<Write, DbErr> {
        let writer = self.clone();
        carried_through(async move {
            let Some(group) = &turn.group else {
                return Err(abandoned());
            };
            match in_time(group.tx.begin()).await {
                Ok(savepoint) => {
                    let head = group.head.clone();
                    Ok(Write::in_savepoint(writer, turn, savepoint, head))
                }
                Err(error) => {
                    writer.note(&error);
                    Err(turn.fail(error))
                }
            }
        })
        .await
    }

    /// Adds the work of a write that consists of these statements.
    pub async fn add(
        &self,
        mut turn: Turn,
        statements: Vec<Statement>,
        head: LockedHead,
    ) -> Result<Outcome, Error> {
        let writer = self.clone();
        carried_through(async move {
            let Some(group) = &mut turn.group else {
                return Err(abandoned());
            };
            if !statements.is_empty()
                && let Err(error) = in_time(group.execute(statements)).await
            {
                writer.note(&error);
                let undone = in_time(group.tx.execute_unprepared(UNDO)).await;
                return Err(match undone {
                    Ok(_) => error,
                    Err(_) => turn.fail(error),
                });
            }
            group.head = head;
            Ok(group.admit())
        })
        .await
        .map_err(Error::from)
    }

    /// Hands the transaction of a completed write to the writers in line.
    pub fn hand_on(&self, mut turn: Turn, tx: DatabaseTransaction, head: LockedHead) -> Outcome {
        let mut group = Group {
            tx,
            head,
            members: Vec::new(),
        };
        let outcome = group.admit();
        turn.group = Some(group);
        drop(turn);
        let writer = self.clone();
        // It stands behind the writers that are in line now; all of them join.
        tokio::spawn(async move {
            let turn = Arc::clone(&writer.0.line).lock_owned().await;
            writer.commit_group(turn).await;
        });
        outcome
    }

    /// Releases the savepoint of a completed write.
    pub async fn release(
        &self,
        mut turn: Turn,
        savepoint: DatabaseTransaction,
        head: LockedHead,
    ) -> Result<Outcome, Error> {
        let writer = self.clone();
        carried_through(async move {
            if let Err(error) = in_time(savepoint.commit()).await {
                writer.note(&error);
                return Err(turn.fail(error));
            }
            let Some(group) = &mut turn.group else {
                return Err(abandoned());
            };
            group.head = head;
            Ok(group.admit())
        })
        .await
        .map_err(Error::from)
    }

    /// Undoes the work of a write. If that fails, the database may have ended the transaction by itself, and nothing of
    /// the group is committed. `cause` is the first error of the write; `is_interrupted` is true if a statement of it was
    /// given up.
    pub async fn undo(
        &self,
        mut turn: Turn,
        savepoint: Option<DatabaseTransaction>,
        cause: Option<DbErr>,
        is_interrupted: bool,
    ) -> Result<Outcome, Error> {
        let writer = self.clone();
        carried_through(async move {
            let undone = match savepoint {
                Some(savepoint) => in_time(roll_back(savepoint, is_interrupted)).await,
                None => Err(abandoned()),
            };
            if let Err(error) = undone {
                writer.note(&error);
                return Err(turn.fail(cause.unwrap_or(error)));
            }
            let Some(group) = &mut turn.group else {
                return Err(abandoned());
            };
            Ok(group.admit())
        })
        .await
        .map_err(Error::from)
    }

    /// Commits an open group, and tells its writers.
    pub(super) async fn commit_group(&self, mut turn: Turn) {
        let writer = self.clone();
        let committed = carried_through(async move {
            let Some(Group { tx, head, members }) = turn.group.take() else {
                return Ok(());
            };
            let committed = async {
                if let Some(update) = head.update() {
                    tx.execute(&update).await?;
                }
                writer.commit(&mut turn, tx, Some(head)).await
            };
            let committed = timeout(ANSWER_TIMEOUT, committed).await;
            let committed =
                committed.unwrap_or_else(|_| Err(Error::Unsure(Arc::new(unanswered()))));
            if let Err(error) = &committed {
                writer.note_error(error);
                turn.retire();
            }
            tell(members, &committed);
            Ok(())
        });
        // Its writers were told of an error.
        drop(committed.await);
    }
}

impl Line {
    /// The transaction of the open group.
    pub fn shared(&self) -> Option<&DatabaseTransaction> {
        self.group.as_ref().map(|group| &group.tx)
    }

    /// Ends a write that has added nothing to the group. If a statement of it failed, the database may have ended the
    /// transaction by itself, and nothing of the group is committed.
    pub fn leave(&mut self, failed: Option<DbErr>) -> Result<Outcome, Error> {
        if let Some(error) = failed {
            return Err(self.fail(error).into());
        }
        let Some(group) = &mut self.group else {
            return Err(abandoned().into());
        };
        Ok(group.admit())
    }

    /// Gives up the group and the connection, and tells the writers that nothing was committed. Returns what they were
    /// told. They are not at fault: a later attempt may succeed.
    fn fail(&mut self, cause: DbErr) -> DbErr {
        let cause = match Fault::of(&cause) {
            Fault::Ours => DbErr::Conn(RuntimeErr::Internal(format!(
                "the transaction of several writes was given up: {cause}"
            ))),
            _ => cause,
        };
        if let Some(group) = self.group.take() {
            tell(group.members, &Err(cause.clone().into()));
        }
        self.retire();
        cause
    }
}

async fn roll_back(savepoint: DatabaseTransaction, is_interrupted: bool) -> Result<(), DbErr> {
    if is_interrupted {
        // The answer to the statement that was given up may arrive as the error of the next one.
        drop(savepoint.execute_unprepared("SELECT 1").await);
    }
    savepoint.rollback().await
}

/// Runs a task that ends even if the caller gives up.
async fn carried_through<T: Send + 'static>(
    work: impl Future<Output = Result<T, DbErr>> + Send + 'static,
) -> Result<T, DbErr> {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|_| Err(abandoned()))
}

async fn in_time<T>(work: impl Future<Output = Result<T, DbErr>>) -> Result<T, DbErr> {
    let done = timeout(ANSWER_TIMEOUT, work).await;
    done.unwrap_or_else(|_| Err(unanswered()))
}

fn unanswered() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal(
        "the database did not answer in time".to_owned(),
    ))
}

/// The error of a write that ended without an answer of the database.
pub(crate) fn abandoned() -> DbErr {
    DbErr::Conn(RuntimeErr::Internal("the write was abandoned".to_owned()))
}
