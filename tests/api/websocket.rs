//! The WebSocket according to graphql-transport-ws: answers to messages, and the codes with which it is closed.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use cyberprofiles::domain::viewer::Role;
use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::CloseCode;
use tokio_tungstenite::tungstenite::{self, Message};
use tokio_tungstenite::{MaybeTlsStream, WebSocketStream};

use crate::harness::{Api, bundled, retitle};
use crate::program::{address, program};

pub type Raw = WebSocketStream<MaybeTlsStream<TcpStream>>;

async fn open(address: &str, protocol: &'static str) -> Result<Raw, tungstenite::Error> {
    let mut request = format!("ws://{address}/graphql/ws")
        .into_client_request()
        .unwrap();
    let value = tungstenite::http::HeaderValue::from_static(protocol);
    request
        .headers_mut()
        .insert("sec-websocket-protocol", value);
    let (socket, _) = tokio_tungstenite::connect_async(request).await?;
    Ok(socket)
}

/// Opens a WebSocket and initialises the connection.
pub async fn begun(address: &str) -> Raw {
    let mut socket = open(address, "graphql-transport-ws").await.unwrap();
    say(&mut socket, json!({ "type": "connection_init" })).await;
    assert_eq!(
        receive(&mut socket).await,
        json!({ "type": "connection_ack" })
    );
    socket
}

pub async fn say(socket: &mut Raw, message: Value) {
    let message = Message::text(message.to_string());
    socket.send(message).await.unwrap();
}

/// The next message, or the code and reason of the close.
pub async fn receive(socket: &mut Raw) -> Value {
    let wait = Duration::from_mins(1);
    let message = tokio::time::timeout(wait, socket.next()).await.unwrap();
    match message.unwrap().unwrap() {
        Message::Text(text) => serde_json::from_str(&text).unwrap(),
        Message::Close(frame) => {
            let frame = frame.unwrap();
            json!([u16::from(frame.code), frame.reason.as_str()])
        }
        other => panic!("{other:?}"),
    }
}

fn subscribe(id: &str, query: &str) -> Value {
    json!({ "type": "subscribe", "id": id, "payload": { "query": query } })
}

const CHANGES: &str = "subscription { changes { sequence } }";

#[tokio::test]
async fn a_protocol_error_closes_the_websocket_with_its_code() {
    let api = Api::seeded().await;
    for (message, code) in [
        ("hello".to_owned(), 4400),
        ("[]".to_owned(), 4400),
        (json!({ "type": "start" }).to_string(), 4400),
        (json!({ "type": "subscribe", "id": "a" }).to_string(), 4400),
        (json!({ "type": "subscribe", "id": 1, "payload": {} }).to_string(), 4400),
        (json!({ "type": "subscribe", "id": "a", "payload": { "variables": 1, "query": "{ __typename }" } }).to_string(), 4400),
        (json!({ "type": "connection_init" }).to_string(), 4429),
    ] {
        let mut socket = begun(&api.address).await;
        socket.send(Message::text(message.clone())).await.unwrap();
        assert_eq!(receive(&mut socket).await[0], code, "{message}");
    }
    let mut socket = open(&api.address, "graphql-transport-ws").await.unwrap();
    say(&mut socket, subscribe("a", "{ __typename }")).await;
    assert_eq!(receive(&mut socket).await[0], 4401);
    let mut socket = begun(&api.address).await;
    socket.send(Message::binary(vec![1, 2])).await.unwrap();
    assert_eq!(receive(&mut socket).await[0], 4400);
    let mut socket = begun(&api.address).await;
    say(&mut socket, subscribe("a", CHANGES)).await;
    say(&mut socket, subscribe("a", CHANGES)).await;
    let closed = receive(&mut socket).await;
    assert_eq!(closed[0], 4409);
    assert!(closed[1].as_str().unwrap().contains('a'), "{closed}");
    let mut socket = begun(&api.address).await;
    let large = "x".repeat(1_100_000);
    let _ = socket.send(Message::text(large)).await;
    assert_eq!(receive(&mut socket).await[0], 1009);
    let mut socket = open(&api.address, "graphql-transport-ws").await.unwrap();
    let init =
        json!({ "type": "connection_init", "payload": { "Authorization": "Bearer cp_nobody" } });
    say(&mut socket, init).await;
    assert_eq!(receive(&mut socket).await[0], 4403);
    for other in ["graphql-ws", "chat"] {
        let refused = open(&api.address, other).await.unwrap_err();
        let tungstenite::Error::Http(refused) = refused else {
            panic!("{refused}")
        };
        assert_eq!(refused.status(), 400, "{other}");
    }
}

