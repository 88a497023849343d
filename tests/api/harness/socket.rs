//! A WebSocket of a subscriber.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use super::Api;

/// An open WebSocket.
pub struct Socket(WebSocketStream<MaybeTlsStream<TcpStream>>);

impl Api {
    /// Opens a WebSocket to this server and initialises the connection.
    pub async fn socket(&self, init: Value) -> Socket {
        Socket::open(&format!("ws://{}", self.address), init).await
    }
}

impl Socket {
    /// Opens a WebSocket to any server.
    pub async fn open(server: &str, init: Value) -> Self {
        let mut request = format!("{server}/graphql/ws")
            .into_client_request()
            .unwrap();
        let protocol = tungstenite::http::HeaderValue::from_static("graphql-transport-ws");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (stream, _) = tokio_tungstenite::connect_async(request).await.unwrap();
        let mut socket = Self(stream);
        socket
            .send(json!({ "type": "connection_init", "payload": init }))
            .await;
        socket
    }

    pub async fn send(&mut self, message: Value) {
        self.0
            .send(Message::text(message.to_string()))
            .await
            .unwrap();
    }

    /// The next message of the protocol, without pings and the acknowledgement.
    pub async fn next(&mut self) -> Value {
        loop {
            let wait = Duration::from_mins(5);
            let message = tokio::time::timeout(wait, self.0.next())
                .await
                .expect("a message in time");
            match message.expect("an open socket").unwrap() {
                Message::Text(text) => {
                    let message: Value = serde_json::from_str(&text).unwrap();
                    if !matches!(
                        message["type"].as_str(),
                        Some("connection_ack" | "ping" | "pong")
                    ) {
                        return message;
                    }
                }
                Message::Close(frame) => {
                    return json!({ "closed": frame.map(|frame| frame.reason.to_string()) });
                }
                _ => {}
            }
        }
    }

    /// Subscribes under an operation id.
    pub async fn subscribe(&mut self, id: &str, query: &str, variables: Value) {
        let payload = json!({ "query": query, "variables": variables });
        self.send(json!({ "type": "subscribe", "id": id, "payload": payload }))
            .await;
    }

    /// Data of the next event.
    pub async fn event(&mut self) -> Value {
        let message = self.next().await;
        assert_eq!(message["type"], "next", "{message:#}");
        assert!(
            message["payload"].get("errors").is_none_or(Value::is_null),
            "{message:#}"
        );
        message["payload"]["data"].clone()
    }
}
