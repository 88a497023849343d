//! Shared subscriptions: equal ones are executed once; slow or different followers do not affect others.

use std::time::{Duration, Instant};

use async_graphql::Request;
use cyberprofiles::domain::viewer::{Role, Viewer};
use cyberprofiles::graphql::Answer;
use cyberprofiles::graphql::Caller;
use cyberprofiles::graphql::limits::Limits;
use futures_util::future::{FutureExt, join_all};
use futures_util::stream::{BoxStream, StreamExt};
use sea_orm::ConnectionTrait;
use serde_json::{Value, json};

use super::oldest;
use crate::harness::{Api, Socket, retitle, roomy};

const CHANGES: &str = "subscription($after: Cursor) { changes(after: $after) { sequence
    record { label citations { source { title } } } before { label } fields { after } } }";

/// Opens WebSockets that follow, each from a cursor of its own.
async fn followers(api: &Api, afters: &[Value]) -> Vec<Socket> {
    let mut sockets = Vec::new();
    for after in afters {
        let mut socket = api.socket(json!({})).await;
        socket
            .subscribe("s", CHANGES, json!({ "after": after }))
            .await;
        sockets.push(socket);
    }
    sockets
}

/// Number of statements that read changes in order to inform all followers of one change.
async fn statements(api: &Api, sockets: &mut [Socket], version: i32) -> usize {
    let eva = api.editor("eva").await;
    let proposed = eva
        .proposed(retitle(version, &format!("Title {version}")))
        .await;
    let otto = api.editor("otto").await;
    api.statements();
    otto.accept(&proposed).await;
    let mut received = Vec::new();
    for socket in sockets {
        received.push(socket.event().await["changes"]["sequence"].clone());
    }
    assert!(
        received.windows(2).all(|pair| pair[0] == pair[1]),
        "{received:?}"
    );
    let telling = |sql: &&String| sql.contains("FROM \"change\"") && sql.contains("LIMIT");
    api.statements().iter().filter(telling).count()
}

#[tokio::test(flavor = "multi_thread")]
async fn followers_with_the_same_subscription_share_one_execution() {
    // WebSockets that the test does not read yet answer no pings.
    let api = Api::builder()
        .limits(Limits {
            max_silence_ms: 600_000,
            ..roomy()
        })
        .start()
        .await;
    // Each started at another cursor; by now all have reached the end of the log.
    let page = api
        .query("{ changes(last: 40) { nodes { cursor } } }")
        .await;
    let nodes = page["changes"]["nodes"].as_array().unwrap();
    let mut afters: Vec<Value> = nodes.iter().map(|node| node["cursor"].clone()).collect();
    afters.reverse();
    let mut sockets = followers(&api, &afters).await;
    api.followed_by(40).await;
    for (missed, socket) in sockets.iter_mut().enumerate() {
        for _ in 0..missed {
            socket.event().await;
        }
    }
    for version in 1..=3 {
        assert_eq!(statements(&api, &mut sockets, version).await, 1);
    }
    // A follower with another selection has an execution of its own.
    let mut other = api.socket(json!({})).await;
    other
        .subscribe("s", "subscription { changes { sequence } }", json!({}))
        .await;
    api.followed_by(41).await;
    sockets.push(other);
    assert_eq!(statements(&api, &mut sockets, 4).await, 2);
}

/// Selects a large part of each change.
const LARGE: &str = "subscription($after: Cursor) { changes(after: $after) { cursor
    fields { field before after } record { id label citations { source { title url } quote } }
    a: citations { source { title url } } b: citations { source { title url } } c: fields { after } } }";

/// Milliseconds before a client that reads nothing is closed: far longer than other followers need for a change.
const UNREAD: i32 = 12_000;

#[tokio::test(flavor = "multi_thread")]
async fn a_follower_that_never_reads_is_closed_with_a_reason_and_delays_no_other() {
    let api = Api::builder()
        .limits(Limits {
            max_unread_ms: UNREAD,
            ..roomy()
        })
        .start()
        .await;
    let mut idle = api.socket(json!({})).await;
    let oldest = oldest(&api.address).await;
    let begin = oldest.clone();
    // Far more than the buffers of both sides hold.
    for number in 0..40 {
        idle.subscribe(&format!("s{number}"), LARGE, json!({ "after": oldest }))
            .await;
    }
    // The client reads again after the server has given it up, and before the server stops waiting for the close.
    let closed = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(UNREAD.unsigned_abs().into())).await;
        tokio::time::sleep(Duration::from_millis(3_500)).await;
        let mut received = vec![begin];
        loop {
            let message = idle.next().await;
            match message["payload"]["data"]["changes"]["cursor"].as_str() {
                Some(cursor) => received.push(cursor.to_owned()),
                None => return (message["closed"].clone(), received),
            }
        }
    });
    let mut sockets = followers(&api, &[Value::Null]).await;
    api.followed_by(41).await;
    let eva = api.editor("eva").await;
    eva.publish(retitle(1, "New")).await;
    sockets[0].event().await;
    let followers = api.service.stats().followers;
    assert_eq!(
        followers, 41,
        "the others receive the change while the server waits for the idle one"
    );
    let (closed, received) = closed.await.unwrap();
    let closed = closed.as_str().unwrap();
    let (why, cursor) = closed.split_once("; last cursor ").unwrap();
    assert_eq!(why, "the client reads or answers too slowly");
    assert!(
        received.iter().any(|received| received == cursor),
        "{closed}"
    );
}

