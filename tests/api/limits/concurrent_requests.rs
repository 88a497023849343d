//! Number of requests that are executed at the same time.

use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use serde_json::{Value, json};

use super::{eventually, has_room};
use crate::harness::{Api, roomy};

/// A query that takes some time.
const QUERY: &str =
    "{ countries(first: 100) { nodes { code names { text } treatyStatus { status } } } }";

async fn one_at_once() -> Api {
    Api::builder()
        .limits(Limits {
            max_concurrent_requests: 1,
            max_complexity: i32::MAX,
            max_anonymous_complexity: i32::MAX,
            ..roomy()
        })
        .start()
        .await
}

#[tokio::test(flavor = "multi_thread")]
async fn requests_over_max_concurrent_requests_get_503_at_once() {
    let api = one_at_once().await;
    // Some of many simultaneous requests are executed; the others are refused at once.
    let asked = (0..40).map(|number| {
        let request = api.request(Method::POST, "/graphql");
        let request = request.json(&json!({ "query": format!("{QUERY} #{number}") }));
        tokio::spawn(async move { request.send().await.unwrap() })
    });
    let mut found = std::collections::BTreeMap::new();
    for asked in asked.collect::<Vec<_>>() {
        let response = asked.await.unwrap();
        let status = response.status().as_u16();
        if status == 503 {
            assert_eq!(response.headers()["retry-after"], "1");
        }
        *found.entry(status).or_insert(0) += 1;
    }
    assert_eq!(
        found.keys().copied().collect::<Vec<_>>(),
        [200, 503],
        "{found:?}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn max_concurrent_requests_applies_to_event_streams_only_while_they_execute() {
    let api = one_at_once().await;
    let asked = (0..30).map(|number| {
        let request = api.request(Method::POST, "/graphql");
        let request = request.header("accept", "text/event-stream");
        let request = request.json(&json!({ "query": format!("{QUERY} #{number}") }));
        tokio::spawn(async move {
            let response = request.send().await.unwrap();
            let status = response.status().as_u16();
            response.bytes().await.unwrap();
            status
        })
    });
    let mut found = std::collections::BTreeSet::new();
    for asked in asked.collect::<Vec<_>>() {
        found.insert(asked.await.unwrap());
    }
    assert_eq!(found.into_iter().collect::<Vec<_>>(), [200, 503]);
    // A subscription does not count while it waits.
    let follow = |_| {
        let request = api.request(Method::POST, "/graphql");
        let request = request.header("accept", "text/event-stream");
        request
            .json(&json!({ "query": "subscription { changes { sequence } }" }))
            .send()
    };
    let following = futures_util::future::join_all((0..3).map(follow)).await;
    assert!(
        following
            .iter()
            .all(|one| one.as_ref().unwrap().status() == 200)
    );
    api.query_once("{ head { sequence } }").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn max_concurrent_requests_applies_to_websocket_operations() {
    let api = one_at_once().await;
    let mut socket = api.socket(Value::Null).await;
    for number in 0..30 {
        let query = format!("{QUERY} #{number}");
        socket
            .subscribe(&number.to_string(), &query, Value::Null)
            .await;
    }
    let mut found = std::collections::BTreeSet::new();
    while found.len() < 2 {
        let message = socket.next().await;
        match message["type"].as_str().unwrap() {
            "next" => assert!(message["payload"]["data"].is_object(), "{message:#}"),
            "error" => assert_eq!(
                message["payload"][0]["extensions"]["code"], "UNAVAILABLE",
                "{message:#}"
            ),
            _ => continue,
        }
        found.insert(message["type"].to_string());
    }
    // A subscription does not count while it waits.
    for number in 0..3 {
        let id = format!("follows-{number}");
        let follows = "subscription { changes(after: \"BEGIN\") { sequence } }";
        socket.subscribe(&id, follows, Value::Null).await;
    }
    eventually(async || has_room(&api).await).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn unread_websocket_answers_do_not_block_other_requests() {
    let api = one_at_once().await;
    let mut socket = api.socket(Value::Null).await;
    let many: Vec<String> = (0..30)
        .map(|at| {
            format!(
                "a{at}: countries(first: 100) {{ nodes {{ id code name disclaimer region subregion names {{ text language }} }} }}"
            )
        })
        .collect();
    let much = format!("{{ {} }}", many.join(" "));
    let one = api.anyone().ask(&much, Value::Null).await.data();
    assert!(one.to_string().len() > 500_000);
    // More data than the buffers on the way hold.
    for number in 0..99 {
        let query = format!("{much} #{number}");
        socket
            .subscribe(&number.to_string(), &query, Value::Null)
            .await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        eventually(async || has_room(&api).await).await;
        if is_stuck(&api).await {
            break;
        }
    }
    for number in 0..3 {
        let query = format!("{much} # and {number}");
        let id = format!("and-{number}");
        socket.subscribe(&id, &query, Value::Null).await;
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        eventually(async || has_room(&api).await).await;
    }
    // Unread messages are counted until the WebSocket is gone.
    assert!(is_stuck(&api).await);
    drop(socket);
    eventually(async || waiting(&api).await == 0).await;
}

/// True if some message waits for half a second.
async fn is_stuck(api: &Api) -> bool {
    for _ in 0..10 {
        if waiting(api).await == 0 {
            return false;
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
    true
}

/// Number of messages that wait on all WebSockets.
async fn waiting(api: &Api) -> i64 {
    let metrics = api.request(Method::GET, "/metrics").send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    let mut lines = metrics.lines();
    let line = lines.find_map(|line| line.strip_prefix("cyberprofiles_messages_waiting "));
    line.unwrap().parse().unwrap()
}
