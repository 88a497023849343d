//! The followers.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde::Deserialize;
use serde_json::json;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpSocket, TcpStream};
use tokio::sync::{Semaphore, mpsc};
use tokio::task::JoinSet;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

use crate::FOLLOW;
use crate::process::Server;
use crate::server::now_micros;
use crate::small::number;

type Socket = WebSocketStream<TcpStream>;

/// Number of connections from one address: much fewer than there are ports, because closed connections occupy theirs for a
/// minute.
const CONNECTIONS_PER_ADDRESS: usize = 4_000;

/// Connects as the client with a number. Many clients need more than one address, because ports are few.
async fn connect(address: &str, number: usize) -> TcpStream {
    let socket = TcpSocket::new_v4().unwrap();
    let host = number / CONNECTIONS_PER_ADDRESS + 1;
    let from = format!("127.0.0.{host}:0").parse().unwrap();
    socket.bind(from).unwrap();
    let stream = socket.connect(address.parse().unwrap()).await.unwrap();
    stream.set_nodelay(true).unwrap();
    stream
}

async fn open(address: &str, number: usize) -> Socket {
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
    let stream = connect(address, number).await;
    let opened = client_async_with_config(request, stream, Some(small)).await;
    opened.expect("a socket").0
}

/// Subscribes by server-sent events. Returns once the response has begun, and the subscription if the server tells that.
async fn listen(address: &str, number: usize, query: &str, speaks: bool) -> BufReader<TcpStream> {
    let body = json!({ "query": query }).to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: bench\r\nAccept: text/event-stream\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    let mut stream = connect(address, number).await;
    stream.write_all(request.as_bytes()).await.unwrap();
    let mut stream = BufReader::with_capacity(1_024, stream);
    let mut line = String::new();
    stream.read_line(&mut line).await.unwrap();
    assert!(line.contains("200"), "{line}");
    let is_last = |line: &str| {
        if speaks {
            line.starts_with("id:")
        } else {
            line.trim().is_empty()
        }
    };
    while !is_last(&line) {
        line.clear();
        assert_ne!(stream.read_line(&mut line).await.unwrap(), 0);
    }
    stream
}

/// The sequence number of the next change in an event stream.
async fn next_event(stream: &mut BufReader<TcpStream>) -> u64 {
    let mut line = String::new();
    loop {
        line.clear();
        let read = stream.read_line(&mut line).await.unwrap();
        assert_ne!(read, 0, "an open stream");
        if let Some((_, rest)) = line.split_once("\"sequence\":") {
            let digits = rest.split(|letter: char| !letter.is_ascii_digit());
            return digits.into_iter().next().unwrap().parse().unwrap();
        }
    }
}

/// The way in which followers connect.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Transport {
    /// A WebSocket; the first value is true if it speaks graphql-transport-ws.
    Socket { speaks: bool },
    /// Server-sent events; true if an event tells where the subscription begins.
    Events { speaks: bool },
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
    pub async fn gather(
        address: &str,
        size: usize,
        transport: Transport,
        query: impl Fn(usize) -> String,
    ) -> Self {
        let (hear, heard) = mpsc::unbounded_channel();
        let there = Arc::new(AtomicU64::new(0));
        // A server that is a process beside its clients has few cores for each.
        let waiting = Arc::new(Semaphore::new(200));
        let mut followers = JoinSet::new();
        for number in 0..size {
            let (address, hear) = (address.to_owned(), hear.clone());
            let query = query(number);
            let (there, waiting) = (Arc::clone(&there), Arc::clone(&waiting));
            followers.spawn(async move {
                let permit = waiting.acquire_owned().await;
                if let Transport::Events { speaks } = transport {
                    let mut stream = listen(&address, number, &query, speaks).await;
                    drop(permit);
                    there.fetch_add(1, Ordering::Relaxed);
                    loop {
                        let sequence = next_event(&mut stream).await;
                        hear.send((sequence, now_micros())).unwrap();
                    }
                }
                let mut socket = open(&address, number).await;
                if transport == (Transport::Socket { speaks: true }) {
                    subscribe(&mut socket, &query).await;
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
            assert!(followers.try_join_next().is_none(), "no follower ends");
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        // By now the server has read the subscriptions.
        tokio::time::sleep(Duration::from_millis(number(2_000, 200))).await;
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
    let mut socket = open(address, 0).await;
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
