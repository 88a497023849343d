//! Errors of the store.

use std::sync::Arc;

use sea_orm::{DbErr, RuntimeErr, sqlx};

use domain::check::Finding;

/// An error of the store. Each variant is one that a caller treats differently.
#[derive(Clone, Debug, thiserror::Error)]
pub enum Error {
    /// The input cannot be carried out; each finding names one fault.
    #[error("refused: {}", .0.iter().map(|finding| finding.message.as_str()).collect::<Vec<_>>().join("; "))]
    Refused(Vec<Finding>),
    /// Only an author of the contribution may take this step.
    #[error("only the authors of the contribution may do this")]
    NotTheAuthor,
    /// Only an editor may take this step.
    #[error("only editors may do this")]
    NotAnEditor,
    /// The database did not answer, or refused the statement.
    #[error("the database failed: {0}")]
    Database(#[source] Arc<DbErr>),
    /// A commit was sent, and the database did not confirm whether it was made.
    #[error("the database did not confirm whether a commit was made: {0}")]
    Unsure(#[source] Arc<DbErr>),
    /// The database contains a value that this program did not write.
    #[error("the database contains a value that cannot be read: {0}")]
    Unreadable(String),
    /// The store cannot be opened or used; the sentence gives the reason in one line.
    #[error("{0}")]
    Unusable(String),
}

impl Error {
    /// True if the cause lies outside this program: the database is away, busy or read-only, went away during the
    /// statement, or has no room. A later attempt may succeed.
    pub fn is_away(&self) -> bool {
        match self {
            Self::Unsure(_) => true,
            Self::Database(error) => Fault::of(error) != Fault::Ours,
            _ => false,
        }
    }
}

/// The error of the driver in an error of the database.
pub fn driver_error(error: &DbErr) -> Option<&sqlx::Error> {
    match error {
        DbErr::Conn(RuntimeErr::SqlxError(error))
        | DbErr::Exec(RuntimeErr::SqlxError(error))
        | DbErr::Query(RuntimeErr::SqlxError(error)) => Some(error),
        _ => None,
    }
}

/// The error of the database for an error of the driver outside of a statement of the library.
pub fn connection_error(error: sqlx::Error) -> DbErr {
    DbErr::Conn(RuntimeErr::SqlxError(error.into()))
}

/// The reason of a failure in the words of the database alone.
pub fn reason(error: &DbErr) -> String {
    match driver_error(error) {
        Some(sqlx::Error::Database(error)) => error.message().to_owned(),
        Some(error) => error.to_string(),
        None => error.to_string(),
    }
}

/// The cause of a failed statement.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// Another transaction was in the way; a retry may succeed at once.
    Contention,
    /// The database is read-only, as a `PostgreSQL` standby is.
    ReadOnly,
    /// The database server, its disk, or the connection to it.
    Surroundings,
    /// The statement itself.
    Ours,
}

impl Fault {
    /// Classifies an error of the database.
    pub fn of(error: &DbErr) -> Self {
        match error {
            DbErr::Conn(RuntimeErr::SqlxError(error)) => match Self::of_driver(error) {
                // The connection failed before any statement was sent.
                Self::Ours => Self::Surroundings,
                fault => fault,
            },
            DbErr::ConnectionAcquire(_) | DbErr::Conn(_) => Self::Surroundings,
            DbErr::Query(RuntimeErr::SqlxError(error))
            | DbErr::Exec(RuntimeErr::SqlxError(error)) => Self::of_driver(error),
            _ => Self::Ours,
        }
    }

    fn of_driver(error: &sqlx::Error) -> Self {
        match error {
            sqlx::Error::Io(_)
            | sqlx::Error::Tls(_)
            | sqlx::Error::Protocol(_)
            | sqlx::Error::PoolTimedOut
            | sqlx::Error::PoolClosed
            | sqlx::Error::WorkerCrashed
            | sqlx::Error::BeginFailed => Self::Surroundings,
            sqlx::Error::Database(error) => error.code().map_or(Self::Ours, |code| {
                if code.len() == 5 {
                    Self::of_postgresql(&code)
                } else {
                    code.parse().map_or(Self::Ours, Self::of_sqlite)
                }
            }),
            _ => Self::Ours,
        }
    }

