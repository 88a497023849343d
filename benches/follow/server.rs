//! The servers to be compared. Each reads commands line by line and answers with a line. `change` makes a change and
//! returns the time at which it began; `grow N` makes N changes and returns the cursor before them.

use std::convert::Infallible;
use std::time::{SystemTime, UNIX_EPOCH};

use axum::Router;
use axum::extract::State;
use axum::extract::ws::{Message, Utf8Bytes, WebSocketUpgrade};
use axum::response::Response;
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::routing::{get, post};
use cyberprofiles::graphql::Service;
use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::http::{self, App, Guard, Settings};
use cyberprofiles::store::{Options, Store};
use futures_util::stream::{self, Stream};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, BufReader, Lines, Stdin, stdin};
use tokio::net::TcpListener;
use tokio::sync::broadcast;

fn orders() -> Lines<BufReader<Stdin>> {
    BufReader::new(stdin()).lines()
}

/// Microseconds since 1970, comparable between processes.
#[expect(
    clippy::disallowed_methods,
    reason = "two processes share only the clock of the machine"
)]
pub fn now_micros() -> u128 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.unwrap().as_micros()
}

/// The program's own server, with a new database.
pub async fn ours() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite://{}/profiles.db", folder.path().display());
    let store = Store::open(&url, &Options::default()).await.unwrap();
    crate::small::load_bundled(&store).await;
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    let limits = Limits {
        max_anonymous_cost_per_second: 0,
        max_connections: 1_000_000,
        ..Limits::default()
    };
    let guard = Guard::new(store.clone(), None);
    let service = Service::new(store.clone(), limits);
    let counted = service.clone();
    let app = App::new(service, guard, Settings::default());
    tokio::spawn(http::serve(listener, app, std::future::pending()));
    let mut version = 1;
    let mut orders = orders();
    while let Some(order) = orders.next_line().await.unwrap() {
        if let Some(count) = order.strip_prefix("grow ") {
            let count: u64 = count.parse().unwrap();
            let head = store.head().await.unwrap().moment;
            let lines = (0..count).map(|number| {
                let fields = json!({ "kind": "NEWS", "title": format!("News {number}") });
                let source = json!({ "key": format!("news-{number}"), "fields": fields });
                Ok(json!({ "createSource": source }).to_string())
            });
            let report = store.import(lines, false, &mut |_| {}).await.unwrap();
            assert_eq!(u64::try_from(report.created).unwrap(), count);
            println!("{}", store.cursors().write(head));
        } else if order == "groups" {
            println!("{}", counted.stats().groups);
        } else {
            let begun = now_micros();
            let line = change(version);
            version += 1;
            let lines = std::iter::once(Ok(line.to_string()));
            let report = store.import(lines, false, &mut |_| {}).await.unwrap();
            assert_eq!(report.updated, 1);
            println!("{begun}");
        }
    }
}

fn change(version: i32) -> Value {
    json!({ "updateTreaty": { "id": "Treaty:ets-185", "baseVersion": version,
        "set": { "shortTitle": format!("Title {version}") },
        "cite": [{ "source": "Source:unsourced", "certainty": "UNVERIFIED" }] } })
}

/// A message as long as the program's message about a change.
const EVENT: &str = r#"{"type":"next","id":"s","payload":{"data":{"changes":{"cursor":"bvDmS1-NFwsAAAAAAAADzjZHABo","sequence":NUMBER,"operation":"UPDATE","recordKind":"TREATY","recordId":"Treaty:ets-185","committedAt":"2026-02-23T09:30:00.000000Z"}}}}"#;

/// An axum WebSocket that broadcasts, and does nothing more.
pub async fn bare() {
    let (events, _) = broadcast::channel::<Utf8Bytes>(16);
    let router = Router::new()
        .route("/graphql/ws", get(upgrade))
        .route("/graphql", post(stream))
        .with_state(events.clone());
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    println!("{}", listener.local_addr().unwrap());
    tokio::spawn(async move { axum::serve(listener, router).await });
    let mut sequence = 974;
    let mut orders = orders();
    while orders.next_line().await.unwrap().is_some() {
        sequence += 1;
        let text = EVENT.replace("NUMBER", &sequence.to_string());
        let begun = now_micros();
        events.send(text.into()).unwrap();
        println!("{begun}");
    }
}

async fn upgrade(
    State(events): State<broadcast::Sender<Utf8Bytes>>,
    upgrade: WebSocketUpgrade,
) -> Response {
    let upgrade = upgrade.protocols(["graphql-transport-ws"]);
    upgrade
        .read_buffer_size(1_024)
        .write_buffer_size(0)
        .on_upgrade(async move |mut socket| {
            let mut events = events.subscribe();
            while let Ok(text) = events.recv().await {
                if socket.send(Message::Text(text)).await.is_err() {
                    return;
                }
            }
        })
}

async fn stream(
    State(events): State<broadcast::Sender<Utf8Bytes>>,
) -> Sse<impl Stream<Item = Result<Event, Infallible>>> {
    let events = stream::unfold(events.subscribe(), async |mut events| {
        let text = events.recv().await.ok()?;
        let event = Event::default().event("next").data(text.as_str());
        Some((Ok(event), events))
    });
    Sse::new(events).keep_alive(KeepAlive::new())
}
