//! The connection that writes. Writers take turns on it. Those that wait for their turn when a writer commits share a
//! transaction and its commit: each works in a savepoint, and is answered after the commit.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use sea_orm::{ConnAcquireErr, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr};
use tokio::sync::{Mutex, OwnedMutexGuard};

use crate::address::Address;
use crate::backend;
use crate::connect::{self, OnStatement};
use crate::current_values::CurrentValues;
use crate::error::{Error, Fault};
use crate::head::{Head, LockedHead};
use crate::head_cache::HeadCache;
use crate::known_tokens::KnownTokens;
use crate::moment::Moment;
use crate::notice;
use crate::renewal::Renewal;
use crate::wake::Wake;
use crate::wal_index::{self, WalStamp};
use crate::write::{Kind, Write};
use group::Group;

mod group;

pub(super) use group::abandoned;

/// The connection that writes, and the means to open another. Clones share it.
#[derive(Clone)]
pub(super) struct Writer(Arc<Inner>);

struct Inner {
    address: Address,
    on_statement: OnStatement,
    renewal: Arc<Renewal>,
    wake: Arc<Wake>,
    head_cache: Arc<HeadCache>,
    known_tokens: Arc<KnownTokens>,
    /// Locked by the current writer; other processes are excluded by the database. Writers get it in the order in which
    /// they ask.
    line: Arc<Mutex<Line>>,
    /// The number of writers in line, without the current one.
    in_line: AtomicUsize,
    /// True if a write failed, the statement was not at fault, and no test write has succeeded since.
    writes_fail: AtomicBool,
}

/// The connection, and the group that is open on it between two turns.
pub(super) struct Line {
    /// `None` after a write that failed or was abandoned, until the next write opens another.
    connection: Option<DatabaseConnection>,
    /// True if no other connection is opened.
    is_closed: bool,
    group: Option<Group>,
    /// The head of the log after the last commit.
    head: Option<LockedHead>,
    /// Values that writers found in current records.
    pub current_values: CurrentValues,
}

/// The turn of a writer.
pub(super) type Turn = OwnedMutexGuard<Line>;

/// Counts a writer as one in line.
struct InLine<'a>(&'a AtomicUsize);

impl<'a> InLine<'a> {
    fn counted(number: &'a AtomicUsize) -> Self {
        number.fetch_add(1, Ordering::AcqRel);
        Self(number)
    }
}

impl Drop for InLine<'_> {
    fn drop(&mut self) {
        self.0.fetch_sub(1, Ordering::AcqRel);
    }
}

impl Writer {
    /// Starts with an open connection; later ones are opened as needed. Each commit wakes followers.
    pub fn new(
        address: &Address,
        connection: DatabaseConnection,
        on_statement: OnStatement,
        renewal: Arc<Renewal>,
        wake: Arc<Wake>,
        head_cache: Arc<HeadCache>,
        known_tokens: Arc<KnownTokens>,
    ) -> Self {
        let line = Line {
            connection: Some(connection),
            is_closed: false,
            group: None,
            head: None,
            current_values: CurrentValues::default(),
        };
        Self(Arc::new(Inner {
            address: address.clone(),
            on_statement,
            renewal,
            wake,
            head_cache,
            known_tokens,
            line: Arc::new(Mutex::new(line)),
            in_line: AtomicUsize::default(),
            writes_fail: AtomicBool::default(),
        }))
    }

    /// Begins a write that may share its commit with others, and locks the head of the log. Writers take turns, those of
    /// other processes included: what a write reads stays true until it ends.
    pub async fn begin(&self) -> Result<Write, Error> {
        let turn = self.turn().await;
        if turn.group.is_some() {
            return self.join(turn).await;
        }
        let write = Write::begin(self, turn, Kind::First).await?;
        write.head().await?;
        Ok(write)
    }

    /// Begins a write with a commit of its own. The head of the log is not locked.
    pub async fn begin_alone(&self) -> Result<Write, Error> {
        Write::begin(self, self.turn_alone().await, Kind::Alone).await
    }

    /// Begins a write with a commit of its own after a checkpoint, which makes as much room in the WAL as possible.
    pub async fn begin_tidied(&self) -> Result<Write, Error> {
        Write::begin(self, self.turn_alone().await, Kind::Tidied).await
    }

    /// The kind of the database.
    pub fn backend(&self) -> DbBackend {
        match self.0.address {
            Address::Embedded(_) => DbBackend::Sqlite,
            Address::Shared(_) => DbBackend::Postgres,
        }
    }

    /// Closes the connection. Later writes fail.
    pub async fn close(&self) -> Result<(), DbErr> {
        let mut turn = self.turn_alone().await;
        turn.is_closed = true;
        match turn.connection.take() {
            Some(connection) => connection.close().await,
            None => Ok(()),
        }
    }