    /// Classifies an SQLSTATE code. Source: `PostgreSQL`, appendix A; by class where all codes of the class are alike.
    fn of_postgresql(code: &str) -> Self {
        match code {
            // read_only_sql_transaction
            "25006" => Self::ReadOnly,
            // lock_not_available
            "55P03" => Self::Contention,
            // idle_in_transaction_session_timeout, transaction_timeout, object_not_in_prerequisite_state,
            // cant_change_runtime_param, invalid_catalog_name, insufficient_privilege
            "25P03" | "25P04" | "55000" | "55P02" | "3D000" | "42501" => Self::Surroundings,
            _ => match code.get(..2) {
                // transaction rollback
                Some("40") => Self::Contention,
                // connection exception, invalid authorization, insufficient resources, operator intervention, system
                // error, configuration file error, internal error
                Some("08" | "28" | "53" | "57" | "58" | "F0" | "XX") => Self::Surroundings,
                _ => Self::Ours,
            },
        }
    }

    /// Classifies a result code. Source: the result codes of `SQLite`; the lowest byte of an extended code is the
    /// primary code.
    fn of_sqlite(code: u32) -> Self {
        match code & 0xff {
            // SQLITE_BUSY, SQLITE_LOCKED
            5 | 6 => Self::Contention,
            // SQLITE_PERM, SQLITE_NOMEM, SQLITE_READONLY, SQLITE_INTERRUPT, SQLITE_IOERR, SQLITE_CORRUPT, SQLITE_FULL,
            // SQLITE_CANTOPEN, SQLITE_PROTOCOL, SQLITE_NOLFS, SQLITE_AUTH, SQLITE_NOTADB
            3 | 7 | 8 | 9 | 10 | 11 | 13 | 14 | 15 | 22 | 23 | 26 => Self::Surroundings,
            _ => Self::Ours,
        }
    }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn error_codes_of_both_databases_are_classified_by_cause() {
        let of_sqlite = |code: u32| Fault::of_sqlite(code);
        // The last four: SQLITE_IOERR_WRITE, SQLITE_READONLY_DBMOVED, SQLITE_IOERR_SHMSIZE, SQLITE_CANTOPEN_ISDIR.
        for code in [3, 7, 8, 10, 11, 13, 14, 15, 23, 26, 778, 1032, 4874, 526] {
            assert_eq!(of_sqlite(code), Fault::Surroundings, "{code}");
        }
        // SQLITE_BUSY, SQLITE_LOCKED, SQLITE_BUSY_RECOVERY, SQLITE_BUSY_SNAPSHOT, SQLITE_LOCKED_SHAREDCACHE.
        for code in [5, 6, 261, 517, 262] {
            assert_eq!(of_sqlite(code), Fault::Contention, "{code}");
        }
        // SQLITE_ERROR, SQLITE_CONSTRAINT, SQLITE_MISMATCH, SQLITE_MISUSE, SQLITE_CONSTRAINT_UNIQUE.
        for code in [1, 19, 20, 21, 2067] {
            assert_eq!(of_sqlite(code), Fault::Ours, "{code}");
        }
        let of_postgresql = |code: &str| Fault::of_postgresql(code);
        for code in [
            "08006", "28P01", "28000", "3D000", "42501", "53100", "53200", "53300", "57014",
            "57P01", "57P03", "58030", "F0000", "XX000", "XX001", "25P03",
        ] {
            assert_eq!(of_postgresql(code), Fault::Surroundings, "{code}");
        }
        for code in ["40001", "40P01", "55P03"] {
            assert_eq!(of_postgresql(code), Fault::Contention, "{code}");
        }
        assert_eq!(of_postgresql("25006"), Fault::ReadOnly);
        for code in ["22021", "23505", "25P02", "42601", "42P01", "P0001"] {
            assert_eq!(of_postgresql(code), Fault::Ours, "{code}");
        }
    }
}