#[tokio::test]
async fn pings_are_answered_and_a_failed_operation_keeps_the_websocket_open() {
    let api = Api::seeded().await;
    let mut socket = begun(&api.address).await;
    say(
        &mut socket,
        json!({ "type": "ping", "payload": { "n": 1 } }),
    )
    .await;
    assert_eq!(
        receive(&mut socket).await,
        json!({ "type": "pong", "payload": { "n": 1 } })
    );
    say(&mut socket, json!({ "type": "ping" })).await;
    assert_eq!(receive(&mut socket).await, json!({ "type": "pong" }));
    say(&mut socket, json!({ "type": "pong", "payload": {} })).await;
    for (query, code) in [
        ("subscription {", "BAD_USER_INPUT"),
        ("subscription { nothing }", "BAD_USER_INPUT"),
        (
            "subscription { changes(after: \"x\") { sequence } }",
            "BAD_USER_INPUT",
        ),
        (
            "subscription { changes(filter: { countries: [\"?\"] }) { sequence } }",
            "BAD_USER_INPUT",
        ),
    ] {
        say(&mut socket, subscribe("wrong", query)).await;
        let message = receive(&mut socket).await;
        assert_eq!(message["type"], "error", "{message}");
        assert_eq!(message["id"], "wrong");
        assert_eq!(message["payload"][0]["extensions"]["code"], code, "{query}");
    }
    // A query beside the subscriptions: one answer and `complete`. Its id can then be used again.
    for _ in 0..2 {
        say(
            &mut socket,
            subscribe("q", "{ treaty(reference: \"ETS 185\") { shortTitle } }"),
        )
        .await;
        let next = receive(&mut socket).await;
        assert_eq!(
            next,
            json!({ "type": "next", "id": "q", "payload": { "data": { "treaty": { "shortTitle": "Budapest Convention" } } } })
        );
        assert_eq!(
            receive(&mut socket).await,
            json!({ "type": "complete", "id": "q" })
        );
    }
}

#[tokio::test]
async fn operations_over_max_subscriptions_per_connection_are_refused_one_by_one() {
    let api = Api::seeded().await;
    let most = api
        .query("{ serviceConfig { maxSubscriptionsPerConnection } }")
        .await;
    let most = most["serviceConfig"]["maxSubscriptionsPerConnection"]
        .as_u64()
        .unwrap();
    let mut socket = begun(&api.address).await;
    for number in 0..most {
        say(&mut socket, subscribe(&format!("s{number}"), CHANGES)).await;
    }
    say(&mut socket, subscribe("over", CHANGES)).await;
    let refused = receive(&mut socket).await;
    assert_eq!(
        (&refused["type"], &refused["id"]),
        (&json!("error"), &json!("over"))
    );
    assert_eq!(refused["payload"][0]["extensions"]["code"], "TOO_COMPLEX");
    // After one ends, another is accepted; ten thousand more are refused without harm.
    say(&mut socket, json!({ "type": "complete", "id": "s0" })).await;
    say(&mut socket, subscribe("over", CHANGES)).await;
    let (mut out, mut back) = socket.split();
    let flood = tokio::spawn(async move {
        for number in 0..10_000 {
            let message = subscribe(&format!("f{number}"), CHANGES).to_string();
            out.send(Message::text(message)).await.unwrap();
        }
        out
    });
    for number in 0..10_000 {
        let Some(Ok(Message::Text(text))) = back.next().await else {
            panic!("closed at {number}")
        };
        let message: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(message["id"], format!("f{number}"), "{message}");
        assert_eq!(message["type"], "error");
    }
    let mut socket = flood.await.unwrap().reunite(back).unwrap();
    api.editor("eva").await.publish(retitle(1, "New")).await;
    let mut answered = std::collections::HashSet::new();
    for _ in 0..most {
        let next = receive(&mut socket).await;
        assert_eq!(next["type"], "next", "{next}");
        answered.insert(next["id"].as_str().unwrap().to_owned());
    }
    assert!(answered.contains("over") && !answered.contains("s0"));
    assert_eq!(answered.len(), usize::try_from(most).unwrap());
}

