//! Why the store could not do what it was asked.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr, sqlx};

use crate::domain::check::Finding;

/// Each variant is something that a caller treats differently.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The input cannot be carried out; the findings say why.
    #[error("refused: {}", .0.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Finding>),
    /// Only who wrote the contribution may do that.
    #[error("only its authors may do that")]
    NotTheAuthor,
    /// The database did not answer.
    #[error("the database did not answer: {0}")]
    Database(#[source] Arc<DbErr>),
    /// The database answered with something that this program did not write.
    #[error("the database holds something unreadable: {0}")]
    Unreadable(String),
    /// The store cannot be opened; the sentence says why.
    #[error("{0}")]
    Unusable(String),
}

impl Error {
    /// Whether the database is away, went away while it was asked or had no room: asking again may help.
    pub fn is_away(&self) -> bool {
        let Self::Database(error) = self else {
            return false;
        };
        match &**error {
            DbErr::Conn(_) | DbErr::ConnectionAcquire(_) => true,
            DbErr::Query(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error)) => is_lost(error),
            _ => false,
        }
    }
}

/// Whether an error is of the connection or of the moment, not of the statement.
fn is_lost(error: &sqlx::Error) -> bool {
    match error {
        sqlx::Error::Io(_)
        | sqlx::Error::Tls(_)
        | sqlx::Error::PoolTimedOut
        | sqlx::Error::PoolClosed
        | sqlx::Error::WorkerCrashed => true,
        sqlx::Error::Database(error) => error.code().is_some_and(|code| is_passing(&code)),
        _ => false,
    }
}

/// Whether what a code stands for passes by itself. Sources: `PostgreSQL`, appendix A, the classes 08
/// (connection exception), 40 (transaction rollback), 53 (insufficient resources) and 57 (operator
/// intervention); the result codes of `SQLite`, `SQLITE_BUSY` in the lowest byte.
fn is_passing(code: &str) -> bool {
    const BUSY: u32 = 5;
    let of_postgresql = code.len() == 5
        && ["08", "40", "53", "57"]
            .iter()
            .any(|class| code.starts_with(class));
    of_postgresql || (code.len() < 5 && code.parse::<u32>().is_ok_and(|code| code & 0xff == BUSY))
}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Database(Arc::new(error))
    }
}

impl From<serde_json::Error> for Error {
    fn from(error: serde_json::Error) -> Self {
        Self::Unreadable(error.to_string())
    }
}

impl From<Finding> for Error {
    fn from(finding: Finding) -> Self {
        Self::Refused(vec![finding])
    }
}
