//! Time limits for answers of the database.

use std::time::Duration;

use sea_orm::sqlx;
use tokio::time::timeout;

/// The time that a request waits for a connection before it fails.
pub const PATIENCE: Duration = Duration::from_secs(5);
/// The pause before another attempt.
pub const RETRY: Duration = Duration::from_millis(100);

/// Waits for an answer of the database; fails with `PoolTimedOut` if it takes longer than [`PATIENCE`].
pub async fn in_time<T>(
    asked: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(PATIENCE, asked)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}
