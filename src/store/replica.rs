//! Reads from a streaming replica of a `PostgreSQL` database.
//!
//! Rows of records and of the log are never rewritten, and each commit that adds some raises the sequence number in the
//! head of the log. So a replica whose head has reached a moment gives the rows of that moment as the primary does. It is
//! read only while its head has reached the newest moment that this process knows; otherwise the primary is. What changes
//! without the sequence number (contributions, tokens, webhooks, positions) is read from the primary alone.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::sqlx::postgres::PgConnectOptions;
use sea_orm::sqlx::{self, PgConnection};
use sea_orm::{ConnectionTrait, DatabaseConnection, DbErr, QueryResult, Statement};
use tokio::sync::{Notify, watch};
use tokio::task::JoinHandle;
use tokio::time::{sleep, timeout};

use super::address::Address;
use super::connect::{self, OnConnect, OnStatement, answering};
use super::error::{Error, reason};
use super::moment::Moment;
use super::preview::Reader;
use super::{Inner, Reads, Store, chain, head, migrate, reference_index};

/// Longest time that a read waits until the replica has reached the newest moment. A replica that took longer is not
/// waited for again until it has caught up.
const MAX_REPLAY_WAIT: Duration = Duration::from_millis(20);
/// Time after which a statement is given up on the replica, and sent to the primary.
const STATEMENT_TIMEOUT: Duration = Duration::from_secs(2);
/// Time after which a replica that does not tell its position counts as away.
const LOOK_TIMEOUT: Duration = Duration::from_secs(1);
/// Time between two looks at a replica that has reached all that is known here, and between two attempts to open one.
const LOOK_INTERVAL: Duration = Duration::from_secs(1);
/// Pause before the second look at a replica that is behind. Each further one is twice as long, up to
/// [`MAX_PAUSE`].
const FIRST_PAUSE: Duration = Duration::from_millis(1);
/// Longest pause between two looks at a replica that is behind.
const MAX_PAUSE: Duration = Duration::from_millis(100);
/// Time for which a replica may be behind before the log of the program tells it.
const TOLD_AFTER: Duration = Duration::from_secs(1);

/// The state of the replica.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ReplicaState {
    /// It has reached all that is known here: records and the log are read from it.
    Current,
    /// It lacks this number of changes: all is read from the primary.
    Behind(u64),
    /// It cannot be used: all is read from the primary.
    Away,
}

impl fmt::Display for ReplicaState {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Current => out.write_str("in use"),
            Self::Behind(lacking) => write!(out, "{lacking} changes behind"),
            Self::Away => out.write_str("away"),
        }
    }
}

/// A replica, which may come and go.
pub(super) struct Replica {
    options: PgConnectOptions,
    connections: u32,
    on_statement: OnStatement,
    /// The id of the database.
    database: String,
    pool: Mutex<Option<Arc<ReplicaPool>>>,
}

/// The task that opens and watches a replica. It ends when the value is dropped.
pub(super) struct WatchTask(JoinHandle<()>);

impl WatchTask {
    /// Stops the task.
    pub fn stop(&self) {
        self.0.abort();
    }
}

impl Drop for WatchTask {
    fn drop(&mut self) {
        self.stop();
    }
}

/// Connections to a replica since it was opened. What it has reached only grows: a replica that goes back, or becomes
/// another database, is opened again.
pub(super) struct ReplicaPool {
    connection: DatabaseConnection,
    /// The connection that reads the position, so that a look never waits for reads.
    watcher: DatabaseConnection,
    /// The last sequence number that the replica is known to have.
    reached: Arc<watch::Sender<i64>>,
    /// The last sequence number that a read needed.
    needed: watch::Sender<i64>,
    /// True if a read waited in vain, and the replica has not caught up since.
    is_late: AtomicBool,
    /// Signals that a statement failed, so that the replica is looked at.
    doubts: Notify,
}

/// Checks that a database can have a replica, and reads the address of the replica.
///
/// # Errors
/// [`Error::Unusable`]
pub(super) fn read_address(primary: &Address, url: &str) -> Result<PgConnectOptions, Error> {
    if let (Address::Shared(_), Address::Shared(replica)) = (primary, Address::read(url)?) {
        return Ok(*replica);
    }
    let message =
        "only a PostgreSQL database has a replica: both addresses must begin with postgres://";
    Err(Error::Unusable(message.to_owned()))
}

/// Checks that a database can have a replica at a URL.
///
/// # Errors
/// [`Error::Unusable`]; its text never repeats a part of a URL that may be a secret.
pub fn check_replica(url: &str, replica: &str) -> Result<(), Error> {
    read_address(&Address::read(url)?, replica).map(drop)
}

