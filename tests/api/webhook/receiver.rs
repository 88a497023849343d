//! A receiver of webhooks on this machine, which answers as a test asks.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::JoinSet;

/// One post that arrived.
#[derive(Clone, Debug)]
pub struct Received {
    pub at: Instant,
    pub path: String,
    pub headers: HashMap<String, String>,
    pub body: String,
}

impl Received {
    pub fn header(&self, name: &str) -> &str {
        &self.headers[name]
    }

    /// The change in the body.
    pub fn change(&self) -> Value {
        let body: Value = serde_json::from_str(&self.body).unwrap();
        body["data"]["changes"].clone()
    }

    pub fn sequence(&self) -> i64 {
        self.change()["sequence"].as_i64().unwrap()
    }
}

/// The answer of a receiver.
#[derive(Clone, Debug)]
pub enum Reply {
    /// A status, with more header lines, each ending in CR LF.
    Status(u16, String),
    /// Nothing; the connection stays open.
    Hang,
    /// These bytes again and again, after a head.
    Endless(&'static str, &'static str),
    /// The connection is closed.
    Close,
    /// Bytes that are no HTTP.
    Bytes(&'static str),
}

impl Reply {
    pub fn status(status: u16) -> Self {
        Self::Status(status, String::new())
    }
}

type Behaviour = Arc<dyn Fn(usize, &Received) -> Reply + Send + Sync>;

/// A receiver. It ends when it is dropped.
pub struct Receiver {
    pub address: SocketAddr,
    received: Arc<Mutex<Vec<Received>>>,
    behaviour: Behaviour,
    tasks: Option<JoinSet<()>>,
}

impl Receiver {
    /// Starts a receiver. `behaviour` gets the number of earlier posts, and the post.
    pub async fn start(
        behaviour: impl Fn(usize, &Received) -> Reply + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let mut receiver = Self {
            address: listener.local_addr().unwrap(),
            received: Arc::default(),
            behaviour: Arc::new(behaviour),
            tasks: None,
        };
        receiver.serve(listener);
        receiver
    }

    /// A receiver that takes every post.
    pub async fn taking() -> Self {
        Self::start(|_, _| Reply::status(204)).await
    }

    fn serve(&mut self, listener: TcpListener) {
        let mut tasks = JoinSet::new();
        let (received, behaviour) = (Arc::clone(&self.received), Arc::clone(&self.behaviour));
        tasks.spawn(async move {
            // Connections end with the receiver.
            let mut connections = JoinSet::new();
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (received, behaviour) = (Arc::clone(&received), Arc::clone(&behaviour));
                connections.spawn(converse(stream, received, behaviour));
            }
        });
        self.tasks = Some(tasks);
    }

    /// Kills it with its connections.
    pub async fn kill(&mut self) {
        if let Some(mut tasks) = self.tasks.take() {
            tasks.shutdown().await;
        }
    }

    /// Starts it again on the same port.
    pub async fn revive(&mut self) {
        let begun = Instant::now();
        let listener = loop {
            match TcpListener::bind(self.address).await {
                Ok(listener) => break listener,
                Err(error) => assert!(begun.elapsed().as_secs() < 30, "{error}"),
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        };
        self.serve(listener);
    }

    pub fn url(&self) -> String {
        format!("http://{}/hook", self.address)
    }

    /// All posts so far.
    pub fn received(&self) -> Vec<Received> {
        self.received.lock().unwrap().clone()
    }

    pub fn sequences(&self) -> Vec<i64> {
        self.received().iter().map(Received::sequence).collect()
    }

    /// Waits for a number of posts, and returns all.
    pub async fn wait_for(&self, count: usize) -> Vec<Received> {
        let begun = Instant::now();
        loop {
            let received = self.received();
            if received.len() >= count {
                return received;
            }
            assert!(
                begun.elapsed() < Duration::from_mins(2),
                "{} of {count} posts arrived",
                received.len()
            );
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

async fn converse(
    mut stream: TcpStream,
    received: Arc<Mutex<Vec<Received>>>,
    behaviour: Behaviour,
) {
    let mut buffer = Vec::new();
    while let Some(post) = read(&mut stream, &mut buffer).await {
        let reply = {
            let mut all = received.lock().unwrap();
            let reply = behaviour(all.len(), &post);
            all.push(post);
            reply
        };
        let done = match reply {
            Reply::Status(status, headers) => {
                // A 204 has no body and no length.
                let length = if status == 204 {
                    ""
                } else {
                    "content-length: 0\r\n"
                };
                let text = format!("HTTP/1.1 {status} Answered\r\n{headers}{length}\r\n");
                stream.write_all(text.as_bytes()).await
            }
            Reply::Hang => std::future::pending().await,
            Reply::Endless(head, again) => {
                let mut written = stream.write_all(head.as_bytes()).await;
                while written.is_ok() {
                    written = stream.write_all(again.as_bytes()).await;
                }
                written
            }
            Reply::Bytes(bytes) => {
                let _ = stream.write_all(bytes.as_bytes()).await;
                return;
            }
            Reply::Close => return,
        };
        if done.is_err() {
            return;
        }
    }
}

/// Reads a post; `None` at the end of the connection.
async fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Received> {
    let mut more = async |buffer: &mut Vec<u8>| {
        let read = stream.read_buf(buffer).await.unwrap_or(0);
        (read > 0).then_some(())
    };
    let end = loop {
        if let Some(at) = buffer.windows(4).position(|four| four == b"\r\n\r\n") {
            break at + 4;
        }
        more(buffer).await?;
    };
    let head = String::from_utf8(buffer[..end].to_vec()).unwrap();
    let mut lines = head.lines();
    let path = lines.next()?.split(' ').nth(1)?.to_owned();
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(": "))
        .map(|(name, value)| (name.to_lowercase(), value.to_owned()))
        .collect();
    let length: usize = headers["content-length"].parse().unwrap();
    while buffer.len() < end + length {
        more(buffer).await?;
    }
    let body = String::from_utf8(buffer[end..end + length].to_vec()).unwrap();
    buffer.drain(..end + length);
    Some(Received {
        at: Instant::now(),
        path,
        headers,
        body,
    })
}