#[tokio::test]
async fn an_operation_id_is_free_after_the_client_completes_it() {
    let api = Api::seeded().await;
    let mut socket = begun(&api.address).await;
    say(&mut socket, subscribe("a", CHANGES)).await;
    say(&mut socket, json!({ "type": "complete", "id": "a" })).await;
    say(&mut socket, json!({ "type": "complete", "id": "never" })).await;
    // The answer shows that the server has read the messages before.
    say(&mut socket, json!({ "type": "ping" })).await;
    assert_eq!(receive(&mut socket).await["type"], "pong");
    let head = api.query_once("{ head { cursor } }").await["head"]["cursor"].clone();
    let again = format!("subscription {{ changes(after: {head}) {{ recordId }} }}");
    say(&mut socket, subscribe("a", &again)).await;
    api.editor("eva").await.publish(retitle(1, "New")).await;
    assert_eq!(
        receive(&mut socket).await,
        json!({ "type": "next", "id": "a", "payload": { "data": { "changes": { "recordId": "Treaty:ets-185" } } } })
    );
}

#[tokio::test]
async fn a_busy_subscription_does_not_starve_others_on_its_websocket() {
    let api = Api::seeded().await;
    let first = api
        .query("{ changes(first: 1) { nodes { cursor } } }")
        .await;
    let first = &first["changes"]["nodes"][0]["cursor"];
    let replay = format!("subscription {{ changes(after: {first}) {{ sequence }} }}");
    let all = bundled() - 1;
    // A busy machine may read the others late once or twice; a starved subscription is late each time.
    for _ in 0..8 {
        let mut socket = begun(&api.address).await;
        for id in ["a", "b", "c"] {
            say(&mut socket, subscribe(id, &replay)).await;
        }
        let mut count = std::collections::BTreeMap::<String, i64>::new();
        while count.values().all(|answered| *answered < all) {
            let message = receive(&mut socket).await;
            let id = message["id"].as_str().unwrap().to_owned();
            *count.entry(id).or_default() += 1;
        }
        // Each has sent something before the first has sent everything.
        if count.len() == 3 {
            return;
        }
    }
    panic!("one of three tells all before the others tell anything");
}

#[tokio::test]
async fn revoking_a_token_closes_its_websockets_within_five_seconds() {
    let api = Api::seeded().await;
    let token = api.token(Role::Editor, "eva").await;
    let mut socket = open(&api.address, "graphql-transport-ws").await.unwrap();
    let init = json!({ "type": "connection_init", "payload": { "Authorization": format!("Bearer {token}") } });
    say(&mut socket, init).await;
    assert_eq!(receive(&mut socket).await["type"], "connection_ack");
    say(&mut socket, subscribe("q", "{ viewer { id } }")).await;
    assert_eq!(
        receive(&mut socket).await["payload"]["data"]["viewer"]["id"],
        "eva"
    );
    assert_eq!(receive(&mut socket).await["type"], "complete");
    let id = api.store.tokens().await.unwrap()[0].id.clone();
    api.store.revoke_token(&id).await.unwrap();
    let revoked = Instant::now();
    assert_eq!(receive(&mut socket).await[0], 4403);
    // Some of this time is due to slow machines.
    assert!(
        revoked.elapsed() < Duration::from_secs(8),
        "{:?}",
        revoked.elapsed()
    );
}

