//! Whether the program lives, and whether it can answer.

use axum::extract::State;
use axum::http::StatusCode;

use super::App;

/// The program runs.
pub async fn live() -> &'static str {
    "ok\n"
}

/// The database answers.
pub async fn ready(State(app): State<App>) -> (StatusCode, &'static str) {
    match app.service.store().head().await {
        Ok(_) => (StatusCode::OK, "ok\n"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            (StatusCode::SERVICE_UNAVAILABLE, "the database is away\n")
        }
    }
}
