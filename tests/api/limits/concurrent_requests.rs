//! How many requests may be executed at once.

use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use serde_json::json;

use crate::harness::{Api, roomy};

/// Some work.
const QUERY: &str =
    "{ countries(first: 100) { nodes { code names { text } treatyStatus { status } } } }";

async fn one_at_once() -> Api {
    Api::seeded_with(Limits {
        max_concurrent_requests: 1,
        ..roomy()
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn more_requests_than_may_be_executed_are_told_so_at_once() {
    let api = one_at_once().await;
    // Many at once, each some work: some are executed, the others hear at once that they are not.
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
async fn events_too_are_bounded_while_they_are_executed() {
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
    // Who follows takes no part of it.
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
