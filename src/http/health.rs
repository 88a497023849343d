//! Health checks: `/livez` and `/readyz`.

use std::borrow::Cow;
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

/// `/readyz`: 200 and the last line of the log if this instance can answer requests, otherwise 503 and the reason.
pub async fn ready(State(app): State<App>, peer: Peer) -> (StatusCode, Cow<'static, str>) {
    let not = |why: &'static str| (StatusCode::SERVICE_UNAVAILABLE, why.into());
    if peer.stopping.is_stopping() {
        return not("the server is stopping\n");
    }
    if app.busy.available_permits() == 0 {
        return not("the limit of concurrent requests is reached\n");
    }
    match timeout(DATABASE_TIMEOUT, app.service.ready_at()).await {
        Ok(Ok(Some(last))) => {
            let replica = app.service.store().replica();
            let replica = replica.map(|state| format!("replica: {state}\n"));
            let replica = replica.unwrap_or_default();
            (
                StatusCode::OK,
                format!("ok\nhead: {last}\n{replica}").into(),
            )
        }
        Ok(Ok(None)) => not("nothing can be written: the log of the program says why\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "the readiness check failed");
            not("the database is unavailable\n")
        }
        Err(_) => not("the database does not answer in time\n"),
    }
}
