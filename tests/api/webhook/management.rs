//! The owner's edits, and what others see of a webhook.

use cyberprofiles::graphql::limits::Limits;
use serde_json::{Value, json};

use super::receiver::Receiver;
use super::{DOCUMENT, Owner, before_last, end, posting, quick, until_edits_are_read};
use crate::harness::{Api, roomy};

#[tokio::test]
async fn a_webhook_is_shown_to_its_owner_alone() {
    let api = posting().await;
    let receiver = Receiver::taking().await;
    let carla = Owner::new(&api, "carla").await;
    let dora = Owner::new(&api, "dora").await;
    let (id, secret) = carla.create(&receiver.url(), None).await;
    assert!(
        secret.starts_with("whsec_") && secret.len() == 50,
        "{secret}"
    );
    let webhooks = "{ webhooks { id url document state behind lastError deliveries { at } } }";
    let found = carla.ask(webhooks, json!({})).await;
    assert_eq!(
        found["webhooks"],
        json!([{ "id": id, "url": receiver.url(), "document": DOCUMENT, "state": "ACTIVE", "behind": 0,
            "lastError": null, "deliveries": [] }])
    );
    assert_eq!(dora.ask(webhooks, json!({})).await["webhooks"], json!([]));
    assert_eq!(dora.webhook(&id).await, Value::Null);
    for mutation in ["updateWebhook", "deleteWebhook"] {
        let payload = dora.mutate(mutation, json!({ "id": id })).await;
        assert_eq!(payload["userErrors"][0]["code"], "NOT_FOUND");
        assert_eq!(payload["userErrors"][0]["path"], json!(["id"]));
    }
    let anyone = api.anyone();
    let query = format!("{{ node(id: \"{id}\") {{ id }} }}");
    let answer = anyone.ask(&query, json!({})).await;
    assert_eq!(answer.data()["node"], Value::Null);
    let gone = carla.mutate("deleteWebhook", json!({ "id": id })).await;
    assert_eq!(gone["webhook"]["id"], json!(id));
    assert_eq!(carla.ask(webhooks, json!({})).await["webhooks"], json!([]));
    until_edits_are_read().await;
    super::publish(&api, 1, "later").await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    assert!(receiver.received().is_empty());
}

