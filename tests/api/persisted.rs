//! Documents that are requested by hash, or by a name that an operator trusts.

use reqwest::Method;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use cyberprofiles::graphql::limits::Limits;
use cyberprofiles::graphql::persisted::Trusted;

use crate::edge::{QUERY, ask};
use crate::harness::{Api, retitle};

fn hash(text: &str) -> String {
    use std::fmt::Write;
    let mut hash = String::new();
    for byte in Sha256::digest(text) {
        write!(hash, "{byte:02x}").unwrap();
    }
    hash
}

fn persisted(hash: &str) -> Value {
    json!({ "persistedQuery": { "version": 1, "sha256Hash": hash } })
}

#[tokio::test]
async fn a_document_can_be_requested_by_hash_after_it_was_sent_once() {
    let api = Api::seeded().await;
    let name = hash(QUERY);
    let by_hash = json!({ "extensions": persisted(&name) });
    let (status, unknown) = ask(&api, by_hash.clone()).await;
    assert_eq!(status, 400);
    assert_eq!(unknown["errors"][0]["message"], "PersistedQueryNotFound");
    assert_eq!(
        unknown["errors"][0]["extensions"]["code"],
        "PERSISTED_QUERY_NOT_FOUND"
    );
    // A hash is not accepted for another text.
    let stolen = json!({ "query": "{ head { sequence } }", "extensions": persisted(&name) });
    assert_eq!(ask(&api, stolen).await.0, 400);
    assert_eq!(ask(&api, by_hash.clone()).await.0, 400);
    let with_hash = json!({ "query": QUERY, "extensions": persisted(&name) });
    let data = json!({ "data": { "country": { "name": "Azerbaijan" } } });
    assert_eq!(ask(&api, with_hash).await, (200, data.clone()));
    assert_eq!(ask(&api, by_hash).await, (200, data.clone()));
    let by_id = json!({ "documentId": format!("sha256:{name}") });
    assert_eq!(ask(&api, by_id).await, (200, data));
    for wrong in [
        json!({ "persistedQuery": 7 }),
        json!({ "persistedQuery": { "version": 2, "sha256Hash": name } }),
        json!({ "persistedQuery": { "version": 1 } }),
    ] {
        let (status, answer) = ask(&api, json!({ "extensions": wrong })).await;
        assert_eq!(status, 400);
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert!(message.contains("persistedQuery"), "{message}");
    }
}

#[tokio::test]
async fn only_trusted_documents_are_executed_when_so_configured() {
    let folder = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| std::fs::write(folder.path().join(name), text).unwrap();
    // With the byte order mark that some editors write.
    write("Country.graphql", &format!("\u{feff}{QUERY}"));
    write(
        "relay.json",
        &format!("\u{feff}{}", json!({ "a1": "{ head { sequence } }" })),
    );
    let apollo = json!({ "format": "apollo-persisted-query-manifest", "version": 1,
        "operations": [{ "id": "b2", "name": "T", "type": "query", "body": "{ treaties(first: 1) { nodes { id } } }" }] });
    write("apollo.json", &apollo.to_string());
    let trusted = Trusted::read(folder.path(), true, &Limits::default()).unwrap();
    let api = Api::builder().trusted(trusted).start().await;
    for (body, status) in [
        (json!({ "documentId": "Country" }), 200),
        (json!({ "documentId": "a1" }), 200),
        (json!({ "documentId": "b2" }), 200),
        (json!({ "documentId": "Country", "query": QUERY }), 200),
        (
            json!({ "documentId": "Country", "extensions": persisted(&hash(QUERY)) }),
            200,
        ),
        (
            json!({ "documentId": "a1", "extensions": persisted(&hash(QUERY)) }),
            400,
        ),
        (json!({ "extensions": persisted(&hash(QUERY)) }), 200),
        (json!({ "query": QUERY }), 200),
        (json!({ "query": "{ viewer { role } }" }), 400),
        (
            json!({ "query": "{ viewer { role } }", "extensions": persisted(&hash("{ viewer { role } }")) }),
            400,
        ),
        (json!({ "documentId": "nothing" }), 400),
    ] {
        let (found, answer) = ask(&api, body.clone()).await;
        assert_eq!(found, status, "{body} {answer}");
        if body["query"] == "{ viewer { role } }" {
            assert_eq!(answer["errors"][0]["extensions"]["code"], "FORBIDDEN");
        }
    }
    // The rule applies on every transport.
    let mut socket = api.socket(json!({})).await;
    socket
        .subscribe("s", "subscription { changes { sequence } }", json!({}))
        .await;
    assert_eq!(
        socket.next().await["payload"][0]["extensions"]["code"],
        "FORBIDDEN"
    );
    let empty = tempfile::tempdir().unwrap();
    assert!(
        Trusted::read(empty.path(), true, &Limits::default())
            .unwrap_err()
            .contains("no trusted document")
    );
    for (name, text, why) in [
        ("broken.json", "{", "broken.json"),
        (
            "broken.json",
            "{ \"c3\": \"{ head {\" }",
            "`c3` is not a GraphQL document",
        ),
        (
            "broken.json",
            "{ \"a1\": \"{ viewer { role } }\" }",
            "`a1` is the id of two documents",
        ),
    ] {
        write(name, text);
        let refused = Trusted::read(folder.path(), true, &Limits::default()).unwrap_err();
        assert!(refused.contains(why), "{refused}");
    }
}

