//! The followers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::net::TcpStream;
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream, connect_async_with_config};

use crate::FOLLOW;
use crate::process::Server;
use crate::server::now_micros;

type Socket = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(address: &str) -> Socket {
    let mut request = format!("ws://{address}/graphql/ws")
        .into_client_request()
        .unwrap();
    let protocol = HeaderValue::from_static("graphql-transport-ws");
    request
        .headers_mut()
        .insert("sec-websocket-protocol", protocol);
    let small = WebSocketConfig::default()
        .read_buffer_size(1_024)
        .write_buffer_size(0);
    let opened = connect_async_with_config(request, Some(small), true).await;
    opened.expect("a socket").0
}

async fn subscribe(socket: &mut Socket, query: &str) {
    let say = async |socket: &mut Socket, message: serde_json::Value| {
        let message = Message::text(message.to_string());
        socket.send(message).await.unwrap();
    };
    say(socket, json!({ "type": "connection_init" })).await;
    assert!(text(socket).await.contains("connection_ack"));
    let payload = json!({ "query": query });
    say(
        socket,
        json!({ "type": "subscribe", "id": "s", "payload": payload }),
    )
    .await;
}

async fn text(socket: &mut Socket) -> String {
    loop {
        match socket.next().await.expect("an open socket").unwrap() {
            Message::Text(text) if text.contains("\"ping\"") => {
                let pong = Message::text("{\"type\":\"pong\"}");
                socket.send(pong).await.unwrap();
            }
            Message::Text(text) => return text.to_string(),
            Message::Close(frame) => panic!("closed: {frame:?}"),
            _ => {}
        }
    }
}

#[derive(Deserialize)]
struct Next {
    payload: Payload,
}

#[derive(Deserialize)]
struct Payload {
    data: Data,
}

#[derive(Deserialize)]
struct Data {
    changes: Change,
}

#[derive(Deserialize)]
struct Change {
    sequence: u64,
}

fn sequence(text: &str) -> u64 {
    let next: Next = serde_json::from_str(text).expect(text);
    next.payload.data.changes.sequence
}

/// Many followers.
pub struct Crowd {
    size: usize,
    heard: mpsc::UnboundedReceiver<(u64, u128)>,
    last: Option<u64>,
    /// The followers end when this is dropped.
    _followers: JoinSet<()>,
}

impl Crowd {
    /// Connects this many followers as fast as possible, and waits until they are subscribed.
    pub async fn gather(address: &str, size: usize, is_ours: bool) -> Self {
        let (hear, heard) = mpsc::unbounded_channel();
        let there = Arc::new(AtomicU64::new(0));
        // No more than the server's queue of new connections holds.
        let waiting = Arc::new(Semaphore::new(1_000));
        let mut followers = JoinSet::new();
        for _ in 0..size {
            let (address, hear) = (address.to_owned(), hear.clone());
            let (there, waiting) = (Arc::clone(&there), Arc::clone(&waiting));
            followers.spawn(async move {
                let permit = waiting.acquire_owned().await;
                let mut socket = open(&address).await;
                if is_ours {
                    subscribe(&mut socket, FOLLOW).await;
                }
                drop(permit);
                there.fetch_add(1, Ordering::Relaxed);
                loop {
                    let text = text(&mut socket).await;
                    hear.send((sequence(&text), now_micros())).unwrap();
                }
            });
        }
        while there.load(Ordering::Relaxed) < u64::try_from(size).unwrap() {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // By now the server has read the subscriptions.
        tokio::time::sleep(Duration::from_secs(2)).await;
        Self {
            size,
            heard,
            last: None,
            _followers: followers,
        }
    }

    /// Makes a change and returns the time until the last follower received it. Checks that each receives it once.
    pub async fn hear(&mut self, server: &mut Server) -> Duration {
        let begun: u128 = server.say("change").parse().unwrap();
        let mut last = begun;
        for _ in 0..self.size {
            let wait = Duration::from_mins(1);
            let heard = tokio::time::timeout(wait, self.heard.recv()).await;
            let (sequence, at) = heard.expect("nothing is lost").unwrap();
            let expected = *self.last.get_or_insert(sequence - 1) + 1;
            assert_eq!(sequence, expected, "once, and in order");
            last = last.max(at);
        }
        self.last = self.last.map(|last| last + 1);
        tokio::time::sleep(Duration::from_millis(300)).await;
        assert!(self.heard.try_recv().is_err(), "nothing is told twice");
        Duration::from_micros(u64::try_from(last - begun).unwrap())
    }
}

/// Time in which one client receives this many changes after a cursor, once and in order.
pub async fn replay(
    address: &str,
    after: &str,
    count: u64,
    mut meanwhile: impl FnMut(),
) -> Duration {
    let mut socket = open(address).await;
    let query = FOLLOW.replace("changes", &format!("changes(after: \"{after}\")"));
    let begun = Instant::now();
    subscribe(&mut socket, &query).await;
    let mut last = None;
    for number in 0..count {
        let sequence = sequence(&text(&mut socket).await);
        assert_eq!(sequence, last.map_or(sequence, |last| last + 1));
        last = Some(sequence);
        if number % 10_000 == 0 {
            meanwhile();
        }
    }
    begun.elapsed()
}