#[tokio::test]
async fn a_websocket_that_answers_no_pings_is_closed() {
    let api = Api::builder()
        .limits(Limits {
            max_silence_ms: 1_000,
            ..roomy()
        })
        .start()
        .await;
    let mut socket = api.socket(json!({})).await;
    let begun = Instant::now();
    // Pings arrive and are not answered.
    assert_eq!(
        socket.next().await["closed"],
        "the client reads or answers too slowly"
    );
    let took = begun.elapsed();
    assert!(
        took > Duration::from_millis(900) && took < Duration::from_secs(20),
        "{took:?}"
    );
}

#[tokio::test]
async fn an_unread_event_stream_is_ended() {
    use std::io::ErrorKind;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let api = Api::builder()
        .limits(Limits {
            max_unread_ms: 1_000,
            ..roomy()
        })
        .start()
        .await;
    let oldest = api
        .query("{ at(knownAt: \"1970-01-01T00:00:00Z\") { cursor } }")
        .await["at"]["cursor"]
        .clone();
    let mut stream = tokio::net::TcpStream::connect(&api.address).await.unwrap();
    let alias =
        |number: i32| format!("a{number}: record {{ citations {{ source {{ title url }} }} }}");
    let aliases = (0..60).map(alias).collect::<Vec<_>>().join(" ");
    let body = json!({ "query": format!("subscription {{ changes(after: {oldest}) {{ cursor {aliases} }} }}") });
    let body = body.to_string();
    let request = format!(
        "POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nAccept: text/event-stream\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    );
    stream.write_all(request.as_bytes()).await.unwrap();
    // It follows first; then the server ends it.
    api.followed_by(1).await;
    api.followed_by(0).await;
    let mut read = Vec::new();
    let ended = tokio::time::timeout(Duration::from_secs(20), stream.read_to_end(&mut read)).await;
    let ended = ended.expect("the stream ends");
    let text = String::from_utf8_lossy(&read);
    assert!(
        text.starts_with("HTTP/1.1 200"),
        "{}",
        &text[..200.min(text.len())]
    );
    assert!(!text.contains("event: complete"), "the stream was cut off");
    if let Err(error) = ended {
        assert_eq!(error.kind(), ErrorKind::ConnectionReset);
    }
    // Other clients are answered as before.
    assert_eq!(api.query("{ __typename }").await["__typename"], "Query");
}

#[tokio::test]
async fn a_subscription_must_select_exactly_one_unconditional_field() {
    let api = Api::seeded().await;
    let mut socket = api.socket(json!({})).await;
    for (query, message) in [
        (
            "subscription { a: changes { sequence } b: changes { sequence } }",
            "a subscription selects exactly one field: subscribe once for each field",
        ),
        (
            "subscription { changes @skip(if: false) { sequence } }",
            "the field of a subscription must be selected without @skip and @include",
        ),
        (
            "subscription { ...f @include(if: true) } fragment f on Subscription { changes { sequence } }",
            "the field of a subscription must be selected without @skip and @include",
        ),
    ] {
        socket.subscribe("s", query, json!({})).await;
        let refused = socket.next().await;
        assert_eq!(refused["type"], "error", "{refused}");
        assert_eq!(refused["payload"][0]["message"], message);
    }
    let query = "subscription { ... on Subscription { ...f } } fragment f on Subscription { told: changes { ...c } }
        fragment c on Change { recordId }";
    socket.subscribe("s", query, json!({})).await;
    api.followed_by(1).await;
    api.editor("eva").await.publish(retitle(1, "New")).await;
    assert_eq!(
        socket.event().await,
        json!({ "told": { "recordId": "Treaty:ets-185" } })
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_slow_reader_is_not_disconnected() {
    let api = Api::builder()
        .limits(Limits {
            max_unread_ms: 3_000,
            max_silence_ms: 2_000,
            ..roomy()
        })
        .start()
        .await;
    let mut slow = api.socket(json!({})).await;
    let oldest = api
        .query("{ at(knownAt: \"1970-01-01T00:00:00Z\") { cursor } }")
        .await["at"]["cursor"]
        .clone();
    for number in 0..20 {
        slow.subscribe(&format!("s{number}"), LARGE, json!({ "after": oldest }))
            .await;
    }
    // It reads a little at a time, so that its pongs are delayed.
    for _ in 0..40 {
        for _ in 0..16 {
            let received = slow.next().await;
            assert_eq!(received["type"], "next", "{received}");
        }
        tokio::time::sleep(Duration::from_millis(250)).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_that_cannot_be_read_is_an_error_and_is_not_skipped() {
    let api = Api::seeded().await;
    let query = "{ changes(last: 20) { nodes { cursor sequence } } }";
    let before = api.query(query).await["changes"]["nodes"][9].clone();
    let database = crate::database::connect(&api.url).await;
    let hide = "ALTER TABLE citation RENAME TO hidden";
    let show = "ALTER TABLE hidden RENAME TO citation";
    for (statement, is_told) in [(hide, false), (show, true)] {
        database.execute_unprepared(statement).await.unwrap();
        let mut socket = api.socket(json!({})).await;
        let query = "subscription($after: Cursor) { changes(after: $after) { sequence citations { quote } } }";
        let after = json!({ "after": before["cursor"] });
        socket.subscribe("s", query, after).await;
        let answer = socket.next().await;
        if is_told {
            let next = before["sequence"].as_i64().unwrap() + 1;
            assert_eq!(answer["payload"]["data"]["changes"]["sequence"], next);
        } else {
            assert_eq!(answer["type"], "error", "{answer:#}");
            let code = &answer["payload"][0]["extensions"]["code"];
            assert_eq!(code, "INTERNAL", "{answer:#}");
        }
    }
}

/// Number of followers that wait at the same time: more than there are read connections.
const IDLE: usize = 8;

/// Polls each follower once and then leaves it alone, as a blocked WebSocket would.
async fn left_alone(answers: Vec<BoxStream<'static, Answer>>, api: &Api) {
    let mut answers = answers;
    for answers in &mut answers {
        let _ = answers.next().now_or_never();
    }
    let head = api.anyone().ask("{ head { sequence } }", json!({})).await;
    assert_eq!(head.status, 200, "{:#}", head.body);
    drop(answers);
}

/// Answers of a subscription, as a stream.
fn answers(api: &Api, viewer: &Viewer, query: String) -> BoxStream<'static, Answer> {
    let caller = Caller {
        viewer: viewer.clone(),
        address: None,
    };
    let service = &api.service;
    service
        .answers(Request::new(query), caller, false, None, None)
        .answers
}

#[tokio::test(flavor = "multi_thread")]
async fn idle_followers_hold_no_database_connections() {
    let api = Api::seeded().await;
    let viewer = Viewer::Anonymous;
    let oldest = api
        .query_once("{ at(knownAt: \"1970-01-01T00:00:00Z\") { cursor } }")
        .await["at"]["cursor"]
        .clone();
    // Each has another selection, so that no two share an execution.
    let changes = |number: usize| {
        let query = format!(
            "subscription {{ a{number}: changes(after: {oldest}) {{ record {{ label }} }} }}"
        );
        answers(&api, &viewer, query)
    };
    left_alone((0..IDLE).map(changes).collect(), &api).await;
    let mut begun: Vec<_> = (0..IDLE).map(changes).collect();
    for answers in &mut begun {
        let first = answers.next().await.unwrap();
        assert!(matches!(first, Answer::Follows(_)));
    }
    left_alone(begun, &api).await;

    let token = api.token(Role::Editor, "eva").await;
    let viewer = api.store.bearer(&token).await.unwrap().unwrap();
    let contributions = |number: usize| {
        let query = format!(
            "subscription {{ a{number}: contributions {{ title changes {{ recordId }} }} }}"
        );
        answers(&api, &viewer, query)
    };
    left_alone((0..IDLE).map(contributions).collect(), &api).await;
    let mut begun: Vec<_> = (0..IDLE).map(contributions).collect();
    let begin = begun.iter_mut().map(StreamExt::next);
    let nothing = tokio::time::timeout(Duration::from_secs(1), join_all(begin)).await;
    assert!(nothing.is_err(), "no contribution has changed yet");
    api.contributor().await.proposed(retitle(1, "New")).await;
    left_alone(begun, &api).await;
}
