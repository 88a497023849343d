//! The connections for reading: to the database, with the layer of a preview over them, or to a replica.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use super::layer::Layer;
use crate::literal_limit;
use crate::replica::ReplicaPool;
use crate::without_statements::may_begin;

/// The connections for reading. In a preview, each statement also reads the rows of its layer. With a replica, each
/// statement is sent to it, and to the database itself if the replica fails.
pub struct Reader {
    connection: DatabaseConnection,
    layer: Option<Arc<Layer>>,
    replica: Option<Arc<ReplicaPool>>,
}

impl Reader {
    /// Reads the tables alone.
    pub fn new(connection: DatabaseConnection) -> Self {
        Self {
            connection,
            layer: None,
            replica: None,
        }
    }

    /// Reads from a replica, and from these connections what the replica does not answer.
    pub fn from_replica(connection: DatabaseConnection, replica: Arc<ReplicaPool>) -> Self {
        Self {
            connection,
            layer: None,
            replica: Some(replica),
        }
    }

    /// Reads the tables with a layer over them.
    pub fn over(connection: DatabaseConnection, layer: Arc<Layer>) -> Self {
        Self {
            connection,
            layer: Some(layer),
            replica: None,
        }
    }

    /// The connections, which read the tables alone.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
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
        let statement = self.layered(statement)?;
        self.connection.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        may_begin().await;
        if let Some(replica) = &self.replica
            && let Some(found) = replica.query_all(statement.clone()).await
        {
            return Ok(found);
        }
        let statement = self.layered(statement)?;
        self.connection.query_all_raw(statement).await
    }
}
