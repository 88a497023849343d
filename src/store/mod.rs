//! Where the words are kept: entities and all SQL. What is known has one row per version, and
//! changes only through the change log.

use std::sync::Arc;

use sea_orm::{ActiveValue, DatabaseConnection, DatabaseTransaction, EntityTrait};
pub mod acted;
pub mod case;
pub mod change;
pub mod citation;
mod clock;
mod column;
mod commit;
mod connect;
pub mod contribution;
pub mod country;
pub mod coverage_assertion;
pub mod cybersecurity_body;
mod effect;
mod error;
pub mod export;
mod follow;
mod head;
mod idempotency;
pub mod import;
pub mod institution;
mod journal;
pub mod list;
pub mod load;
pub mod mention;
pub mod moment;
mod newest;
pub mod operational_unit;
pub mod page;
mod plan;
pub mod policy_document;
pub mod profile_section;
pub mod record;
pub mod records;
mod references;
pub mod relay;
pub mod source;
pub mod token;
pub mod treaty;
pub mod treaty_event;
mod verify;
mod wake;
mod world;

pub use clock::Clock;
pub use commit::Committed;
pub use connect::{OnStatement, Options, Pool, claim, migrations, revert};
pub use error::Error;
pub use head::Head;
use moment::{Cursors, Moment};
use newest::Newest;
use wake::Wake;

/// An open database.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    url: String,
    writer: DatabaseConnection,
    reader: DatabaseConnection,
    /// One write at a time in this process; the database keeps processes apart.
    turn: tokio::sync::Mutex<()>,
    cursors: Cursors,
    clock: Clock,
    wake: Wake,
    newest: Newest,
}

impl Store {
    /// Opens a database and brings its tables up to date.
    ///
    /// # Errors
    /// [`Error::Unusable`] says in one line why it cannot be used.
    pub async fn open(url: &str, options: &Options) -> Result<Self, Error> {
        let connections = connect::open(url, options).await?;
        let first = head::ActiveModel {
            id: ActiveValue::Set(1),
            database: ActiveValue::Set(uuid::Uuid::new_v4().to_string()),
            sequence: ActiveValue::Set(0),
            committed_at: ActiveValue::Set(None),
            touched: ActiveValue::Set(0),
            effects_through: ActiveValue::Set(None),
        };
        head::Entity::insert(first)
            .on_conflict_do_nothing()
            .exec_without_returning(&connections.writer)
            .await?;
        let head = head::read(&connections.writer).await?;
        mention::fill(&connections.writer).await?;
        Ok(Self(Arc::new(Inner {
            url: url.to_owned(),
            writer: connections.writer,
            reader: connections.reader,
            turn: tokio::sync::Mutex::new(()),
            cursors: Cursors::new(&head.database),
            clock: options.clock.clone(),
            wake: Wake::new(&head),
            newest: Newest::new(connect::journal(url)),
        })))
    }

    /// Closes the database, so that all of it is in its file.
    pub async fn close(&self) {
        self.0.wake.stop();
        for connection in [self.reader(), self.writer()] {
            if let Err(error) = connection.close_by_ref().await {
                tracing::warn!(%error, "a database connection was not closed");
            }
        }
    }

    /// Where the log ends now.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn head(&self) -> Result<Head, Error> {
        Ok(Head::of(&head::read(self.reader()).await?))
    }

    /// Writes and reads the cursors of this database.
    pub fn cursors(&self) -> &Cursors {
        &self.0.cursors
    }

    /// What time it is here.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The connections for reading.
    pub fn pool(&self) -> Pool {
        connect::pool(self.reader())
    }

    fn reader(&self) -> &DatabaseConnection {
        &self.0.reader
    }

    fn writer(&self) -> &DatabaseConnection {
        &self.0.writer
    }

    /// Begins a write. Writes take turns, also with those of other processes: what one reads before it
    /// writes is still so when it writes.
    async fn begin(&self) -> Result<(DatabaseTransaction, tokio::sync::MutexGuard<'_, ()>), Error> {
        let turn = self.0.turn.lock().await;
        let tx = connect::begin(self.writer()).await?;
        head::lock(&tx).await?;
        Ok((tx, turn))
    }

    /// Ends a write, and tells whoever follows how far things have come.
    async fn commit(&self, tx: DatabaseTransaction) -> Result<(), Error> {
        let head = head::read(&tx).await?;
        connect::notify(&tx).await?;
        tx.commit().await?;
        let wake = &self.0.wake;
        wake.reach(Moment(head.sequence), head.touched);
        wake.own.send_replace(());
        Ok(())
    }
}