/// The position of a server, as it tells it.
struct Position {
    database: String,
    sequence: i64,
    is_standby: bool,
}

/// Reads the position of a server.
const POSITION: &str = "SELECT \"database\", \"sequence\", pg_is_in_recovery() FROM \"head\"";

impl Position {
    async fn on(connection: &mut PgConnection) -> Result<Self, sqlx::Error> {
        let row: (String, i64, bool) = sqlx::query_as(POSITION).fetch_one(connection).await?;
        let (database, sequence, is_standby) = row;
        Ok(Self {
            database,
            sequence,
            is_standby,
        })
    }

    /// Checks that a server is a standby of the database that is not behind a position.
    ///
    /// # Errors
    /// The reason why it must not be read.
    fn check(&self, database: &str, reached: i64) -> Result<(), &'static str> {
        if self.database != database {
            Err("it is a replica of another database")
        } else if !self.is_standby {
            Err("it is no standby")
        } else if self.sequence < reached {
            Err("it went back in the log")
        } else {
            Ok(())
        }
    }
}

impl Replica {
    /// A replica that is not opened yet.
    pub fn new(
        options: PgConnectOptions,
        connections: u32,
        on_statement: OnStatement,
        database: String,
    ) -> Self {
        Self {
            options,
            connections,
            on_statement,
            database,
            pool: Mutex::default(),
        }
    }

    fn pool(&self) -> Option<Arc<ReplicaPool>> {
        let pool = self.pool.lock().unwrap_or_else(PoisonError::into_inner);
        pool.clone()
    }

    fn set(&self, pool: Option<Arc<ReplicaPool>>) {
        *self.pool.lock().unwrap_or_else(PoisonError::into_inner) = pool;
    }

    /// The connections to the replica, if it has reached a moment or does so soon.
    async fn at(&self, moment: Moment) -> Option<Arc<ReplicaPool>> {
        let pool = self.pool()?;
        pool.reaches(moment).await.then_some(pool)
    }

    /// Closes the connections.
    pub async fn close(&self) {
        if let Some(pool) = self.pool() {
            self.set(None);
            pool.close().await;
        }
    }

    fn state(&self, newest: Moment) -> ReplicaState {
        let Some(pool) = self.pool() else {
            return ReplicaState::Away;
        };
        match u64::try_from(newest.0.saturating_sub(*pool.reached.borrow())) {
            Ok(0) | Err(_) => ReplicaState::Current,
            Ok(lacking) => ReplicaState::Behind(lacking),
        }
    }

    /// Opens connections, and checks that the server is a standby with the tables and the log of the primary.
    ///
    /// # Errors
    /// The reason why it must not be read.
    async fn open(&self, primary: &Reader) -> Result<ReplicaPool, String> {
        let address = Address::Shared(Box::new(self.options.clone()));
        let reached = answering(&address, &self.options).await;
        reached.map_err(|error| error.message)?;
        let failed = |error: DbErr| reason(&error);
        let any: OnConnect = Arc::new(|_| std::future::ready(Ok(())).boxed());
        let watcher = connect::replica(&self.options, 1, any).await;
        let watcher = watcher.map_err(failed)?;
        let position = inspect(&watcher, &self.database, primary).await?;
        let reached = Arc::new(watch::Sender::new(position.sequence));
        let pool = connect::replica(&self.options, self.connections, self.check(&reached)).await;
        let mut connection = pool.map_err(failed)?;
        connect::report_statements(&mut connection, &self.on_statement);
        Ok(ReplicaPool {
            connection,
            watcher,
            needed: watch::Sender::new(position.sequence),
            reached,
            is_late: AtomicBool::default(),
            doubts: Notify::new(),
        })
    }

    /// Refuses a connection to a server that lacks what the replica had: its name may lead to another one by now.
    fn check(&self, reached: &Arc<watch::Sender<i64>>) -> OnConnect {
        let (database, reached) = (self.database.clone(), Arc::clone(reached));
        Arc::new(move |connection| {
            check_connection(connection, database.clone(), Arc::clone(&reached))
        })
    }
}

/// Checks that a server is a standby with the tables and the log of the primary, whose id is `database`. Returns its
/// position.
///
/// # Errors
/// The reason why it must not be read.
async fn inspect<C: ConnectionTrait>(
    watcher: &DatabaseConnection,
    database: &str,
    primary: &C,
) -> Result<Position, String> {
    let lacking = |error: Error| match error {
        Error::Unusable(_) => "it does not have the tables of this version yet".to_owned(),
        error => format!("it cannot be read: {error}"),
    };
    migrate::refuse_pending(watcher).await.map_err(lacking)?;
    let position = look(watcher).await.map_err(|error| reason(&error))?;
    position.check(database, 0)?;
    let has_all = reference_index::is_filled(watcher).await.map_err(lacking)?
        && chain::has_begun(watcher).await.map_err(lacking)?;
    if !has_all {
        return Err(lacking(Error::Unusable(String::new())));
    }
    // A standby of a primary that was replaced may have another log with the same numbers.
    let (line, link) = chain::last(watcher).await.map_err(lacking)?;
    let of_primary = chain::of_lines(primary, [line]).await.map_err(lacking)?;
    if line > 0 && of_primary.get(&line).map(|own| own.hash) != Some(link.hash) {
        return Err("its log differs from that of the primary".to_owned());
    }
    Ok(position)
}

