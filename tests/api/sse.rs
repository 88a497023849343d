//! Following over Server-Sent Events: the same as over the WebSocket, resumed by the id of the last event.

use std::process::{Command, Stdio};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_TYPE};
use serde_json::{Value, json};

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;

use crate::harness::{Api, bundled, retitle, roomy};
use crate::program::{address, program};

/// One event: its members are the fields of its lines.
#[derive(Debug, Default, PartialEq)]
struct Event {
    kind: String,
    id: String,
    data: String,
    retry: String,
}

impl Event {
    fn json(&self) -> Value {
        serde_json::from_str(&self.data).unwrap()
    }
}

/// A stream of events.
struct Events {
    response: reqwest::Response,
    text: String,
    /// The last event id, as a browser stores it.
    last: String,
    /// Number of comments received.
    comments: usize,
}

impl Events {
    async fn ask(request: reqwest::RequestBuilder, last: Option<&str>) -> Self {
        let mut request = request.header(ACCEPT, "text/event-stream");
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()[CONTENT_TYPE], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-cache");
        Self {
            response,
            text: String::new(),
            last: String::new(),
            comments: 0,
        }
    }

    /// The next event; `None` at the end of the stream.
    async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some((event, rest)) = self.text.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.text = rest;
                let mut found = Event::default();
                for line in event.lines() {
                    let (name, value) = line.split_once(':').unwrap();
                    let value = value.trim_start().to_owned();
                    match name {
                        "event" => found.kind = value,
                        "id" => {
                            self.last.clone_from(&value);
                            found.id = value;
                        }
                        "data" => found.data = value,
                        "retry" => found.retry = value,
                        "" => self.comments += 1,
                        other => panic!("{other}"),
                    }
                }
                if found.kind == "complete" {
                    // A browser ignores an event without data.
                    assert!(event.contains("\ndata:"), "{event}");
                }
                if !found.kind.is_empty() || !found.retry.is_empty() {
                    return Some(found);
                }
                continue;
            }
            let wait = Duration::from_mins(1);
            let chunk = tokio::time::timeout(wait, self.response.chunk()).await;
            let chunk = chunk.unwrap().unwrap()?;
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
    }
}

fn post(api: &Api, query: &str) -> reqwest::RequestBuilder {
    api.request(reqwest::Method::POST, "/graphql")
        .json(&json!({ "query": query }))
}

#[tokio::test]
async fn event_streams_websockets_and_pages_return_identical_changes() {
    let api = Api::seeded().await;
    let first = api
        .query("{ changes(first: 1) { nodes { cursor } } }")
        .await;
    let first = first["changes"]["nodes"][0]["cursor"].clone();
    let fields = "cursor sequence operation record { id label } before { id } fields { field after } citations { locator }
        countries { name } transaction { id index size last } committedAt";
    let subscription = format!("subscription {{ changes(after: {first}) {{ {fields} }} }}");
    let mut events = Events::ask(post(&api, &subscription), None).await;
    let mut socket = api.socket(json!({})).await;
    socket.subscribe("s", &subscription, json!({})).await;
    let page = api
        .query(&format!(
            "{{ changes(after: {first}, first: 50) {{ nodes {{ {fields} }} }} }}"
        ))
        .await;
    let page = page["changes"]["nodes"].as_array().unwrap();
    for (number, node) in page.iter().enumerate() {
        let event = events.next().await.unwrap();
        assert_eq!(event.kind, "next");
        assert_eq!(event.json()["data"]["changes"], *node);
        assert_eq!(event.id, node["cursor"].as_str().unwrap());
        let told = socket.event().await;
        let same = serde_json::to_string(&told).unwrap();
        let data = serde_json::to_string(&event.json()["data"]).unwrap();
        assert_eq!(same, data, "{number}");
    }
}

