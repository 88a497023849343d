//! The store: entities and all SQL. Every record has one row per version, and records change only through the change
//! log.
//!
//! - Reading: [`moment`] (positions in the log), [`record`] (rows of any noun), [`load`] (batches of rows by key),
//!   [`list`] and [`page`] (pages by keyset). Each noun has a module, such as [`treaty_event`].
//! - Writing: [`contribution`] (proposals and their review) and [`import`] (data files) turn proposed changes into a
//!   plan, which is checked against the current records and carried out in one transaction.
//! - The log: [`change`] appends to it and reads it. Followers read it again after each wake-up. [`relay`] remembers
//!   how far an external stream has come. [`webhook`] keeps the addresses to which changes are posted.
//! - Trying: [`preview`] reads the records with the changes of a contribution over them.
//! - Whole databases: [`backup`], restoring and moving, between `SQLite` and `PostgreSQL`.
//! - Opening: database URLs, locks between processes, migrations, and connections to `SQLite` and `PostgreSQL`.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use futures_util::future::{BoxFuture, FutureExt};
use sea_orm::{DatabaseConnection, EntityTrait};

mod address;
pub mod article_implementation;
mod backend;
pub mod backup;
pub mod chain;
pub mod change;
pub mod citation;
mod claim;
mod clock;
mod commit;
mod concern;
mod connect;
pub mod contribution;
mod copy;
pub mod country;
pub mod court_decision;
pub mod coverage_assertion;
mod current_values;
pub mod cybersecurity_body;
mod cycles;
mod draft;
mod drafting;
mod effect;
mod error;
pub mod examine;
pub mod export;
mod follow;
mod head;
mod head_cache;
mod idempotency;
pub mod import;
pub mod institution;
mod integrity;
mod key_table;
mod known_records;
mod known_tokens;
mod lineage;
pub mod list;
mod literal_limit;
pub mod load;
mod lock;
mod migrate;
pub mod moment;
pub mod new_file;
mod new_keys;
mod notice;
mod open;
pub mod operational_unit;
pub mod page;
pub mod participants;
pub mod participation;
mod plan;
pub mod policy_document;
pub mod preview;
pub mod profile_section;
pub mod record;
pub mod record_counts;
pub mod records;
pub mod reference_index;
mod referrers;
pub mod relay;
mod relocate;
mod renewal;
mod replica;
mod restore;
pub mod source;
pub mod status_input;
mod time_limit;
pub mod token;
pub mod touched;
pub mod treaty;
pub mod treaty_event;
mod trial;
mod usage;
mod verify;
pub mod versions;
mod wake;
mod wal_index;
pub mod webhook;
mod without_statements;
mod write;
mod writer;

use address::Address;
pub use address::place;
pub use claim::{Claim, ClaimMode, claim};
pub use clock::Clock;
pub use commit::Committed;
pub use connect::{OnStatement, Pool};
pub use error::Error;
pub use head::Head;
use head_cache::HeadCache;
pub use head_cache::SeenHead;
use known_tokens::KnownTokens;
pub use migrate::{Reverted, migrations, revert, would_revert};
use moment::{Cursors, Moment};
pub use open::Options;
use preview::{Overlaid, Reader};
pub use relocate::{Moved, relocate};
use renewal::Renewal;
use replica::{Replica, WatchTask};
pub use replica::{ReplicaState, check_replica};
pub use restore::{RestoreOptions, Restored, restore};
use trial::LastWriteTest;
use usage::StatementCounters;
pub use usage::{Statements, Usage};
use wake::Wake;
pub use without_statements::without_statements;
use write::Write;
use writer::Writer;

/// An open database, in a preview with its rows over the tables. Clones share its connections.
#[derive(Clone)]
pub struct Store(Arc<Inner>, Reads);

/// The connections from which a store reads.
#[derive(Clone)]
enum Reads {
    /// The replica, for reads that depend on the log alone, as soon as it has what they need; the primary for all others.
    Any,
    /// All is read from the primary.
    Primary,
    /// All is read from a replica that has it.
    Replica(Arc<Reader>),
    /// All is read from the primary, with the rows of a preview.
    Preview(Arc<Overlaid>),
}

struct Inner {
    address: Address,
    writer: Writer,
    reader: Reader,
    cursors: Cursors,
    clock: Clock,
    wake: Arc<Wake>,
    head_cache: Arc<HeadCache>,
    known_tokens: Arc<KnownTokens>,
    replica: Option<Replica>,
    watch: OnceLock<WatchTask>,
    last_write_test: LastWriteTest,
    statements: StatementCounters,
}

/// True if a file is a part of a database: its file, or one that `SQLite` keeps beside it.
pub fn is_of_database(url: &str, file: &Path) -> bool {
    let Ok(Address::Embedded(embedded)) = Address::read(url) else {
        return false;
    };
    let settled = std::fs::canonicalize(file).or_else(|_| {
        let folder = file.parent().filter(|folder| *folder != Path::new(""));
        let folder = std::fs::canonicalize(folder.unwrap_or(Path::new(".")))?;
        Ok::<_, std::io::Error>(folder.join(file.file_name().unwrap_or_default()))
    });
    let Ok(file) = settled else {
        return false;
    };
    // A file beside the database may not exist yet, so its name is compared.
    let beside = ["-wal", "-shm", "-journal"].map(|ending| embedded.sibling(ending));
    file == embedded.file() || beside.contains(&file)
}