/// Examines a replica for the command `doctor`. Returns the number of changes that it lacks.
///
/// # Errors
/// The reason why it must not be read.
pub fn examine_replica<'a>(url: &'a str, replica: &'a str) -> BoxFuture<'a, Result<u64, String>> {
    async move {
        let failed = |error: DbErr| reason(&error);
        let address = Address::read(url).map_err(|error| error.to_string())?;
        let options = read_address(&address, replica).map_err(|error| error.to_string())?;
        let there = Address::Shared(Box::new(options.clone()));
        let answered = answering(&there, &options).await;
        answered.map_err(|error| error.message)?;
        let primary = connect::unmigrated(&address).await;
        let primary = primary.map_err(|error| error.to_string())?;
        let database = head::position(&primary).await;
        let (database, newest) =
            database.map_err(|error| format!("nothing to compare: {error}"))?;
        let any: OnConnect = Arc::new(|_| std::future::ready(Ok(())).boxed());
        let watcher = connect::replica(&options, 1, any).await.map_err(failed)?;
        let position = inspect(&watcher, &database, &primary).await?;
        // A failed close is harmless: both connections only read.
        drop(watcher.close().await);
        drop(primary.close().await);
        Ok(u64::try_from(newest.saturating_sub(position.sequence)).unwrap_or_default())
    }
    .boxed()
}

fn check_connection(
    connection: &mut PgConnection,
    database: String,
    reached: Arc<watch::Sender<i64>>,
) -> BoxFuture<'_, Result<(), sqlx::Error>> {
    async move {
        let position = Position::on(connection).await?;
        let least = *reached.borrow();
        let checked = position.check(&database, least);
        checked.map_err(|why| sqlx::Error::Protocol(why.to_owned()))
    }
    .boxed()
}

/// Reads the position of a server, in time.
async fn look(watcher: &DatabaseConnection) -> Result<Position, DbErr> {
    let query = Statement::from_string(watcher.get_database_backend(), POSITION);
    let row = timeout(LOOK_TIMEOUT, watcher.query_one_raw(query)).await;
    let row = row.map_err(|_| {
        let seconds = LOOK_TIMEOUT.as_secs();
        DbErr::Custom(format!("it does not answer within {seconds} s"))
    })??;
    let row = row.ok_or_else(|| DbErr::RecordNotFound("it has no log".to_owned()))?;
    Ok(Position {
        database: row.try_get_by_index(0)?,
        sequence: row.try_get_by_index(1)?,
        is_standby: row.try_get_by_index(2)?,
    })
}

impl ReplicaPool {
    /// True if the replica has reached a moment. Waits shortly if it has not, unless that was in vain before.
    async fn reaches(&self, moment: Moment) -> bool {
        let has_reached = |reached: &i64| *reached >= moment.0;
        if has_reached(&self.reached.borrow()) {
            return true;
        }
        self.needed.send_if_modified(|needed| {
            let is_more = *needed < moment.0;
            *needed = moment.0.max(*needed);
            is_more
        });
        if self.is_late.load(Ordering::Acquire) {
            return false;
        }
        let mut reached = self.reached.subscribe();
        let in_time = timeout(MAX_REPLAY_WAIT, reached.wait_for(has_reached)).await;
        let is_reached = matches!(in_time, Ok(Ok(_)));
        if !is_reached {
            self.is_late.store(true, Ordering::Release);
        }
        is_reached
    }

    /// Sends a statement; `None` if it must be sent to the primary.
    pub async fn query_one(&self, statement: Statement) -> Option<Option<QueryResult>> {
        self.in_time(self.connection.query_one_raw(statement)).await
    }

    /// Sends a statement; `None` if it must be sent to the primary.
    pub async fn query_all(&self, statement: Statement) -> Option<Vec<QueryResult>> {
        self.in_time(self.connection.query_all_raw(statement)).await
    }