#[tokio::test]
async fn a_stopping_server_closes_websockets_with_their_last_cursors() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = program(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let address = address.strip_prefix("http://").unwrap();
    let mut following = begun(address).await;
    let query = "query { changes(first: 1) { nodes { cursor } } }";
    say(&mut following, subscribe("q", query)).await;
    let first =
        receive(&mut following).await["payload"]["data"]["changes"]["nodes"][0]["cursor"].clone();
    assert_eq!(receive(&mut following).await["type"], "complete");
    let replay = format!(
        "subscription {{ changes(after: {first}, filter: {{ kinds: [TREATY] }}) {{ cursor }} }}"
    );
    say(&mut following, subscribe("s", &replay)).await;
    let mut last = Value::Null;
    for _ in 0..8 {
        last = receive(&mut following).await["payload"]["data"]["changes"]["cursor"].clone();
    }
    let mut idle = begun(address).await;
    // It requests more than the buffers of both sides hold, and reads none of it.
    let mut deaf = begun(address).await;
    for number in 0..40 {
        let replay = format!(
            "subscription {{ changes(after: {first}) {{ cursor fields {{ before after }}
                record {{ label citations {{ quote source {{ title url }} }} }} }} }}"
        );
        say(&mut deaf, subscribe(&format!("d{number}"), &replay)).await;
    }
    tokio::time::sleep(Duration::from_secs(1)).await;
    let answered = Instant::now();
    let stopped = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status();
    assert!(stopped.unwrap().success());
    let closed = receive(&mut following).await;
    assert_eq!(
        closed,
        json!([
            1012,
            format!(
                "the server is stopping: reconnect; last cursor {}",
                last.as_str().unwrap()
            )
        ])
    );
    assert_eq!(
        receive(&mut idle).await,
        json!([1012, "the server is stopping: reconnect"])
    );
    while server.try_wait().unwrap().is_none() {
        assert!(answered.elapsed() < Duration::from_secs(25));
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(server.wait().unwrap().success());
}

#[tokio::test]
async fn a_websocket_without_connection_init_is_closed() {
    let api = Api::seeded().await;
    let mut socket = open(&api.address, "graphql-transport-ws").await.unwrap();
    assert_eq!(receive(&mut socket).await[0], 4408);
}

#[tokio::test]
async fn a_page_of_another_origin_opens_a_websocket_only_if_allowed() {
    let api = Api::seeded().await;
    let allowing = Api::builder()
        .allow_origin("https://app.example.org")
        .start()
        .await;
    let any = Api::builder().allow_origin("*").start().await;
    let own = format!("http://{}", api.address);
    for (server, origin, status) in [
        (&api, own.as_str(), 101),
        (&api, "https://evil.example", 403),
        (&api, "null", 403),
        (&api, "http://127.0.0.1:1", 403),
        (&allowing, "https://app.example.org", 101),
        (&allowing, "https://app.example.org.evil.example", 403),
        (&allowing, "http://app.example.org", 403),
        (&any, "https://evil.example", 101),
    ] {
        let request = server.request(reqwest::Method::GET, "/graphql/ws");
        let request = request
            .header("connection", "Upgrade")
            .header("upgrade", "websocket")
            .header("sec-websocket-version", "13")
            .header("sec-websocket-key", "dGhlIHNhbXBsZSBub25jZQ==")
            .header("sec-websocket-protocol", "graphql-transport-ws")
            .header("origin", origin);
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{origin}");
        if status == 403 {
            let body: Value = response.json().await.unwrap();
            assert_eq!(body["errors"][0]["extensions"]["code"], "FORBIDDEN");
        }
    }
}

#[tokio::test]
async fn a_close_frame_is_answered_with_the_same_code_and_reason() {
    let api = Api::seeded().await;
    let mut socket = begun(&api.address).await;
    let goodbye = CloseFrame {
        code: CloseCode::Normal,
        reason: "bye".into(),
    };
    socket.close(Some(goodbye)).await.unwrap();
    assert_eq!(receive(&mut socket).await, json!([1000, "bye"]));
}

