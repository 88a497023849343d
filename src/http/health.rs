//! Health checks: `/livez` and `/readyz`.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use tokio::time::timeout;

use super::app::App;
use super::peer::Peer;

/// `/livez`: 200 while the program runs.
pub async fn live() -> &'static str {
    "ok\n"
}

/// Longest time that the database may take to answer the readiness check.
const DATABASE_TIMEOUT: Duration = Duration::from_secs(2);

/// `/readyz`: 200 if this instance can answer requests, otherwise 503 and the reason.
pub async fn ready(State(app): State<App>, peer: Peer) -> (StatusCode, &'static str) {
    let not = |why| (StatusCode::SERVICE_UNAVAILABLE, why);
    if peer.stopping.is_stopping() {
        return not("the server is stopping\n");
    }
    if app.busy.available_permits() == 0 {
        return not("the limit of concurrent requests is reached\n");
    }
    match timeout(DATABASE_TIMEOUT, app.service.is_ready()).await {
        Ok(Ok(true)) => (StatusCode::OK, "ok\n"),
        Ok(Ok(false)) => not("nothing can be written: the log of the program says why\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the readiness check failed");
            not("the database is unavailable\n")
        }
        Err(_) => not("the database does not answer in time\n"),
    }
}
