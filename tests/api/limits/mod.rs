//! Every limit: input that reaches it passes, input one over it is refused with a message that names the limit. Limits
//! of WebSockets, tips and contributions are tested in the files about those.

use std::io::Read;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Api, roomy};

mod anonymous_complexity;
mod batch;
mod body;
mod concurrent_requests;
mod connections;
mod cost;
mod document;
mod header_timeout;
mod page_size;
mod rate_limit;
mod request_timeout;

/// A limit on documents.
struct Limit {
    /// Name in `serviceConfig`.
    name: &'static str,
    set: fn(&mut Limits, i32),
    query: &'static str,
    /// Amount of the limited quantity that the query uses.
    comes_to: i32,
}

/// Sends the query under a limit that it reaches and under one that is one lower, over every transport.
async fn at_and_over(limit: &Limit) {
    let Limit {
        name,
        set,
        query,
        comes_to,
    } = limit;
    for (most, passes) in [(*comes_to, true), (comes_to - 1, false)] {
        let mut limits = roomy();
        set(&mut limits, most);
        let api = Api::builder().empty().limits(limits).start().await;
        let answer = api.anyone().ask(query, json!({})).await;
        if passes {
            assert_eq!(answer.body.get("errors"), None, "{name}: {:#}", answer.body);
        } else {
            let found = (answer.status, answer.code());
            assert_eq!(found, (400, "TOO_COMPLEX"), "{name}: {:#}", answer.body);
            assert!(answer.message().contains(&most.to_string()), "{name}");
        }
        let mut socket = api.socket(json!({})).await;
        socket.subscribe("s", query, json!({})).await;
        let response = socket.next().await;
        let expected = if passes { "next" } else { "error" };
        assert_eq!(response["type"], expected, "{name}: {response:#}");
        let request = api.request(Method::POST, "/graphql");
        let request = request.header("accept", "text/event-stream");
        let request = request.json(&json!({ "query": query }));
        let events = request.send().await.unwrap().text().await.unwrap();
        assert_eq!(events.contains("TOO_COMPLEX"), !passes, "{name}: {events}");
        let response = api
            .query_once(&format!("{{ serviceConfig {{ {name} }} }}"))
            .await;
        assert_eq!(response["serviceConfig"][*name], most);
    }
}

/// Reads from a raw connection until it is closed, or silent for `timeout` after the first bytes.
pub fn read_until(stream: &mut TcpStream, timeout: Duration) -> String {
    let first = timeout.max(Duration::from_secs(30));
    stream.set_read_timeout(Some(first)).unwrap();
    let mut received = Vec::new();
    let mut some = [0; 4_096];
    while let Ok(count) = stream.read(&mut some) {
        if count == 0 {
            break;
        }
        stream.set_read_timeout(Some(timeout)).unwrap();
        received.extend_from_slice(&some[..count]);
    }
    String::from_utf8_lossy(&received).into_owned()
}

/// True if a request is executed now, and not refused because others are.
async fn has_room(api: &Api) -> bool {
    let request = api.request(Method::POST, "/graphql");
    let request = request.json(&json!({ "query": "{ head { sequence } }" }));
    request.send().await.unwrap().status() == 200
}

/// Waits until a condition is true; fails after a minute.
async fn eventually(mut holds: impl AsyncFnMut() -> bool) {
    let begun = Instant::now();
    while !holds().await {
        let took = begun.elapsed();
        assert!(
            took < Duration::from_mins(1),
            "the condition is not met after {took:?}"
        );
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}