#[tokio::test]
async fn the_closing_cursor_covers_the_slowest_subscription_of_the_websocket() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = program(folder.path())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let address = address(&mut server);
    let mut socket = begun(address.strip_prefix("http://").unwrap()).await;
    let query = "{ at(knownAt: \"1970-01-01T00:00:00Z\") { cursor } }";
    say(&mut socket, subscribe("q", query)).await;
    let oldest = receive(&mut socket).await["payload"]["data"]["at"]["cursor"].clone();
    assert_eq!(receive(&mut socket).await["type"], "complete");
    let some = format!(
        "subscription {{ changes(after: {oldest}, filter: {{ kinds: [TREATY] }}) {{ cursor }} }}"
    );
    say(&mut socket, subscribe("some", &some)).await;
    for _ in 0..8 {
        assert_eq!(receive(&mut socket).await["id"], "some");
    }
    let none = format!(
        "subscription {{ changes(after: {oldest}, filter: {{ kinds: [] }}) {{ cursor }} }}"
    );
    say(&mut socket, subscribe("none", &none)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let stopped = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status();
    assert!(stopped.unwrap().success());
    let come_back = format!(
        "the server is stopping: reconnect; last cursor {}",
        oldest.as_str().unwrap()
    );
    assert_eq!(receive(&mut socket).await, json!([1012, come_back]));
    assert!(server.wait().unwrap().success());
}

#[tokio::test]
async fn a_websocket_accepts_the_token_in_each_documented_form() {
    let api = Api::seeded().await;
    let token = api.token(Role::Editor, "eva").await;
    let bearer = format!("Bearer {token}");
    for payload in [
        json!({ "Authorization": bearer }),
        json!({ "authorization": bearer }),
        json!({ "headers": { "authorization": bearer } }),
        json!({ "headers": { "Authorization": bearer }, "client": "web" }),
        json!({ "token": token }),
        json!({ "token": bearer }),
    ] {
        let mut socket = open(&api.address, "graphql-transport-ws").await.unwrap();
        say(
            &mut socket,
            json!({ "type": "connection_init", "payload": payload }),
        )
        .await;
        assert_eq!(receive(&mut socket).await["type"], "connection_ack");
        say(&mut socket, subscribe("q", "{ viewer { id } }")).await;
        let viewer = receive(&mut socket).await["payload"]["data"]["viewer"]["id"].clone();
        assert_eq!(viewer, "eva", "{payload}");
    }
}

#[tokio::test]
async fn a_websocket_with_a_credential_elsewhere_is_refused_and_not_treated_as_anonymous() {
    let api = Api::empty().await;
    let token = api.token(Role::Editor, "eva").await;
    let bearer = format!("Bearer {token}");
    for payload in [
        json!({ "authToken": token }),
        json!({ "access_token": token }),
        json!({ "jwt": "a.b.c" }),
        json!({ "apiKey": "x" }),
        json!({ "headers": { "x-auth-token": token } }),
        json!({ "headers": [["authorization", bearer]] }),
        json!({ "context": { "headers": { "authorization": bearer } } }),
        json!({ "anything": bearer }),
        json!({ "anything": token }),
        json!({ "Authorization": token }),
        json!({ "Authorization": null }),
        json!({ "token": 1 }),
        json!({ "token": token, "headers": { "authorization": "Bearer other" } }),
    ] {
        let mut socket = open(&api.address, "graphql-transport-ws").await.unwrap();
        say(
            &mut socket,
            json!({ "type": "connection_init", "payload": payload }),
        )
        .await;
        let closed = receive(&mut socket).await;
        assert_eq!(closed[0], 4401, "{payload}: {closed}");
        let reason = closed[1].as_str().unwrap();
        for form in [
            "{authorization:\"Bearer T\"}",
            "{headers:{authorization:\"Bearer T\"}}",
            "{token:\"T\"}",
        ] {
            assert!(reason.contains(form), "{reason}");
        }
        assert!(!reason.contains(&token), "{reason}");
    }
    // A token that is read and not known is refused as before.
    for payload in [
        json!({ "token": "cp_nobody" }),
        json!({ "headers": { "authorization": "Bearer cp_nobody" } }),
    ] {
        let mut socket = open(&api.address, "graphql-transport-ws").await.unwrap();
        say(
            &mut socket,
            json!({ "type": "connection_init", "payload": payload }),
        )
        .await;
        assert_eq!(receive(&mut socket).await[0], 4403, "{payload}");
    }
}