    /// True if a write failed, the statement was not at fault, and no test write has succeeded since.
    pub fn writes_fail(&self) -> bool {
        self.0.writes_fail.load(Ordering::Acquire)
    }

    /// Records that writes fail.
    pub fn note_write_failed(&self) {
        self.0.writes_fail.store(true, Ordering::Release);
    }

    /// Records that writes succeed.
    pub fn note_write_succeeded(&self) {
        self.0.writes_fail.store(false, Ordering::Release);
    }

    /// Makes the next reads open new connections, because the open ones lead to a read-only database.
    pub fn renew_readers(&self) {
        self.0.renewal.renew_after_write();
    }

    /// Records the cause of an error.
    pub fn note(&self, error: &DbErr) {
        match Fault::of(error) {
            Fault::Contention | Fault::Ours => {}
            Fault::ReadOnly => {
                self.note_write_failed();
                self.renew_readers();
            }
            Fault::Surroundings => self.note_write_failed(),
        }
    }

    /// Records the cause of an error of the database.
    pub fn note_error(&self, error: &Error) {
        if let Error::Database(cause) | Error::Unsure(cause) = error {
            self.note(cause);
        }
    }

    /// Commits a transaction whose statements have all been executed. If it changed the head of the log, other processes
    /// are notified with the commit, and followers wake when it is durable.
    pub async fn commit(
        &self,
        line: &mut Line,
        tx: DatabaseTransaction,
        head: Option<LockedHead>,
    ) -> Result<(), Error> {
        let head = head.filter(|head| head.update().is_some());
        commit(tx, head.is_some()).await?;
        if let Some(head) = head {
            let wake = &self.0.wake;
            wake.reach(Moment(head.now.sequence), head.now.touched);
            wake.own.send_replace(());
            // If another process has committed since, its head is the newest.
            let stamps = head.stamp.zip(self.stamp());
            let after = stamps.filter(|(before, after)| wal_index::is_next(before, after));
            line.head = after.map(|(before, after)| {
                self.0.head_cache.learn(Head::of(&head.now), after);
                if !head.writes_tokens {
                    self.0.known_tokens.keep_through(&before, after);
                }
                head.committed(after)
            });
        }
        Ok(())
    }

    /// The header of the WAL index of an embedded database.
    pub fn stamp(&self) -> Option<WalStamp> {
        self.0.head_cache.stamp()
    }

    /// True if other writers are in line.
    pub fn is_awaited(&self) -> bool {
        self.0.in_line.load(Ordering::Acquire) > 0
    }

    async fn turn(&self) -> Turn {
        let _counted = InLine::counted(&self.0.in_line);
        Arc::clone(&self.0.line).lock_owned().await
    }

    /// A turn without an open group.
    async fn turn_alone(&self) -> Turn {
        loop {
            let turn = self.turn().await;
            if turn.group.is_none() {
                return turn;
            }
            self.commit_group(turn).await;
        }
    }
}

impl Line {
    /// The head of the log, if it was written by this process and nothing was committed since.
    pub fn known_head(&self, stamp: Option<WalStamp>) -> Option<LockedHead> {
        let head = self.head.as_ref()?;
        (head.stamp == stamp).then(|| head.clone())
    }

    /// Begins a transaction, on a new connection if there is none or if the open one was lost.
    pub async fn begin(
        &mut self,
        writer: &Writer,
        kind: Kind,
    ) -> Result<DatabaseTransaction, DbErr> {
        match self.begin_once(writer, kind).await {
            Err(error) if backend::is_lost(&error) => {
                self.retire();
                self.begin_once(writer, kind).await
            }
            begun => begun,
        }
    }

    async fn begin_once(
        &mut self,
        writer: &Writer,
        kind: Kind,
    ) -> Result<DatabaseTransaction, DbErr> {
        let connection = match &mut self.connection {
            Some(connection) => connection,
            None if self.is_closed => {
                return Err(DbErr::ConnectionAcquire(ConnAcquireErr::ConnectionClosed));
            }
            none => {
                let Inner {
                    address,
                    on_statement,
                    renewal,
                    ..
                } = &*writer.0;
                none.insert(connect::writer(address, on_statement, renewal).await?)
            }
        };
        if kind == Kind::Tidied {
            backend::tidy(connection).await;
        }
        backend::begin(connection).await
    }

    /// Closes the connection.
    pub fn retire(&mut self) {
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

async fn commit(tx: DatabaseTransaction, notifies: bool) -> Result<(), Error> {
    if notifies {
        notice::notify(&tx).await?;
    }
    tx.commit().await.map_err(|error| match Fault::of(&error) {
        Fault::Surroundings if backend::is_unsure(&error) => Error::Unsure(Arc::new(error)),
        _ => error.into(),
    })
}

#[cfg(test)]
mod tests;
