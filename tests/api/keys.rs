//! Keys of records: a retired one stays taken.

use serde_json::{Value, json};

use crate::harness::Api;

fn source(key: Option<&str>, title: &str) -> Value {
    let mut create = json!({ "fields": { "kind": "OTHER", "title": title } });
    if let Some(key) = key {
        create["key"] = json!(key);
    }
    json!({ "createSource": create })
}

fn retire(version: i64) -> Value {
    json!({ "retire": { "id": "Source:dead", "baseVersion": version, "reason": "For this test." } })
}

fn restore(version: i64) -> Value {
    json!({ "restore": { "id": "Source:dead", "baseVersion": version, "reason": "For this test." } })
}

fn refused() -> Value {
    refused_because("Source:dead is retired: restore it")
}

fn refused_because(message: &str) -> Value {
    json!({ "code": "DUPLICATE", "message": message, "path": ["changes", "0", "createSource", "key"] })
}

#[tokio::test]
async fn only_a_restore_makes_a_retired_key_current_again() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    eva.publish(json!([source(Some("dead"), "Dead")])).await;
    // A contribution that creates the key again and retires its record is refused too.
    let leaving = carla
        .propose(json!([source(Some("dead"), "Other"), retire(1)]))
        .await;
    let exists = "Source:dead exists already: expected another key, or an update of that record";
    assert_eq!(leaving["userErrors"][0], refused_because(exists));
    eva.publish(json!([retire(1)])).await;
    for title in ["Dead", "Other"] {
        let payload = carla.propose(json!([source(Some("dead"), title)])).await;
        assert_eq!(payload["userErrors"], json!([refused()]));
    }
    let both = carla
        .propose(json!([source(Some("dead"), "Dead"), restore(1)]))
        .await;
    assert_eq!(both["userErrors"][0], refused());
    // Without a key the next free one is derived.
    let named = carla.propose(json!([source(None, "Dead")])).await;
    assert_eq!(
        named["contribution"]["changes"][0]["recordId"],
        "Source:dead-2"
    );
    eva.publish(json!([restore(1)])).await;
    let query = "{ node(id: \"Source:dead\") { ... on Source { version title history { nodes { version operation } } } }
        diff(id: \"Source:dead\", from: 1, to: 2) { field } }";
    assert_eq!(
        api.query(query).await,
        json!({ "node": { "version": 2, "title": "Dead", "history": { "nodes": [
            { "version": 1, "operation": "CREATE" },
            { "version": 1, "operation": "RETIRE" },
            { "version": 2, "operation": "RESTORE" } ] } }, "diff": [] })
    );
}

#[tokio::test]
async fn accepting_a_create_whose_key_was_retired_meanwhile_is_refused() {
    let api = Api::seeded().await;
    let (carla, eva) = (api.contributor().await, api.editor("eva").await);
    let waits = carla.proposed(json!([source(Some("dead"), "Late")])).await;
    eva.publish(json!([source(Some("dead"), "Dead")])).await;
    eva.publish(json!([retire(1)])).await;
    let payload = eva.accept(&waits).await;
    assert_eq!(payload["contribution"], Value::Null);
    assert_eq!(payload["userErrors"][0]["code"], "DUPLICATE");
    let message = payload["userErrors"][0]["message"].as_str().unwrap();
    assert!(
        message.ends_with("Source:dead is retired: restore it"),
        "{message}"
    );
}

#[tokio::test]
async fn a_data_file_that_retires_and_restores_a_record_leaves_it_current() {
    let api = Api::seeded().await;
    let lines = [source(Some("dead"), "Dead"), retire(1), restore(1)];
    let file = lines.map(|line| line.to_string()).join("\n");
    for created in [1, 0] {
        let imported = api.import(&file, false).await.unwrap();
        assert_eq!(imported.created, created);
        let query =
            "{ node(id: \"Source:dead\") { ... on Source { version retired { reason } } } }";
        assert_eq!(
            api.query(query).await["node"],
            json!({ "version": 2, "retired": null })
        );
    }
}
