//! Following the log over every transport, with interruptions: every change once, in order.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use futures_util::{SinkExt, StreamExt};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;

mod disconnect;
mod examples;
mod instances;
mod late_commit;
mod relay;
mod shared;

/// Fields of a change that are read, the same on every transport.
const FIELDS: &str =
    "cursor sequence operation recordId transaction { id index size last } committedAt
    record { id label } fields { field before after } contribution { title }";

/// A way to follow the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Way {
    Socket,
    Events,
    Pages,
}

impl Way {
    /// The way with the given number, in rotation.
    pub fn of(turn: usize) -> Self {
        [Self::Socket, Self::Events, Self::Pages][turn % 3]
    }
}

/// A follower that starts at the beginning of the log, and stores the changes it received.
pub struct Follower {
    client: reqwest::Client,
    /// Cursor of the last change received, from which to continue.
    pub cursor: String,
    /// Each received change, byte for byte.
    pub received: Vec<String>,
    /// Number of changes received on each way.
    pub by_way: BTreeMap<Way, usize>,
}

impl Follower {
    /// A follower that has received nothing yet.
    pub fn behind(cursor: &str) -> Self {
        Self {
            client: crate::harness::client(),
            cursor: cursor.to_owned(),
            received: Vec::new(),
            by_way: BTreeMap::new(),
        }
    }

    /// Follows a server until the given number of changes arrived, the time is over or the connection ends.
    pub async fn follow(&mut self, way: Way, address: &str, most: usize, time: Duration) {
        let had = self.received.len();
        let follow = async {
            match way {
                Way::Socket => self.by_socket(address, had + most).await,
                Way::Events => self.by_events(address, had + most).await,
                Way::Pages => self.by_pages(address, most).await,
            }
        };
        // Cut off, refused or complete: the changes received so far are stored.
        let _ = tokio::time::timeout(time, follow).await;
        *self.by_way.entry(way).or_default() += self.received.len() - had;
    }

    /// Stores a change as received, byte for byte.
    fn take(&mut self, change: &str) {
        let cursor = member(change, &["cursor"]).unwrap_or_else(|| panic!("{change}"));
        cursor.trim_matches('"').clone_into(&mut self.cursor);
        self.received.push(change.to_owned());
    }

    async fn by_socket(&mut self, address: &str, until: usize) -> Option<()> {
        let mut request = format!("ws://{address}/graphql/ws")
            .into_client_request()
            .unwrap();
        let protocol = HeaderValue::from_static("graphql-transport-ws");
        request
            .headers_mut()
            .insert("sec-websocket-protocol", protocol);
        let (mut socket, _) = tokio_tungstenite::connect_async(request).await.ok()?;
        let query =
            format!("subscription($after: Cursor) {{ changes(after: $after) {{ {FIELDS} }} }}");
        let payload = json!({ "query": query, "variables": { "after": self.cursor } });
        for message in [
            json!({ "type": "connection_init" }),
            json!({ "type": "subscribe", "id": "f", "payload": payload }),
        ] {
            socket.send(Message::text(message.to_string())).await.ok()?;
        }
        while self.received.len() < until {
            if let Message::Text(text) = socket.next().await?.ok()? {
                let message: Value = serde_json::from_str(&text).unwrap();
                match message["type"].as_str() {
                    Some("next") => {
                        assert_eq!(member(&text, &["payload", "errors"]), None, "{text}");
                        let received = member(&text, &["payload", "data", "changes"]);
                        self.take(received.unwrap());
                    }
                    Some("connection_ack" | "ping") => {}
                    // An instance that has just started, on a database that is away.
                    _ => assert_away(&message["payload"]),
                }
            }
        }
        Some(())
    }

    async fn by_events(&mut self, address: &str, until: usize) -> Option<()> {
        let query = format!("subscription {{ changes {{ {FIELDS} }} }}");
        let request = self.client.post(format!("http://{address}/graphql"));
        let request = request
            .header("accept", "text/event-stream")
            .header("last-event-id", &self.cursor)
            .json(&json!({ "query": query }));
        let mut response = request.send().await.ok()?;
        let mut text = String::new();
        while self.received.len() < until {
            let chunk = response.chunk().await.ok()??;
            text += std::str::from_utf8(&chunk).ok()?;
            while let Some((event, rest)) = text.split_once("\n\n") {
                let data = event.lines().find_map(|line| line.strip_prefix("data: "));
                let data = data.unwrap_or("null");
                let change = member(data, &["data", "changes"]);
                if let Some(errors) = member(data, &["errors"]) {
                    assert_eq!(change, None, "{data}");
                    assert_away(&serde_json::from_str(errors).unwrap());
                } else if let Some(change) = change {
                    self.take(change);
                }
                text = rest.to_owned();
                if self.received.len() == until {
                    break;
                }
            }
        }
        Some(())
    }