/// Writes what a database lacks: the head of a new one, and the tables that are derived from a log older than they. No
/// step writes if it was done before, so that a read-only database can be opened.
async fn complete(reader: &DatabaseConnection, writer: &Writer) -> Result<(), Error> {
    let is_new = change::Entity::find().one(reader).await?.is_none();
    if is_new && head::Entity::find().one(reader).await?.is_none() {
        let tx = writer.begin_alone().await?;
        head::insert_first(&tx).await?;
        tx.commit().await?;
    }
    if !reference_index::is_filled(reader).await? {
        let tx = writer.begin_alone().await?;
        reference_index::fill(&tx).await?;
        tx.commit().await?;
    }
    if !chain::has_begun(reader).await? {
        let tx = writer.begin_alone().await?;
        tx.head().await?;
        chain::fill(&tx).await?;
        tx.commit().await?;
    }
    Ok(())
}

impl Store {
    /// Opens a database and applies missing migrations.
    ///
    /// # Errors
    /// [`Error::Unusable`] gives in one line the reason why the database cannot be used.
    pub fn open<'a>(url: &'a str, options: &'a Options) -> BoxFuture<'a, Result<Self, Error>> {
        async move {
            let address = Address::read(url)?;
            let replica = options.replica.as_deref();
            let replica = replica.map(|url| replica::read_address(&address, url));
            let replica = replica.transpose()?;
            let renewal = Arc::<Renewal>::default();
            let statements = StatementCounters::default();
            let connections = open::open(&address, options, &statements, &renewal).await?;
            let reader = connections.reader;
            let of_writer = connections.of_writer;
            let wake = Arc::new(Wake::new(options.poll));
            let head_cache = Arc::new(HeadCache::new(
                backend::wal_index(&address).await?,
                options.max_staleness,
            ));
            let known_tokens = Arc::<KnownTokens>::default();
            let writer = Writer::new(
                &address,
                connections.writer,
                of_writer,
                Arc::clone(&renewal),
                Arc::clone(&wake),
                Arc::clone(&head_cache),
                Arc::clone(&known_tokens),
            );
            if !options.changes_nothing {
                complete(&reader, &writer).await?;
            }
            let head = head::read(&reader).await?;
            wake.reach(Moment(head.sequence), head.touched);
            let ancestors = lineage::ancestors(&reader).await?;
            let readers = options.readers(&address);
            let replica = replica.map(|address| {
                let on_statement = statements.replica.counting(options.on_statement.as_ref());
                Replica::new(address, readers, on_statement, head.database.clone())
            });
            let inner = Inner {
                writer,
                reader: Reader::new(reader, renewal),
                cursors: Cursors::new(&head.database, &ancestors),
                clock: options.clock.clone(),
                wake,
                head_cache,
                known_tokens,
                replica,
                watch: OnceLock::new(),
                last_write_test: LastWriteTest::default(),
                address,
                statements,
            };
            let inner = Arc::new(inner);
            if inner.replica.is_some() {
                inner.watch.get_or_init(|| replica::watch(&inner));
            }
            Ok(Self(inner, Reads::Any))
        }
        .boxed()
    }

    /// Closes the database. On `SQLite` the last connection moves the whole WAL into the file.
    pub async fn close(&self) {
        self.0.wake.stop();
        if let Some(watch) = self.0.watch.get() {
            watch.stop();
        }
        if let Some(replica) = &self.0.replica {
            replica.close().await;
        }
        let index = self.0.head_cache.close().await;
        let read = self.connection().close_by_ref().await;
        // The writer last: connections that only read cannot move the WAL.
        for closed in [index, read, self.writer().close().await] {
            if let Err(error) = closed {
                tracing::warn!(%error, "could not close a database connection");
            }
        }
    }

    /// Reads the end of the log.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn head(&self) -> Result<Head, Error> {
        self.read_head().await
    }

    /// The cursors of this database.
    pub fn cursors(&self) -> &Cursors {
        match &self.1 {
            Reads::Preview(overlaid) => &overlaid.cursors,
            Reads::Any | Reads::Primary | Reads::Replica(_) => &self.0.cursors,
        }
    }

    /// The clock.
    pub fn clock(&self) -> &Clock {
        &self.0.clock
    }

    /// The usage of the connection pool for reading.
    pub fn pool(&self) -> Pool {
        connect::pool(self.connection())
    }

    /// The connections for reading. In a preview they also read its rows.
    fn reader(&self) -> &Reader {
        match &self.1 {
            Reads::Preview(overlaid) => &overlaid.reader,
            Reads::Replica(reader) => reader,
            Reads::Any | Reads::Primary => &self.0.reader,
        }
    }

    /// The connections for reading, which read the tables alone.
    fn connection(&self) -> &DatabaseConnection {
        self.0.reader.connection()
    }

    fn writer(&self) -> &Writer {
        &self.0.writer
    }

    /// Carries out a write, and commits it if the work succeeds; followers wake then. It may share the commit with other
    /// writes. What the work reads stays true until its end. Its answer, a refusal too, is returned when everything that
    /// it read is durable.
    async fn write<T>(
        &self,
        work: impl AsyncFnOnce(&Write) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let tx = self.writer().begin().await?;
        match work(&tx).await {
            Ok(answer) => {
                tx.commit().await?;
                Ok(answer)
            }
            Err(error) => Err(tx.refuse(error).await),
        }
    }

    /// Begins a long write, which has a commit of its own. What it reads stays true until it ends.
    async fn begin_alone(&self) -> Result<Write, Error> {
        let tx = self.writer().begin_alone().await?;
        tx.head().await?;
        Ok(tx)
    }
}
