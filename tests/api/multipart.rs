//! Following in a multipart response, as Apollo Client does: the same changes as over the WebSocket and events.

use std::process::{Command, Stdio};
use std::time::Duration;

use cyberprofiles::domain::viewer::Role;
use cyberprofiles::graphql::limits::Limits;
use reqwest::Method;
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONTENT_TYPE};
use serde_json::{Value, json};

use crate::harness::{Api, bundled, retitle, roomy};
use crate::program::{address, program};

const APOLLO: &str = "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0,application/json";
const DELIMITER: &str = "\r\n--graphql";
const CHANGES: &str = "subscription { changes { sequence } }";

/// A multipart response that is read part by part.
struct Parts {
    response: reqwest::Response,
    text: String,
    /// Number of heartbeats received.
    heartbeats: usize,
}

impl Parts {
    async fn ask(request: reqwest::RequestBuilder) -> Self {
        let response = request.header(ACCEPT, APOLLO).send().await.unwrap();
        assert_eq!(response.status(), 200);
        for (name, value) in [
            (
                CONTENT_TYPE.as_str(),
                "multipart/mixed;boundary=\"graphql\";subscriptionSpec=1.0",
            ),
            ("cache-control", "no-cache"),
            ("x-accel-buffering", "no"),
        ] {
            assert_eq!(response.headers()[name], value, "{name}");
        }
        let mut parts = Self {
            response,
            text: String::new(),
            heartbeats: 0,
        };
        assert_eq!(parts.until_delimiter().await, "");
        parts
    }