#[tokio::test]
async fn a_document_with_a_hash_of_another_text_is_refused() {
    let api = Api::seeded().await;
    for (body, named) in [
        (
            json!({ "query": QUERY, "documentId": hash("other") }),
            "`documentId`",
        ),
        (
            json!({ "query": QUERY, "extensions": persisted(&hash("other")) }),
            "`extensions.persistedQuery.sha256Hash`",
        ),
        (
            json!({ "query": QUERY, "documentId": hash(QUERY), "extensions": persisted(&hash("other")) }),
            "`extensions.persistedQuery.sha256Hash`",
        ),
    ] {
        let (status, answer) = ask(&api, body).await;
        let message = answer["errors"][0]["message"].as_str().unwrap();
        assert_eq!(status, 400);
        assert!(message.starts_with(named), "{message}");
    }
}

#[tokio::test]
async fn only_a_valid_document_is_stored_under_its_hash() {
    let api = Api::seeded().await;
    let by_hash = |text: &str| json!({ "extensions": persisted(&hash(text)) });
    let not_found = async |text: &str| {
        let (status, answer) = ask(&api, by_hash(text)).await;
        let code = answer["errors"][0]["extensions"]["code"].clone();
        assert_eq!(
            (status, code),
            (400, json!("PERSISTED_QUERY_NOT_FOUND")),
            "{text}"
        );
    };
    for wrong in [
        "{ nothing }",
        "{ head {",
        "",
        "{ head }",
        "{ country(code: 1, x: 2) { name } }",
        "query($c: Nothing!) { country(code: $c) { name } }",
        "{ ...nowhere }",
        "subscription { nothing }",
        "mutation { nothing }",
    ] {
        let with_hash = json!({ "query": wrong, "extensions": persisted(&hash(wrong)) });
        let (status, first) = ask(&api, with_hash.clone()).await;
        assert_eq!(status, 400, "{wrong}");
        not_found(wrong).await;
        // Nor does another transport store it.
        let request = api.request(Method::POST, "/graphql");
        let request = request
            .header("accept", "text/event-stream")
            .json(&with_hash);
        request.send().await.unwrap().text().await.unwrap();
        not_found(wrong).await;
        let mut socket = api.socket(json!({})).await;
        let subscribe = json!({ "type": "subscribe", "id": "s", "payload": with_hash });
        socket.send(subscribe).await;
        assert_eq!(socket.next().await["type"], "error");
        not_found(wrong).await;
        // The errors are the same as the first time.
        assert_eq!(ask(&api, with_hash).await.1, first);
    }
    // A valid document is stored when it is sent with its hash, even if its answer is cached already.
    let right = "{ head { sequence } }";
    ask(&api, json!({ "query": right })).await;
    not_found(right).await;
    let with_hash = json!({ "query": right, "extensions": persisted(&hash(right)) });
    assert_eq!(ask(&api, with_hash).await.0, 200);
    assert_eq!(ask(&api, by_hash(right)).await.0, 200);
    let right = "subscription { changes { sequence } }";
    let mut socket = api.socket(json!({})).await;
    let payload = json!({ "query": right, "extensions": persisted(&hash(right)) });
    let again = by_hash(right);
    let eva = api.editor("eva").await;
    for (version, payload) in [(1, payload), (2, again)] {
        let subscribe =
            json!({ "type": "subscribe", "id": version.to_string(), "payload": payload });
        socket.send(subscribe).await;
        // A query sent after it is answered once the subscription follows.
        let query = json!({ "query": "{ head { sequence } }" });
        socket
            .send(json!({ "type": "subscribe", "id": "q", "payload": query }))
            .await;
        assert_eq!(socket.next().await["type"], "next");
        assert_eq!(socket.next().await["type"], "complete");
        eva.publish(retitle(version, &format!("New {version}")))
            .await;
        for _ in 0..version {
            let message = socket.next().await;
            assert_eq!(message["type"], "next", "{message}");
        }
    }
}
