//! How long a database is waited for.

use std::time::Duration;

use sea_orm::sqlx;
use tokio::time::timeout;

/// How long a request waits for a connection before it answers that there is none.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// How long a wait is until something is tried again.
pub const RETRY: Duration = Duration::from_millis(100);

/// What was asked of a database, or that it did not answer in time.
pub async fn in_time<T>(
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(PATIENCE, asked)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}