    /// The text before the next delimiter. A part is complete only with the delimiter behind it.
    async fn until_delimiter(&mut self) -> String {
        loop {
            if let Some((before, rest)) = self.text.split_once(DELIMITER) {
                let (before, rest) = (before.to_owned(), rest.to_owned());
                self.text = rest;
                return before;
            }
            let wait = Duration::from_mins(1);
            let chunk = tokio::time::timeout(wait, self.response.chunk()).await;
            let chunk = chunk.unwrap().unwrap().expect("a delimiter");
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
    }

    /// The next part that is no heartbeat.
    async fn next(&mut self) -> Value {
        loop {
            let part = self.until_delimiter().await;
            let body = part.strip_prefix("\r\ncontent-type: application/json\r\n\r\n");
            let body = serde_json::from_str(body.expect("a part of JSON")).unwrap();
            if body != json!({}) {
                return body;
            }
            self.heartbeats += 1;
        }
    }

    /// Asserts that the closing delimiter follows, and nothing else.
    async fn assert_end(mut self) {
        while let Some(chunk) = self.response.chunk().await.unwrap() {
            self.text += std::str::from_utf8(&chunk).unwrap();
        }
        assert_eq!(self.text, "--\r\n");
    }
}

fn post(api: &Api, query: &str) -> reqwest::RequestBuilder {
    api.request(Method::POST, "/graphql")
        .json(&json!({ "query": query }))
}

fn get(api: &Api, query: &str) -> reqwest::RequestBuilder {
    api.request(Method::GET, "/graphql")
        .query(&[("query", query)])
}

#[tokio::test]
async fn multipart_responses_and_websockets_return_identical_changes() {
    let api = Api::seeded().await;
    let first = api
        .query("{ changes(first: 1) { nodes { cursor } } }")
        .await;
    let first = &first["changes"]["nodes"][0]["cursor"];
    let fields =
        "cursor sequence operation record { id label } fields { field after } countries { name }";
    let subscription = format!("subscription {{ changes(after: {first}) {{ {fields} }} }}");
    let mut posted = Parts::ask(post(&api, &subscription)).await;
    let mut got = Parts::ask(get(&api, &subscription)).await;
    let mut socket = api.socket(json!({})).await;
    socket.subscribe("s", &subscription, json!({})).await;
    for number in 0..50 {
        let told = json!({ "payload": { "data": socket.event().await } });
        assert_eq!(
            posted.next().await.to_string(),
            told.to_string(),
            "{number}"
        );
        assert_eq!(got.next().await, told, "{number}");
    }
}

#[tokio::test]
async fn a_change_arrives_at_once_even_if_the_client_accepts_compression() {
    let api = Api::seeded().await;
    let request = post(&api, CHANGES).header(ACCEPT_ENCODING, "gzip, br");
    let mut parts = Parts::ask(request).await;
    assert_eq!(parts.response.headers().get("content-encoding"), None);
    api.followed_by(1).await;
    api.editor("eva").await.publish(retitle(1, "New")).await;
    // The next heartbeat comes in fifteen seconds.
    let change = tokio::time::timeout(Duration::from_secs(10), parts.next()).await;
    assert!(change.unwrap()["payload"]["data"]["changes"]["sequence"].is_i64());
    assert_eq!(parts.heartbeats, 1, "the one that begins the subscription");
}

#[tokio::test]
async fn a_slow_reader_receives_every_change_in_order() {
    let api = Api::seeded().await;
    let oldest = api.query("{ at(knownAt: \"1970-01-01T00:00:00Z\") { cursor } }");
    let oldest = oldest.await["at"]["cursor"].clone();
    // More than the buffers of both sides hold.
    let replay = format!(
        "subscription {{ changes(after: {oldest}) {{ sequence record {{ id label citations {{ quote }} }} }} }}"
    );
    let mut parts = Parts::ask(post(&api, &replay)).await;
    tokio::time::sleep(Duration::from_secs(1)).await;
    for sequence in 1..=bundled() {
        let change = &parts.next().await["payload"]["data"]["changes"];
        assert_eq!(change["sequence"], sequence);
    }
}

#[tokio::test]
async fn queries_and_mutations_under_accept_multipart_have_json_responses() {
    let api = Api::seeded().await;
    let query = "{ treaty(reference: \"ETS 185\") { reference } }";
    let expected = json!({ "data": { "treaty": { "reference": "ETS 185" } } });
    for accept in [APOLLO, "multipart/mixed;subscriptionSpec=1.0"] {
        // The second response comes from the cache.
        for request in [post(&api, query), post(&api, query), get(&api, query)] {
            let response = request.header(ACCEPT, accept).send().await.unwrap();
            let kind = response.headers()[CONTENT_TYPE].to_str().unwrap();
            assert_eq!(kind, "application/json; charset=utf-8", "{accept}");
            assert_eq!(response.json::<Value>().await.unwrap(), expected);
        }
        let invalid = post(&api, "subscription { nothing }").header(ACCEPT, accept);
        let invalid: Value = invalid.send().await.unwrap().json().await.unwrap();
        assert_eq!(invalid["errors"][0]["extensions"]["code"], "BAD_USER_INPUT");
    }
    // Other versions and other uses of multipart are not known.
    for accept in ["multipart/mixed", "multipart/mixed;subscriptionSpec=2.0"] {
        let refused = post(&api, CHANGES).header(ACCEPT, accept).send().await;
        assert_eq!(refused.unwrap().status(), 406, "{accept}");
    }
}

#[tokio::test]
async fn a_refused_subscription_is_one_part_with_its_error_and_the_end() {
    let api = Api::seeded().await;
    let query = "subscription { changes(after: \"nowhere\") { sequence } }";
    let mut parts = Parts::ask(post(&api, query)).await;
    let refused = parts.next().await;
    let errors = &refused["payload"]["errors"];
    assert_eq!(errors[0]["extensions"]["code"], "BAD_USER_INPUT");
    assert_eq!(refused.as_object().unwrap().len(), 1, "{refused}");
    parts.assert_end().await;
}

#[tokio::test]
async fn a_silent_multipart_response_sends_heartbeats() {
    let api = Api::builder()
        .limits(Limits {
            max_silence_ms: 1_000,
            ..roomy()
        })
        .start()
        .await;
    let mut parts = Parts::ask(post(&api, CHANGES)).await;
    let nothing = tokio::time::timeout(Duration::from_secs(3), parts.next()).await;
    assert!(nothing.is_err());
    assert!((4..=7).contains(&parts.heartbeats), "{}", parts.heartbeats);
}

#[tokio::test]
async fn a_stopping_server_ends_multipart_responses_with_their_last_cursor() {
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
    let mut parts = Parts::ask(ask(CHANGES)).await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    let stopped = Command::new("kill")
        .args(["-TERM", &server.id().to_string()])
        .status();
    assert!(stopped.unwrap().success());
    assert_eq!(
        parts.next().await,
        json!({
            "payload": null,
            "errors": [{
                "message": "the server is stopping: reconnect",
                "extensions": { "code": "UNAVAILABLE", "lastCursor": head["data"]["head"]["cursor"] },
            }],
        })
    );
    parts.assert_end().await;
    assert!(server.wait().unwrap().success());
}

#[tokio::test]
async fn revoking_a_token_ends_its_multipart_response_with_the_reason() {
    let api = Api::seeded().await;
    let token = api.token(Role::Editor, "eva").await;
    let mut parts = Parts::ask(post(&api, CHANGES).bearer_auth(&token)).await;
    api.followed_by(1).await;
    let id = api.store.tokens().await.unwrap()[0].id.clone();
    api.store.revoke_token(&id).await.unwrap();
    let last = parts.next().await;
    assert_eq!(last["payload"], Value::Null);
    let error = &last["errors"][0];
    assert_eq!(error["message"], "the token is unknown, expired or revoked");
    assert_eq!(error["extensions"]["code"], "UNAUTHENTICATED");
    assert!(error["extensions"]["lastCursor"].is_string());
    parts.assert_end().await;
    api.followed_by(0).await;
}
