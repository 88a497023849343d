//! The connections for reading, and over them the layer of a preview.

use std::sync::Arc;

use sea_orm::{
    ConnectionTrait, DatabaseConnection, DbBackend, DbErr, ExecResult, QueryResult, Statement,
};

use super::layer::Layer;

/// The connections for reading. In a preview, each statement also reads the rows of its layer.
pub struct Reader {
    connection: DatabaseConnection,
    layer: Option<Arc<Layer>>,
}

impl Reader {
    /// Reads the tables alone.
    pub fn new(connection: DatabaseConnection) -> Self {
        Self {
            connection,
            layer: None,
        }
    }

    /// Reads the tables with a layer over them.
    pub fn over(connection: DatabaseConnection, layer: Arc<Layer>) -> Self {
        Self {
            connection,
            layer: Some(layer),
        }
    }

    /// The connections, which read the tables alone.
    pub fn connection(&self) -> &DatabaseConnection {
        &self.connection
    }

    fn layered(&self, statement: Statement) -> Result<Statement, DbErr> {
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
        let statement = self.layered(statement)?;
        self.connection.query_one_raw(statement).await
    }

    async fn query_all_raw(&self, statement: Statement) -> Result<Vec<QueryResult>, DbErr> {
        let statement = self.layered(statement)?;
        self.connection.query_all_raw(statement).await
    }
}
