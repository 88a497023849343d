//! GraphQL over WebSocket with the subprotocol `graphql-transport-ws`: subscriptions, queries and mutations.

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::Response;
use futures_util::future::FutureExt;
use tracing::{Instrument, Span};

use super::app::App;
use super::peer::Peer;
use super::refusal::Refusal;
use super::{client, credential, origin};
use crate::graphql::limits::size;

mod init;
mod operations;
mod protocol;
mod session;
mod wire;

use protocol::PROTOCOL;
use session::Session;

/// Size of the read buffer of a socket, in bytes: every idle socket takes this much memory.
const READ_BUFFER_BYTES: usize = 1_024;
/// Number of bytes that are collected for one write to a socket.
const WRITE_BUFFER_BYTES: usize = 8_192;

/// Opens a WebSocket. The client authenticates by the `Authorization` header of the handshake, or by the payload of
/// `connection_init`.
pub async fn upgrade(
    State(app): State<App>,
    peer: Peer,
    uri: Uri,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Result<Response, Refusal> {
    let upgrade = upgrade.map_err(|rejection| {
        let (status, why) = (rejection.status(), rejection.body_text());
        let message = format!("expected a WebSocket handshake: {why}");
        let refusal = Refusal::new(status, "BAD_USER_INPUT", &message);
        match status {
            StatusCode::METHOD_NOT_ALLOWED => refusal.with_header(header::ALLOW, "GET"),
            _ => refusal.with_header(header::UPGRADE, "websocket"),
        }
    })?;
    let upgrade = upgrade.protocols([PROTOCOL]);
    if upgrade.selected_protocol().is_none() {
        let message = format!("expected the subprotocol {PROTOCOL}");
        return Err(Refusal::wrong(&message));
    }
    let settings = &app.settings;
    let is_by_proxy = client::is_trusted(peer.address, &settings.trusted_proxy);
    if !origin::is_allowed(&headers, &settings.allow_origins, is_by_proxy) {
        let message = "this origin may not open a WebSocket; the server setting --allow-origins lists those that may";
        return Err(Refusal::new(StatusCode::FORBIDDEN, "FORBIDDEN", message));
    }
    credential::check_address(&uri, &headers)?;
    let caller = app.caller(&headers, peer.address).await?;
    let token = headers.get(header::AUTHORIZATION);
    let token = token
        .and_then(|token| token.to_str().ok())
        .map(str::to_owned);
    let largest = size(app.service.limits().max_body_bytes);
    let upgrade = upgrade
        .read_buffer_size(READ_BUFFER_BYTES)
        .write_buffer_size(WRITE_BUFFER_BYTES)
        .max_message_size(largest)
        .max_frame_size(largest);
    // Log lines about a socket belong to the span of the request that opened it.
    let span = Span::current();
    Ok(upgrade.on_upgrade(move |socket| {
        let session = Box::new(Session::new(socket, app, caller, token));
        let served = session.serve(peer.stopping).instrument(span);
        served.map(move |()| drop(peer.connection_permit)).boxed()
    }))
}