    async fn by_pages(&mut self, address: &str, most: usize) -> Option<()> {
        let query = format!(
            "query($after: Cursor, $most: Int) {{ changes(after: $after, first: $most) {{ nodes {{ {FIELDS} }} }} }}"
        );
        let variables = json!({ "after": self.cursor, "most": most.min(100) });
        let request = self.client.post(format!("http://{address}/graphql"));
        let request = request.json(&json!({ "query": query, "variables": variables }));
        let answer = request.send().await.ok()?.text().await.ok()?;
        if let Some(errors) = member(&answer, &["errors"]) {
            // An incomplete page is requested again.
            assert_away(&serde_json::from_str(errors).unwrap());
            return None;
        }
        let nodes = member(&answer, &["data", "changes", "nodes"]).unwrap();
        for node in serde_json::from_str::<Vec<&RawValue>>(nodes).unwrap() {
            self.take(node.get());
        }
        Some(())
    }

    /// Follows until the end of the log, after all writers have stopped.
    pub async fn catch_up(&mut self, address: &str, head: i64) {
        let mut grown = Instant::now();
        while self.received.len() < usize::try_from(head).unwrap() {
            let before = self.received.len();
            self.follow(Way::Pages, address, 100, Duration::from_mins(2))
                .await;
            if self.received.len() > before {
                grown = Instant::now();
            }
            // A page that a busy server could not answer in time is requested again.
            assert!(
                grown.elapsed() < Duration::from_mins(5),
                "{before} of {head}"
            );
        }
    }
}

/// The text of a member inside JSON, byte for byte.
fn member<'a>(mut text: &'a str, path: &[&str]) -> Option<&'a str> {
    for name in path {
        let members: BTreeMap<String, &RawValue> = serde_json::from_str(text).ok()?;
        text = members.get(*name)?.get();
    }
    (text != "null").then_some(text)
}

/// Checks that a refusal is due to the unavailable database.
fn assert_away(errors: &Value) {
    assert_eq!(errors[0]["extensions"]["code"], "UNAVAILABLE", "{errors:#}");
}

/// Sends a query to a server.
pub async fn ask(
    address: &str,
    token: Option<&str>,
    query: &str,
    variables: Value,
) -> Option<Value> {
    let client = crate::harness::client();
    let mut request = client.post(format!("http://{address}/graphql"));
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    let request = request.json(&json!({ "query": query, "variables": variables }));
    let answer: Value = request.send().await.ok()?.json().await.ok()?;
    answer
        .get("errors")
        .is_none()
        .then(|| answer["data"].clone())
}

/// Cursor before the first change.
pub async fn oldest(address: &str) -> String {
    let query = "{ at(knownAt: \"1970-01-01T00:00:00Z\") { cursor } }";
    let answer = ask(address, None, query, json!({})).await.unwrap();
    answer["at"]["cursor"].as_str().unwrap().to_owned()
}

/// Sequence number of the last change.
pub async fn head(address: &str) -> i64 {
    let answer = ask(address, None, "{ head { sequence } }", json!({})).await;
    answer.unwrap()["head"]["sequence"].as_i64().unwrap()
}

/// The whole log, as an uninterrupted reader receives it.
pub async fn log(address: &str) -> Vec<String> {
    let mut whole = Follower::behind(&oldest(address).await);
    whole.catch_up(address, head(address).await).await;
    whole.received
}

/// Proposes some sources and has them accepted, on any running server. True if every request was acknowledged.
pub async fn publish(address: &str, tokens: &[String; 2], name: &str) -> bool {
    let sources: Vec<Value> = (0..=name.len() % 3)
        .map(|part| {
            json!({ "createSource": { "key": format!("{name}-{part}"),
                "fields": { "kind": "NEWS", "title": format!("{name} {part}") } } })
        })
        .collect();
    let input = json!({ "title": name, "rationale": "So.", "submit": true, "changes": sources });
    let create = "mutation($input: CreateContributionInput!) {
        done: createContribution(input: $input) { contribution { id } } }";
    let created = ask(address, Some(&tokens[0]), create, json!({ "input": input })).await;
    let Some(id) = created.and_then(|created| {
        let id = created["done"]["contribution"]["id"].as_str();
        id.map(str::to_owned)
    }) else {
        return false;
    };
    let accept = "mutation($input: AcceptContributionInput!) {
        done: acceptContribution(input: $input) { contribution { state } } }";
    let input = json!({ "input": { "id": id, "revision": 1 } });
    ask(address, Some(&tokens[1]), accept, input)
        .await
        .is_some()
}