#[tokio::test]
async fn an_event_stream_resumes_after_last_event_id() {
    let api = Api::seeded().await;
    let subscription = "subscription { changes(filter: { kinds: [TREATY] }) { sequence record { ... on Treaty { shortTitle } } } }";
    let mut events = Events::ask(post(&api, subscription), None).await;
    let eva = api.editor("eva").await;
    api.followed_by(1).await;
    eva.publish(retitle(1, "One")).await;
    let one = events.next().await.unwrap();
    drop(events);
    eva.publish(retitle(2, "Two")).await;
    eva.publish(retitle(3, "Three")).await;
    // The way a browser reconnects: by GET, with its last event id.
    let address = format!(
        "/graphql?query={}",
        subscription
            .replace(' ', "%20")
            .replace('{', "%7B")
            .replace('}', "%7D")
    );
    let again = api.request(reqwest::Method::GET, &address);
    let mut events = Events::ask(again, Some(&one.id)).await;
    let mut titles = Vec::new();
    for _ in 0..2 {
        let event = events.next().await.unwrap();
        titles.push(event.json()["data"]["changes"]["record"]["shortTitle"].clone());
    }
    assert_eq!(titles, ["Two", "Three"]);
    let mut wrong = Events::ask(post(&api, subscription), Some("x")).await;
    let refused = wrong.next().await.unwrap();
    let error = &refused.json()["errors"][0];
    assert_eq!(error["extensions"]["code"], "BAD_USER_INPUT");
    let message = error["message"].as_str().unwrap();
    assert!(
        message.starts_with("`Last-Event-ID`") && message.contains("cursors go from"),
        "{message}"
    );
    assert_eq!(wrong.next().await.unwrap().kind, "complete");
    assert_eq!(wrong.next().await, None);
}

#[tokio::test]
async fn a_query_over_an_event_stream_is_one_event_and_complete() {
    let api = Api::seeded().await;
    for (query, said) in [
        (
            "{ head { sequence } }",
            json!({ "data": { "head": { "sequence": bundled() } } }),
        ),
        ("{ nothing }", Value::Null),
    ] {
        let mut events = Events::ask(post(&api, query), None).await;
        let next = events.next().await.unwrap();
        assert_eq!((next.kind.as_str(), next.id.as_str()), ("next", ""));
        if said.is_null() {
            assert_eq!(
                next.json()["errors"][0]["extensions"]["code"],
                "BAD_USER_INPUT"
            );
        } else {
            assert_eq!(next.json(), said);
        }
        assert_eq!(events.next().await.unwrap().kind, "complete");
        assert_eq!(events.next().await, None);
    }
}

#[tokio::test]
async fn a_stopping_server_ends_event_streams_with_a_retry_delay() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = program(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let ask = |query: &str| {
        let request = crate::harness::client().post(format!("{address}/graphql"));
        request.json(&json!({ "query": query }))
    };
    let head = ask("{ head { cursor } }").send().await.unwrap();
    let head: Value = head.json().await.unwrap();
    let mut events = Events::ask(ask("subscription { changes { sequence } }"), None).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stopped = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status();
    assert!(stopped.unwrap().success());
    assert_eq!(events.next().await.unwrap().retry, "1000");
    assert_eq!(events.next().await, None);
    // A client without events also has the id from which to continue.
    assert_eq!(json!(events.last), head["data"]["head"]["cursor"]);
    assert!(server.wait().unwrap().success());
}

#[tokio::test]
async fn revoking_a_token_ends_its_event_stream_even_while_events_flow() {
    let api = Api::seeded().await;
    let token = api.token(Role::Editor, "eva").await;
    let ask = post(&api, "subscription { changes { sequence } }").bearer_auth(&token);
    let mut events = Events::ask(ask, None).await;
    api.followed_by(1).await;
    let id = api.store.tokens().await.unwrap()[0].id.clone();
    api.store.revoke_token(&id).await.unwrap();
    let otto = api.editor("otto").await;
    let mut told = 0;
    for version in 1..=30 {
        otto.publish(retitle(version, &format!("Title {version}")))
            .await;
        match tokio::time::timeout(Duration::from_millis(500), events.next()).await {
            Ok(Some(event)) if event.kind == "next" => told += 1,
            Ok(_) => break,
            Err(_) => {}
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    assert!(told < 30, "the stream sent every event");
}

#[tokio::test]
async fn an_idle_event_stream_sends_comments() {
    let api = Api::builder()
        .limits(Limits {
            max_silence_ms: 1_000,
            ..roomy()
        })
        .start()
        .await;
    let mut events = Events::ask(post(&api, "subscription { changes { sequence } }"), None).await;
    let nothing = tokio::time::timeout(Duration::from_secs(3), events.next()).await;
    assert!(nothing.is_err());
    assert!((3..=6).contains(&events.comments), "{}", events.comments);
}
