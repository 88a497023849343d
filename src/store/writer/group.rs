//! Writers that share a commit. The first hands its open transaction on, each later one works in a savepoint of it, and
//! all are answered after one commit. A savepoint is opened, released and undone by a task of its own: it ends even if
//! the caller gives up, so that it is always known which savepoints are open.

use std::sync::Arc;
use std::time::Duration;

use sea_orm::{ConnectionTrait, DatabaseTransaction, DbErr, RuntimeErr, TransactionTrait};
use tokio::sync::oneshot;
use tokio::time::timeout;

use super::{Line, Turn, Writer};
use crate::error::{Error, Fault};
use crate::head::LockedHead;
use crate::write::Write;

/// The time in which the database must answer a task of a group. Requests time out after the same time.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(10);

/// An open transaction with the work of writers that wait for its commit.
pub(super) struct Group {
    tx: DatabaseTransaction,
    /// The head of the log after their work. It is written before the commit.
    head: LockedHead,
    /// The writers. One that has given up is not told.
    members: Vec<oneshot::Sender<Result<(), Error>>>,
}

impl Group {
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
    /// Opens a savepoint in the transaction of a group.
    pub(super) async fn join(&self, mut turn: Turn) -> Result<Write, Error> {
        let writer = self.clone();
        carried_through(async move {
            let Some(group) = &turn.group else {
                return Err(abandoned().into());
            };
            match in_time(group.tx.begin()).await {
                Ok(savepoint) => {
                    let head = group.head.clone();
                    Ok(Write::joined(writer, turn, savepoint, head))
                }
                Err(error) => {
                    writer.note(&error);
                    Err(turn.fail(error))
                }
            }
        })
        .await
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
                return Err(abandoned().into());
            };
            group.head = head;
            Ok(group.admit())
        })
        .await
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
                return Err(abandoned().into());
            };
            Ok(group.admit())
        })
        .await
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
    /// Gives up the group and the connection, and tells the writers that nothing was committed. Returns what they were
    /// told. They are not at fault: a later attempt may succeed.
    fn fail(&mut self, cause: DbErr) -> Error {
        let cause = match Fault::of(&cause) {
            Fault::Ours => DbErr::Conn(RuntimeErr::Internal(format!(
                "the transaction of several writes was given up: {cause}"
            ))),
            _ => cause,
        };
        let error = Error::from(cause);
        if let Some(group) = self.group.take() {
            tell(group.members, &Err(error.clone()));
        }
        self.retire();
        error
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
    work: impl Future<Output = Result<T, Error>> + Send + 'static,
) -> Result<T, Error> {
    let done = tokio::spawn(work).await;
    done.unwrap_or_else(|_| Err(abandoned().into()))
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
