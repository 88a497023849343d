//! GraphQL over WebSocket: subscriptions, and queries beside them.

use async_graphql::Data;
use async_graphql_axum::{GraphQLProtocol, GraphQLWebSocket};
use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};

use super::refusal::refusal;
use super::{App, auth};
use crate::domain::viewer::Viewer;
use crate::graphql::Open;
use crate::graphql::limits::size;

const PROTOCOL: &str = "graphql-transport-ws";

/// Opens a WebSocket. Who asks is told by the token in the headers of the request, or in the payload
/// of `connection_init` as `{"Authorization": "Bearer TOKEN"}`.
pub async fn upgrade(
    State(app): State<App>,
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
    let viewer = match auth::viewer(app.service.store(), &headers).await {
        Ok(viewer) => viewer,
        Err(unknown) => return unknown.into_response(),
    };
    let largest = size(app.service.limits().max_body_bytes);
    upgrade
        .protocols([PROTOCOL])
        .max_message_size(largest)
        .on_upgrade(move |stream| async move {
            let service = app.service.clone();
            let store = service.store().clone();
            GraphQLWebSocket::new(stream, service, protocol)
                .on_connection_init(async move |payload: serde_json::Value| {
                    let said = payload
                        .get("Authorization")
                        .or_else(|| payload.get("authorization"));
                    let viewer: Viewer = match said {
                        Some(said) => auth::bearer(&store, said.as_str().unwrap_or_default())
                            .await
                            .map_err(|unknown| async_graphql::Error::new(unknown.message()))?,
                        None => viewer,
                    };
                    let mut data = Data::default();
                    data.insert(viewer);
                    data.insert(Open::default());
                    Ok(data)
                })
                .serve()
                .await;
        })
}
