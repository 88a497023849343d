//! Whether the program lives, and whether it can answer.

use std::time::Duration;

use axum::extract::State;
use axum::http::StatusCode;
use tokio::time::timeout;

use super::app::App;
use super::peer::Peer;

/// The program runs.
pub async fn live() -> &'static str {
    "ok\n"
}

/// How long the database may take to say that it is there.
const PATIENCE: Duration = Duration::from_secs(2);

/// Whether requests should be sent here; if not, why.
pub async fn ready(State(app): State<App>, peer: Peer) -> (StatusCode, &'static str) {
    let not = |why| (StatusCode::SERVICE_UNAVAILABLE, why);
    if peer.stopping.is_told() {
        return not("the server stops\n");
    }
    if app.busy.available_permits() == 0 {
        return not("as many requests are under way as may be\n");
    }
    match timeout(PATIENCE, app.service.is_ready()).await {
        Ok(Ok(true)) => (StatusCode::OK, "ok\n"),
        Ok(Ok(false)) => not("nothing can be written: the log says why\n"),
        Ok(Err(error)) => {
            tracing::warn!(%error, "not ready");
            not("the database is away\n")
        }
        Err(_) => not("the database does not answer in time\n"),
    }
}
