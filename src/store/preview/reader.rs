//! The connections for reading: to the database, with the layer of a preview over them, or to a replica.

use std::sync::Arc;
use std::time::{Duration, Instant};

use futures_util::future::BoxFuture;
use sea_orm::{
    ConnectionTrait, DatabaseConnection, DatabaseTransaction, DbBackend, DbErr, ExecResult,
    QueryResult, Statement, TransactionOptions, TransactionTrait,
};

use super::layer::Layer;
use crate::backend::{has_notices, is_lost};
use crate::literal_limit;
use crate::renewal::Renewal;
use crate::replica::ReplicaPool;
use crate::without_statements::may_begin;

/// The time in which a statement must fail to be sent again. One that was executed for longer may be the reason why the
/// server ended the connection.
const RESEND_WITHIN: Duration = Duration::from_secs(1);

/// The connections for reading. In a preview, each statement also reads the rows of its layer. With a replica, each
/// statement is sent to it, and to the database itself if the replica fails. A statement whose connection turns out to
/// be lost is sent once more, on a new one.
pub struct Reader {
    connection: DatabaseConnection,
    renewal: Arc<Renewal>,
    layer: Option<Arc<Layer>>,
    replica: Option<Arc<ReplicaPool>>,
}

impl Reader {
    /// Reads the tables alone.
    pub fn new(connection: DatabaseConnection, renewal: Arc<Renewal>) -> Self {
        Self {
            connection,
            renewal,
            layer: None,
            replica: None,
        }
    }

    /// Reads from a replica, and from the same connections what the replica does not answer.
    pub fn with_replica(&self, replica: Arc<ReplicaPool>) -> Self {
        Self {
            replica: Some(replica),
            ..Self::new(self.connection.clone(), Arc::clone(&self.renewal))
        }
    }

    /// Reads the tables with a layer over them.
    pub fn under(&self, layer: Arc<Layer>) -> Self {
        Self {
            layer: Some(layer),
            ..Self::new(self.connection.clone(), Arc::clone(&self.renewal))
        }
    }

    /// The connections, which read the tables alone.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    /// Begins a transaction that reads the tables alone.
    pub async fn begin(&self, options: TransactionOptions) -> Result<DatabaseTransaction, DbErr> {
        may_begin().await;
        let begun = Instant::now();
        match self.connection.begin_with_options(options).await {
            Err(error) if self.is_to_resend(&error, begun) => {
                self.connection.begin_with_options(options).await
            }
            begun => begun,
        }
    }

    /// A copy of a statement that may have to be sent again; `None` for `SQLite`, which has no connections to lose.
    fn copy(&self, statement: &Statement) -> Option<Statement> {
        has_notices(&self.connection).then(|| statement.clone())
    }

    /// True if the connection of a statement was lost. Then the next reads use new connections.
    fn is_to_resend(&self, error: &DbErr, begun: Instant) -> bool {
        let is_lost = is_lost(error);
        if is_lost {
            self.renewal.renew();
        }
        is_lost && begun.elapsed() < RESEND_WITHIN
    }

    fn layered(&self, statement: Statement) -> Result<Statement, DbErr> {
        // A layer counts the parameters of the statement.
        let statement = literal_limit::written(statement);
        match &self.layer {
            Some(layer) => layer.over(statement),
            None => Ok(statement),
        }
    }

    fn refuse_writes(&self) -> Result<(), DbErr> {
        match &self.layer {
            Some(_) => Err(DbErr::Custom("a preview writes nothing".to_owned())),
            None => Ok(()),
        }
    }

    /// Sends a statement, and once more if its connection was lost.
    async fn send<'a, T>(
        &'a self,
        statement: Statement,
        send: impl Fn(Statement) -> BoxFuture<'a, Result<T, DbErr>>,
    ) -> Result<T, DbErr> {
        let Some(again) = self.copy(&statement) else {
            return send(statement).await;
        };
        let begun = Instant::now();
        match send(statement).await {
            Err(error) if self.is_to_resend(&error, begun) => send(again).await,
            found => found,
        }
    }
}

#[async_trait::async_trait]
impl ConnectionTrait for Reader {
    fn get_database_backend(&self) -> DbBackend {
        self.connection.get_database_backend()
    }

    async fn execute_raw(&self, statement: Statement) -> Result<ExecResult, DbErr> {
        self.refuse_writes()?;
        self.connection.execute_raw(statement).await
    }

    async fn execute_unprepared(&self, sql: &str) -> Result<ExecResult, DbErr> {
        self.refuse_writes()?;
        self.connection.execute_unprepared(sql).await
    }

    async fn query_one_raw(&self, statement: Statement) -> Result<Option<QueryResult>, DbErr> {
        may_begin().await;
        if let Some(replica) = &self.replica
            && let Some(found) = replica.query_one(statement.clone()).await
        {
            return Ok(found);
        }
        let send = |statement| self.connection.query_one_raw(statement);
        self.send(self.layered(statement)?, send).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        may_begin().await;
        if let Some(replica) = &self.replica
            && let Some(found) = replica.query_all(statement.clone()).await
        {
            return Ok(found);
        }
        let send = |statement| self.connection.query_all_raw(statement);
        self.send(self.layered(statement)?, send).await
    }
}
