//! Time limits for answers of the database.

use std::time::Duration;

use sea_orm::sqlx;
use tokio::time::timeout;

/// The time that a request waits for a connection before it fails.
pub const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);
/// The pause before another attempt.
pub const RETRY_DELAY: Duration = Duration::from_millis(100);

/// Waits for an answer of the database; fails with `PoolTimedOut` if it takes longer than [`CONNECT_TIMEOUT`].
pub async fn in_time<T>(
    answer: impl Future<Output = Result<T, sqlx::Error>>,
) -> Result<T, sqlx::Error> {
    timeout(CONNECT_TIMEOUT, answer)
        .await
        .unwrap_or(Err(sqlx::Error::PoolTimedOut))
}