#[tokio::test]
async fn each_fault_of_a_document_is_a_finding_with_its_path() {
    let api = Api::builder().webhooks(quick()).start().await;
    let carla = Owner::new(&api, "carla").await;
    for (document, expected) in [
        ("subscription { changes { idd } }", "idd"),
        ("subscription { changes {", "line 1"),
        ("{ viewer { id } }", "expected a subscription to `changes`"),
        (
            "subscription { contributions { id } }",
            "expected a subscription to `changes`",
        ),
        (
            "subscription { changes(after: \"x\") { id } }",
            "not a cursor",
        ),
        (
            "subscription { changes(filter: { countries: [\"Q\"] }) { id } }",
            "filter.countries",
        ),
        (
            "subscription($c: Cursor!) { changes(after: $c) { id } }",
            "$c",
        ),
        (
            "subscription A { changes { id } } subscription B { changes { id } }",
            "the document has several operations: expected one subscription to `changes`",
        ),
        ("", "line 1"),
    ] {
        let input = json!({ "url": "http://127.0.0.1:9/", "document": document });
        let payload = carla.mutate("createWebhook", input).await;
        assert_eq!(payload["webhook"], Value::Null);
        let error = &payload["userErrors"][0];
        assert_eq!(error["code"], "INVALID", "{payload:#}");
        assert_eq!(error["path"], json!(["document"]));
        let message = error["message"].as_str().unwrap();
        assert!(message.contains(expected), "{document}: {message}");
    }
    let (own_cursor, _) = before_last(&api, 1).await;
    let document = format!("subscription {{ changes(after: \"{own_cursor}\") {{ id }} }}");
    let input = json!({ "url": "http://127.0.0.1:9/", "document": document });
    let payload = carla.mutate("createWebhook", input).await;
    let message = payload["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("must not contain `after`"), "{message}");
    let long = format!("{DOCUMENT} #{}", "x".repeat(20_000));
    let input =
        json!({ "url": "nonsense", "document": long, "after": "nonsense", "idempotencyKey": "" });
    let payload = carla.mutate("createWebhook", input).await;
    let found = payload["userErrors"].as_array().unwrap();
    let paths: Vec<&str> = found
        .iter()
        .map(|one| one["path"][0].as_str().unwrap())
        .collect();
    assert_eq!(paths, ["idempotencyKey", "url", "document", "after"]);
}

#[tokio::test]
async fn an_address_with_port_0_or_a_fragment_is_refused_with_the_reason() {
    let api = Api::builder().webhooks(quick()).start().await;
    let carla = Owner::new(&api, "carla").await;
    let (id, _) = carla.create("http://127.0.0.1:9/hook", None).await;
    for (url, reason) in [
        (
            "http://127.0.0.1:0/hook",
            "no connection can be made to port 0: expected another port",
        ),
        (
            "http://127.0.0.1:9/hook#part",
            "the part after `#` is not sent to a server: expected an address without it",
        ),
        (
            "http://127.0.0.1:9/hook#",
            "the part after `#` is not sent to a server",
        ),
    ] {
        for (mutation, input) in [
            ("createWebhook", json!({ "url": url, "document": DOCUMENT })),
            ("updateWebhook", json!({ "id": id, "url": url })),
        ] {
            let payload = carla.mutate(mutation, input).await;
            let error = &payload["userErrors"][0];
            assert_eq!(
                (&error["code"], &error["path"]),
                (&json!("INVALID"), &json!(["url"])),
                "{payload:#}"
            );
            assert!(
                error["message"].as_str().unwrap().contains(reason),
                "{error}"
            );
        }
    }
}

#[tokio::test]
async fn the_quota_of_edits_names_webhooks() {
    let limits = Limits {
        max_proposals_per_second: 1,
        ..roomy()
    };
    let api = Api::builder()
        .limits(limits)
        .webhooks(quick())
        .start()
        .await;
    let carla = api.contributor().await;
    let create = "mutation ($i: CreateWebhookInput!) { createWebhook(input: $i) { userErrors { message } } }";
    let mut refused = None;
    for _ in 0..20 {
        let input = json!({ "url": "nonsense", "document": DOCUMENT });
        let answer = carla.ask(create, json!({ "i": input })).await;
        if answer.body["errors"].is_array() {
            refused = Some(answer);
            break;
        }
    }
    let refused = refused.unwrap();
    assert_eq!(refused.code(), "RATE_LIMITED");
    let expected = "too many contributions, comments and edits of webhooks by one person: wait ";
    assert!(
        refused.message().starts_with(expected),
        "{}",
        refused.message()
    );
}

#[tokio::test]
async fn a_repeated_request_creates_one_webhook_and_shows_its_secret_once() {
    let limits = Limits {
        max_webhooks_per_person: 2,
        ..roomy()
    };
    let api = Api::builder()
        .limits(limits)
        .webhooks(quick())
        .start()
        .await;
    let carla = Owner::new(&api, "carla").await;
    let input = |url: &str, key: Option<&str>| json!({ "url": url, "document": DOCUMENT, "idempotencyKey": key });
    let first = carla
        .mutate("createWebhook", input("http://127.0.0.1:9/a", Some("k")))
        .await;
    assert!(first["secret"].is_string());
    let again = carla
        .mutate("createWebhook", input("http://127.0.0.1:9/a", Some("k")))
        .await;
    assert_eq!(again["webhook"]["id"], first["webhook"]["id"]);
    assert_eq!(again["secret"], Value::Null);
    let other = carla
        .mutate("createWebhook", input("http://127.0.0.1:9/b", Some("k")))
        .await;
    assert_eq!(other["userErrors"][0]["code"], "IDEMPOTENCY_MISMATCH");
    let second = carla.mutate("createWebhook", input("http://127.0.0.1:9/b", None));
    assert_eq!(second.await["userErrors"], json!([]));
    let third = carla
        .mutate("createWebhook", input("http://127.0.0.1:9/c", None))
        .await;
    let message = third["userErrors"][0]["message"].as_str().unwrap();
    assert!(message.contains("at most 2 webhooks"), "{message}");
    // After a deletion there is room, and the key is free.
    let id = first["webhook"]["id"].clone();
    carla.mutate("deleteWebhook", json!({ "id": id })).await;
    let anew = carla
        .mutate("createWebhook", input("http://127.0.0.1:9/b", Some("k")))
        .await;
    assert!(anew["secret"].is_string(), "{anew:#}");
}

#[tokio::test]
async fn an_edit_changes_the_address_the_document_and_the_position() {
    let api = posting().await;
    let carla = Owner::new(&api, "carla").await;
    let (first, second) = (Receiver::taking().await, Receiver::taking().await);
    let (id, _) = carla.create(&first.url(), None).await;
    let last = super::publish(&api, 2, "one").await;
    first.wait_for(2).await;
    carla.until_taken(&id).await;
    carla
        .update(json!({ "id": id, "url": second.url(), "document": "subscription { changes { sequence actor { name } } }" }))
        .await;
    until_edits_are_read().await;
    super::publish(&api, 1, "two").await;
    let told = second.wait_for(1).await;
    assert_eq!(told[0].change()["actor"]["name"], "cyberprofiles");
    assert_eq!(told[0].sequence(), last + 1);
    carla.until_taken(&id).await;
    let (cursor, first_again) = before_last(&api, 100).await;
    let refused = carla
        .mutate("updateWebhook", json!({ "id": id, "after": cursor }))
        .await;
    assert_eq!(refused["userErrors"][0]["path"], json!(["after"]));
    // From an earlier position.
    carla
        .update(json!({ "id": id, "resume": true, "after": cursor }))
        .await;
    let told = second.wait_for(1 + 100).await;
    let expected: Vec<i64> = (first_again..=end(&api).await).collect();
    let sequences: Vec<i64> = told[1..]
        .iter()
        .map(super::receiver::Received::sequence)
        .collect();
    assert_eq!(sequences, expected);
    assert_eq!(first.received().len(), 2);
}