    /// Waits for an answer. A statement fails if the replica ends, and also if its replay needs rows away that the statement
    /// reads.
    async fn in_time<T>(&self, answer: impl Future<Output = Result<T, DbErr>>) -> Option<T> {
        let why = match timeout(STATEMENT_TIMEOUT, answer).await {
            Ok(Ok(found)) => return Some(found),
            Ok(Err(error)) => reason(&error),
            Err(_) => format!("no answer within {} s", STATEMENT_TIMEOUT.as_secs()),
        };
        tracing::debug!(
            why,
            "a statement failed on the replica, and is sent to the primary"
        );
        self.doubts.notify_one();
        None
    }

    /// Looks at the position again and again. Returns the reason why the replica must not be read any more.
    async fn watch(&self, database: &str) -> String {
        let mut needed = self.needed.subscribe();
        let mut pause = FIRST_PAUSE;
        let mut behind_since = None;
        let mut is_told = false;
        loop {
            let position = match look(&self.watcher).await {
                Ok(position) => position,
                Err(error) => return reason(&error),
            };
            if let Err(why) = position.check(database, *self.reached.borrow()) {
                return why.to_owned();
            }
            self.reached.send_if_modified(|reached| {
                let is_more = *reached < position.sequence;
                *reached = position.sequence;
                is_more
            });
            let lacking = needed.borrow_and_update().saturating_sub(position.sequence);
            if lacking > 0 {
                let since = *behind_since.get_or_insert_with(tokio::time::Instant::now);
                if !is_told && since.elapsed() >= TOLD_AFTER {
                    is_told = true;
                    tracing::warn!(lacking, "the replica is behind: reads go to the primary");
                }
                sleep(pause).await;
                pause = pause.saturating_mul(2).min(MAX_PAUSE);
                continue;
            }
            self.is_late.store(false, Ordering::Release);
            if is_told {
                tracing::info!("the replica has caught up: reads go to it");
            }
            (pause, behind_since, is_told) = (FIRST_PAUSE, None, false);
            tokio::select! {
                // The sender lives as long as this value.
                _ = needed.changed() => {}
                () = self.doubts.notified() => {}
                () = sleep(LOOK_INTERVAL) => {}
            }
        }
    }

    /// Closes the connections, as far as they answer.
    async fn close(self: Arc<Self>) {
        for connection in [&self.connection, &self.watcher] {
            // An error is harmless: the connections only read.
            drop(timeout(LOOK_TIMEOUT, connection.close_by_ref()).await);
        }
    }
}

/// Opens the replica of a store, and opens it again whenever it was away.
async fn keep_open(store: Weak<Inner>) {
    let mut is_told = false;
    loop {
        let Some(inner) = store.upgrade() else { return };
        let Some(replica) = &inner.replica else {
            return;
        };
        match replica.open(&inner.reader).await {
            Ok(pool) => {
                let pool = Arc::new(pool);
                replica.set(Some(Arc::clone(&pool)));
                let database = replica.database.clone();
                drop(inner);
                tracing::info!("the replica is open: reads go to it");
                let why = pool.watch(&database).await;
                tracing::warn!(why, "the replica is away: reads go to the primary");
                is_told = true;
                if let Some(inner) = store.upgrade()
                    && let Some(replica) = &inner.replica
                {
                    replica.set(None);
                }
                pool.close().await;
            }
            Err(why) => {
                if !is_told {
                    tracing::warn!(why, "the replica is away: reads go to the primary");
                }
                is_told = true;
                drop(inner);
            }
        }
        sleep(LOOK_INTERVAL).await;
    }
}

/// Starts the task that opens and watches the replica of a store.
pub(super) fn watch(store: &Arc<Inner>) -> WatchTask {
    WatchTask(tokio::spawn(keep_open(Arc::downgrade(store))))
}

impl Store {
    /// The same store, which reads from the replica if that has reached the newest moment known here. For reads that
    /// depend on the log alone.
    pub(super) async fn of_log(&self) -> Self {
        let newest = self.known();
        let (Reads::Any, Some(replica)) = (&self.1, &self.0.replica) else {
            return self.clone();
        };
        let Some(pool) = replica.at(newest).await else {
            return self.clone();
        };
        let reader = self.0.reader.with_replica(pool);
        Self(Arc::clone(&self.0), Reads::Replica(Arc::new(reader)))
    }

    /// The same store, which reads from the primary alone. For reads that decide about a write, which must not wait for a
    /// replica while it has its turn, and for those that follow from something newer than what is known here.
    pub(super) fn of_primary(&self) -> Self {
        match &self.1 {
            Reads::Any | Reads::Primary | Reads::Replica(_) => {
                Self(Arc::clone(&self.0), Reads::Primary)
            }
            Reads::Preview(_) => self.clone(),
        }
    }

    /// The state of the replica; `None` if there is none.
    pub fn replica(&self) -> Option<ReplicaState> {
        let replica = self.0.replica.as_ref()?;
        Some(replica.state(self.known()))
    }
}
