//! Figures about the use of a database: statements, size, and contributions that wait.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use sea_orm::{
    ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, QuerySelect, Statement,
};

use super::Store;
use super::address::Address;
use super::connect::OnStatement;
use super::contribution::{Column, Entity};
use super::error::Error;
use domain::contribution::State;

/// Counts the statements of one kind of connections.
#[derive(Clone, Default)]
pub(super) struct StatementCounter(Arc<AtomicU64>);

impl StatementCounter {
    /// A callback that counts each statement, and passes it on.
    pub fn counting(&self, on_statement: Option<&OnStatement>) -> OnStatement {
        let counter = Arc::clone(&self.0);
        let on_statement = on_statement.map(Arc::clone);
        Arc::new(move |sql| {
            counter.fetch_add(1, Ordering::Relaxed);
            if let Some(on_statement) = &on_statement {
                on_statement(sql);
            }
        })
    }

    fn count(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// The counters of all connections.
#[derive(Default)]
pub(super) struct StatementCounters {
    pub reader: StatementCounter,
    pub writer: StatementCounter,
    pub replica: StatementCounter,
}

/// Numbers of statements since the database was opened.
#[derive(Clone, Copy, Debug)]
pub struct Statements {
    /// Statements on the connections for reading.
    pub reader: u64,
    /// Statements on the connection for writing.
    pub writer: u64,
    /// Statements on the connections to the replica.
    pub replica: u64,
}

/// The size of a database, and the contributions that wait.
#[derive(Clone, Copy, Debug, Default)]
pub struct Usage {
    /// Size in bytes; for `SQLite` that of the file and its journal.
    pub bytes: i64,
    /// Contributions that wait for an editor.
    pub submitted: i64,
    /// Contributions that an editor reviews.
    pub in_review: i64,
    /// Contributions that wait for their authors.
    pub changes_requested: i64,
}

impl Store {
    /// The kind of the database: `sqlite` or `postgresql`.
    pub fn kind(&self) -> &'static str {
        match self.0.address {
            Address::Embedded(_) => "sqlite",
            Address::Shared(_) => "postgresql",
        }
    }

    /// The numbers of statements since the database was opened.
    pub fn statements(&self) -> Statements {
        Statements {
            reader: self.0.statements.reader.count(),
            writer: self.0.statements.writer.count(),
            replica: self.0.statements.replica.count(),
        }
    }

    /// Reads the size of the database and the number of contributions that wait.
    ///
    /// # Errors
    /// [`Error::Database`]
    pub async fn usage(&self) -> Result<Usage, Error> {
        let waiting = [State::Submitted, State::InReview, State::ChangesRequested];
        let counts = Entity::find()
            .select_only()
            .column(Column::State)
            .column_as(Column::Id.count(), "number")
            .filter(Column::State.is_in(waiting))
            .group_by(Column::State);
        let counts: Vec<(State, i64)> = counts.into_tuple().all(self.reader()).await?;
        let of = |state: State| counts.iter().find(|(counted, _)| *counted == state);
        let number = |state: State| of(state).map_or(0, |(_, number)| *number);
        Ok(Usage {
            bytes: self.size().await?,
            submitted: number(State::Submitted),
            in_review: number(State::InReview),
            changes_requested: number(State::ChangesRequested),
        })
    }

    async fn size(&self) -> Result<i64, Error> {
        match &self.0.address {
            Address::Embedded(embedded) => Ok(embedded.size()),
            Address::Shared(_) => {
                let query = "SELECT pg_database_size(current_database()) AS size";
                let query = Statement::from_string(DbBackend::Postgres, query);
                let row = self.reader().query_one_raw(query).await?;
                Ok(row.map_or(Ok(0), |row| row.try_get("", "size"))?)
            }
        }
    }
}
