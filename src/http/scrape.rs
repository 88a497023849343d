//! The endpoint `/metrics`.

use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::accept::ResponseForm;
use super::app::App;
use super::refusal::internal_error;

const CONTENT_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";

/// Sends the metrics in the text format of `OpenMetrics`.
pub async fn metrics(State(app): State<App>) -> Response {
    let (room, busy) = (app.room.available_permits(), app.busy.available_permits());
    match app
        .metrics
        .text(&app.service, app.pages.size(), room, busy)
        .await
    {
        Ok(text) => (StatusCode::OK, [(header::CONTENT_TYPE, CONTENT_TYPE)], text).into_response(),
        Err(error) => {
            tracing::error!(%error, "the metrics could not be written");
            internal_error(ResponseForm::Json)
        }
    }
}
