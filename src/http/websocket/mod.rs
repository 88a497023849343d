//! GraphQL over WebSocket, as `graphql-transport-ws` says: subscriptions, and queries beside them.

use std::net::SocketAddr;

use axum::Extension;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};

use super::refusal::refusal;
use super::serve::Seat;
use super::{App, Stopping, origin};
use crate::graphql::limits::size;

mod operations;
mod protocol;
mod session;
mod wire;

use protocol::PROTOCOL;
use session::Session;

/// How much is read from a socket at once: an idle socket costs as much.
const READ_AT_ONCE: usize = 1_024;
/// How much is written to a socket at once, where there is so much to be told.
const WRITTEN_AT_ONCE: usize = 8_192;

/// Opens a WebSocket. Who asks is told by the token in the headers of the request, or in the payload
/// of `connection_init` as `{"Authorization": "Bearer TOKEN"}`.
pub async fn upgrade(
    State(app): State<App>,
    stopping: Stopping,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    Extension(seat): Extension<Seat>,
    headers: HeaderMap,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade.protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        let message = format!("expected the subprotocol {PROTOCOL}");
        return refusal(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", &message);
    }
    if !origin::is_allowed(&headers, &app.settings.allow_origins) {
        let message = "pages of this origin may not open a WebSocket here; --allow-origins names those that may";
        return refusal(StatusCode::FORBIDDEN, "FORBIDDEN", message);
    }
    let caller = match app.caller(&headers, address).await {
        Ok(caller) => caller,
        Err(unknown) => return unknown.into_response(),
    };
    let token = headers.get(header::AUTHORIZATION);
    let token = token
        .and_then(|token| token.to_str().ok())
        .map(str::to_owned);
    let largest = size(app.service.limits().max_body_bytes);
    upgrade
        .read_buffer_size(READ_AT_ONCE)
        .write_buffer_size(WRITTEN_AT_ONCE)
        .max_message_size(largest)
        .max_frame_size(largest)
        .on_upgrade(async move |socket| {
            let App { service, guard, .. } = app;
            let session = Session::new(socket, service, guard, caller, token);
            session.serve(stopping).await;
            drop(seat);
        })
}
