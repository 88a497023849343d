//! GraphQL over WebSocket: subscriptions, and queries beside them.

use std::net::SocketAddr;

use async_graphql::Data;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::App;
use super::refusal::refusal;
use crate::graphql::Open;
use crate::graphql::limits::size;

const PROTOCOL: &str = "graphql-transport-ws";

/// Opens a WebSocket. Who asks is told by the token in the headers of the request, or in the payload
/// of `connection_init` as `{"Authorization": "Bearer TOKEN"}`.
pub async fn upgrade(
    State(app): State<App>,
    ConnectInfo(address): ConnectInfo<SocketAddr>,
    headers: HeaderMap,
    protocol: Result<GraphQLProtocol, StatusCode>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let offered = headers
        .get("sec-websocket-protocol")
        .and_then(|offered| offered.to_str().ok());
    // The library speaks the first that it knows, which must be ours.
    let known = |one: &&str| [PROTOCOL, "graphql-ws"].contains(one);
    let first = offered.and_then(|offered| offered.split(',').map(str::trim).find(known));
    let (Ok(protocol), Some(PROTOCOL)) = (protocol, first) else {
        let message = format!("expected the subprotocol {PROTOCOL}");
        return refusal(StatusCode::BAD_REQUEST, "BAD_USER_INPUT", &message);
    };
    let caller = match app.guard.caller(&headers, address).await {
        Ok(caller) => caller,
        Err(unknown) => return unknown.into_response(),
    };
    let largest = size(app.service.limits().max_body_bytes);
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(largest)
        .on_upgrade(move |stream| async move {
            let App { service, guard, .. } = app;
            GraphQLWebSocket::new(stream, service, protocol)
                .on_connection_init(async move |payload: serde_json::Value| {
                    let said = payload
                        .get("Authorization")
                        .or_else(|| payload.get("authorization"));
                    let mut caller = caller;
                    if let Some(said) = said {
                        caller.viewer = guard
                            .bearer(said.as_str().unwrap_or_default())
                            .await
                            .map_err(|unknown| async_graphql::Error::new(unknown.message()))?;
                    }
                    let mut data = Data::default();
                    data.insert(caller);
                    data.insert(Open::default());
                    Ok(data)
                })
                .serve()
                .await;
        })
}
